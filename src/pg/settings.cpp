// SPDX-License-Identifier: PostgreSQL
#include "pg/settings.h"

#include <cctype>
#include <climits>
#include <utility>

#include "lifecycle/ranges.h"
#include "pg/server.h"

namespace pgmigrate::pg {
namespace {

constinit int fill_workers = 0;
constinit int lock_budget_ms = 200;
constinit int lock_deadline_ms = 60'000;
constinit int fill_patience_ms = 2000;
constinit int fill_wish = static_cast<int>(FillWish::kAuto);
constinit char *session_version = nullptr;
constinit char *min_free_disk = nullptr;
constinit int force_blocker_age_ms = 30'000;
constinit int fill_rate_limit_kb = 0;
constinit int max_replay_lag_ms = 10'000;
constinit char *standbys = nullptr;
constinit int max_slot_wal_mb = 10'240;
constinit int max_archive_backlog = 64;
constinit double max_active_sessions = 2;
constinit int max_commit_latency_ms = 100;
constinit int max_checkpoint_distance = 95;
constinit int max_horizon_age_s = 1'800;
constinit int autovacuum_yield_s = 60;
constinit char *pressure_query = nullptr;

const config_enum_entry kFillWishes[] = {{"auto", static_cast<int>(FillWish::kAuto), false},
                                         {"page", static_cast<int>(FillWish::kPage), false},
                                         {"update", static_cast<int>(FillWish::kUpdate), false},
                                         {nullptr, 0, false}};

/// Called by the server, which no exception may reach: parsing throws none.
bool IsFreeDiskFloor(char **value, void **, GucSource) {
    if (ParseFreeDiskFloor(*value)) return true;
    GUC_check_errhint("A share such as \"25%%\", or a size such as \"10GB\" with unit B, kB, MB, GB or TB.");
    return false;
}

/// What only the server's configuration may set, for all migrations at once: a worker runs with more rights than who
/// may set something for a database or a role.
void DefineInt(const char *name, const char *meaning, int *variable, int least, int flags) {
    DefineCustomIntVariable(name, meaning, least < 0 ? "-1 turns it off." : nullptr, variable, *variable, least,
                            INT_MAX, PGC_SIGHUP, flags, nullptr, nullptr, nullptr);
}

void DefinePressureSettings() {
    DefineInt("pgmigrate.fill_rate_limit", "Heap that all fill workers of a migration visit per second; 0: no limit.",
              &fill_rate_limit_kb, 0, GUC_UNIT_KB);
    DefineInt("pgmigrate.max_replay_lag", "How far a standby may fall behind before migrations stop.",
              &max_replay_lag_ms, -1, GUC_UNIT_MS);
    DefineCustomStringVariable("pgmigrate.standbys", "Standbys (application_name) whose replay lag counts.",
                               "Empty: all that are connected. A migration stops while one of them is missing.",
                               &standbys, "", PGC_SIGHUP, GUC_LIST_INPUT, nullptr, nullptr, nullptr);
    DefineInt("pgmigrate.max_slot_wal", "WAL kept for a replication slot above which migrations stop.",
              &max_slot_wal_mb, -1, GUC_UNIT_MB);
    DefineInt("pgmigrate.max_archive_backlog", "WAL files that wait to be archived above which migrations stop.",
              &max_archive_backlog, -1, 0);
    DefineCustomRealVariable("pgmigrate.max_active_sessions",
                             "Active sessions per core at which migrations are slowest.", "-1 turns it off.",
                             &max_active_sessions, 2, -1, 1e6, PGC_SIGHUP, 0, nullptr, nullptr, nullptr);
    DefineInt("pgmigrate.max_commit_latency", "Mean wait of a commit at which migrations are slowest.",
              &max_commit_latency_ms, -1, GUC_UNIT_MS);
    DefineInt("pgmigrate.max_checkpoint_distance",
              "WAL since the last checkpoint, in percent of max_wal_size, above which migrations stop.",
              &max_checkpoint_distance, -1, 0);
    DefineInt("pgmigrate.max_horizon_age", "How long one transaction may hold back vacuum before migrations stop.",
              &max_horizon_age_s, -1, GUC_UNIT_S);
    DefineInt("pgmigrate.autovacuum_yield",
              "How long a fill lets an autovacuum of its table go first, in ten times as long.", &autovacuum_yield_s, 0,
              GUC_UNIT_S);
    DefineCustomStringVariable("pgmigrate.pressure_query",
                               "Query that gives a number: migrations slow down from 0.5 and stop from 1 on.",
                               "It runs as the role that started the migration.", &pressure_query, "", PGC_SIGHUP, 0,
                               nullptr, nullptr, nullptr);
}

std::vector<std::string> NamesIn(const char *list) {
    std::vector<std::string> names;
    if (list == nullptr) return names;
    std::string word;
    for (const char *at = list;; ++at) {
        if (*at == ',' || *at == '\0') {
            if (!word.empty()) names.push_back(std::exchange(word, {}));
        } else if (!std::isspace(static_cast<unsigned char>(*at)) && *at != '"') {
            word += *at;
        }
        if (*at == '\0') return names;
    }
}

}  // namespace

void DefineSettings() {
    DefineCustomEnumVariable("pgmigrate.fill_method", "How existing rows get the values of new columns.",
                             "page: in place; update: by an update of each row; auto: in place where that is possible.",
                             &fill_wish, static_cast<int>(FillWish::kAuto), kFillWishes, PGC_USERSET, 0, nullptr,
                             nullptr, nullptr);
    DefineCustomIntVariable("pgmigrate.fill_patience",
                            "How long a page that is in use or lacks room waits before its rows are filled by updates.",
                            nullptr, &fill_patience_ms, 2000, 0, INT_MAX, PGC_USERSET, GUC_UNIT_MS, nullptr, nullptr,
                            nullptr);
    DefinePressureSettings();
    DefineCustomIntVariable(
        "pgmigrate.force_blocker_age", "Age of a transaction from which migrate_rollback(force => true) may end it.",
        nullptr, &force_blocker_age_ms, 30'000, 0, INT_MAX, PGC_USERSET, GUC_UNIT_MS, nullptr, nullptr, nullptr);
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
FillWish WishedFillMethod() { return static_cast<FillWish>(fill_wish); }
std::chrono::milliseconds FillPatience() { return std::chrono::milliseconds(fill_patience_ms); }
std::chrono::milliseconds ForceBlockerAge() { return std::chrono::milliseconds(force_blocker_age_ms); }
std::int64_t FillRateLimit() { return std::int64_t{fill_rate_limit_kb} * 1024; }
std::string PressureQuery() { return pressure_query ? pressure_query : ""; }

PressureSettings PressureLimitsSet() {
    using Seconds = std::chrono::duration<double>;
    return {.max_replay_lag = max_replay_lag_ms < 0 ? Seconds(-1) : Seconds(max_replay_lag_ms / 1000.0),
            .standbys = NamesIn(standbys),
            .max_slot_wal = max_slot_wal_mb < 0 ? -1 : std::int64_t{max_slot_wal_mb} << 20,
            .max_archive_backlog = max_archive_backlog,
            .max_active_sessions = max_active_sessions,
            .max_commit_latency = static_cast<double>(max_commit_latency_ms),
            .max_checkpoint_distance = static_cast<double>(max_checkpoint_distance),
            .max_horizon_age = Seconds(max_horizon_age_s),
            .autovacuum_yield = Seconds(autovacuum_yield_s),
            .min_free_disk = MinFreeDisk(),
            .has_query = !PressureQuery().empty()};
}

std::string SessionVersion() { return session_version ? session_version : ""; }

}  // namespace pgmigrate::pg
