// SPDX-License-Identifier: PostgreSQL
#include "pg/settings.h"

#include <climits>

#include "pg/server.h"

namespace pgmigrate::pg {
namespace {

constinit int lock_budget_ms = 200;
constinit int lock_deadline_ms = 60'000;
constinit char *session_version = nullptr;

}  // namespace

void DefineSettings() {
    DefineCustomIntVariable("pgmigrate.lock_budget",
                            "Longest time one attempt to lock a table may queue in front of application statements.",
                            nullptr, &lock_budget_ms, 200, 1, 60'000, PGC_USERSET, GUC_UNIT_MS, nullptr, nullptr,
                            nullptr);
    DefineCustomIntVariable("pgmigrate.lock_deadline", "How long to go on trying to lock the tables of a migration.",
                            nullptr, &lock_deadline_ms, 60'000, 0, INT_MAX, PGC_USERSET, GUC_UNIT_MS, nullptr, nullptr,
                            nullptr);
    DefineCustomStringVariable("pgmigrate.version", "Version schema that this session's direct table writes belong to.",
                               "Needed only where neither the view written to nor search_path tells.", &session_version,
                               "", PGC_USERSET, 0, nullptr, nullptr, nullptr);
    MarkGUCPrefixReserved("pgmigrate");
}

std::chrono::milliseconds LockBudget() { return std::chrono::milliseconds(lock_budget_ms); }
std::chrono::milliseconds LockDeadline() { return std::chrono::milliseconds(lock_deadline_ms); }
std::string SessionVersion() { return session_version ? session_version : ""; }

}  // namespace pgmigrate::pg
