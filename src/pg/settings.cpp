// SPDX-License-Identifier: PostgreSQL
#include "pg/settings.h"

#include <climits>

#include "lifecycle/ranges.h"
#include "pg/server.h"

namespace pgmigrate::pg {
namespace {

constinit int fill_workers = 0;
constinit int lock_budget_ms = 200;
constinit int lock_deadline_ms = 60'000;
constinit char *session_version = nullptr;
constinit char *min_free_disk = nullptr;

/// Called by the server, which no exception may reach: parsing throws none.
bool IsFreeDiskFloor(char **value, void **, GucSource) {
    if (ParseFreeDiskFloor(*value)) return true;
    GUC_check_errhint("A share such as \"25%%\", or a size such as \"10GB\" with unit B, kB, MB, GB or TB.");
    return false;
}

}  // namespace

void DefineSettings() {
    DefineCustomIntVariable("pgmigrate.fill_workers",
                            "Most processes that fill the tables of a migration, its worker included.",
                            "0: half of the processor cores, at most 4, and one per 128 MB of table size.",
                            &fill_workers, 0, 0, kMostFillers, PGC_SIGHUP, 0, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("pgmigrate.lock_budget",
                            "Longest time one attempt to lock a table may queue in front of application statements.",
                            nullptr, &lock_budget_ms, 200, 1, 60'000, PGC_USERSET, GUC_UNIT_MS, nullptr, nullptr,
                            nullptr);
    DefineCustomIntVariable("pgmigrate.lock_deadline", "How long to go on trying to lock the tables of a migration.",
                            nullptr, &lock_deadline_ms, 60'000, 0, INT_MAX, PGC_USERSET, GUC_UNIT_MS, nullptr, nullptr,
                            nullptr);
    DefineCustomStringVariable("pgmigrate.min_free_disk",
                               "What a migration must leave free on disk: a share of the file system, or a size.",
                               "0 turns the check of disk space off.", &min_free_disk, "25%", PGC_USERSET, 0,
                               IsFreeDiskFloor, nullptr, nullptr);
    DefineCustomStringVariable("pgmigrate.version", "Version schema that this session's direct table writes belong to.",
                               "Needed only where neither the view written to nor search_path tells.", &session_version,
                               "", PGC_USERSET, 0, nullptr, nullptr, nullptr);
    MarkGUCPrefixReserved("pgmigrate");
}

int FillWorkers() { return fill_workers; }
std::chrono::milliseconds LockBudget() { return std::chrono::milliseconds(lock_budget_ms); }
std::chrono::milliseconds LockDeadline() { return std::chrono::milliseconds(lock_deadline_ms); }
FreeDiskFloor MinFreeDisk() { return ParseFreeDiskFloor(min_free_disk).value_or(FreeDiskFloor{}); }
std::string SessionVersion() { return session_version ? session_version : ""; }

}  // namespace pgmigrate::pg
