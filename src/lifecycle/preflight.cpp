// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/preflight.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/identifier.h"
#include "core/sqlstates.h"

namespace pgmigrate {
namespace {

/// Above these, a standby that has to replay a fill as well falls behind further.
constexpr std::int64_t kLagBytes = 64 << 20;
constexpr std::chrono::seconds kLag{5};
/// Fewer free connections than this, or than a twentieth of all, are few.
constexpr int kFewConnections = 3;

std::string Age(std::chrono::seconds age) {
    const auto seconds = age.count();
    if (seconds < 120) return fmt::format("{} s", seconds);
    if (seconds < 7200) return fmt::format("{} min", seconds / 60);
    return fmt::format("{} h", seconds / 3600);
}

/// " and has locked public.t" for those of the tables looked at; empty for none of them.
std::string LockedTables(const std::vector<std::int64_t> &oids, const PreflightInput &input) {
    std::vector<std::string> names;
    for (const TableFacts &table : input.tables)
        if (std::ranges::find(oids, table.oid) != oids.end())
            names.push_back(QualifiedName(input.catalog.name, table.name));
    return names.empty() ? std::string() : fmt::format(" and has locked {}", fmt::join(names, ", "));
}

void CheckWorkers(const PreflightInput &input, std::vector<Finding> &findings) {
    const Surroundings &server = input.surroundings;
    if (input.plan != nullptr && !input.plan->NeedsWorker()) return;
    const int free = server.worker_slots - server.workers;
    if (free > 0) {
        findings.push_back(
            {.severity = Severity::kInfo,
             .check = "workers",
             .object = {},
             .message = fmt::format("{} of {} background worker slots are free", free, server.worker_slots),
             .hint = "A running migration uses one of max_worker_processes."});
        return;
    }
    // Parallel queries give their slots back when they end, which may be before the migration needs one.
    const bool may_pass = server.parallel_workers > 0;
    findings.push_back({.severity = may_pass ? Severity::kWarning : Severity::kError,
                        .check = "workers",
                        .object = {},
                        .message = fmt::format("no background worker slot is free, {} are in use", server.worker_slots),
                        .hint = may_pass ? "Parallel queries have taken some; wait for them to end, or increase "
                                           "max_worker_processes and restart the server."
                                         : "Increase max_worker_processes and restart the server, or wait for other "
                                           "workers to end.",
                        .state = sqlstates::kNoWorkerSlot});
}

void CheckConnections(const Surroundings &server, std::vector<Finding> &findings) {
    const int free = std::max(0, server.connection_slots - server.connections);
    const bool few = free <= std::max(kFewConnections, server.connection_slots / 20);
    findings.push_back({.severity = few ? Severity::kWarning : Severity::kInfo,
                        .check = "connections",
                        .object = {},
                        .message = fmt::format("{} of {} connections are free", free, server.connection_slots),
                        .hint = few ? "The migration's worker needs none, but statements that wait for its short locks "
                                      "keep theirs longer: close idle sessions or use a pooler."
                                    : "The migration's worker needs none."});
}

void CheckTransactions(const PreflightInput &input, std::vector<Finding> &findings) {
    for (const OpenTransaction &open : input.surroundings.transactions)
        findings.push_back(
            {.severity = Severity::kWarning,
             .check = "long transactions",
             .object = fmt::format("process {}", open.pid),
             .message =
                 fmt::format("process {} of role {} is in a transaction for {}{}{}", open.pid, open.role, Age(open.age),
                             open.state.empty() ? "" : ", " + open.state, LockedTables(open.tables, input)),
             .hint =
                 fmt::format("It holds back locks, concurrent index builds and vacuum. Wait for it to end, or end it: "
                             "SELECT pg_terminate_backend({});",
                             open.pid)});
}

void CheckPrepared(const PreflightInput &input, std::vector<Finding> &findings) {
    for (const PreparedTransaction &prepared : input.surroundings.prepared) {
        const std::string locked = LockedTables(prepared.tables, input);
        const bool hinders = !locked.empty() || prepared.age >= input.patience;
        findings.push_back(
            {.severity = hinders ? Severity::kWarning : Severity::kInfo,
             .check = "prepared transactions",
             .object = prepared.gid,
             .message = fmt::format("transaction \"{}\" of role {} is prepared for {}{}", prepared.gid, prepared.owner,
                                    Age(prepared.age), locked),
             .hint = fmt::format("It keeps its locks and holds back vacuum until it ends: COMMIT PREPARED "
                                 "{0}; or ROLLBACK PREPARED {0};",
                                 QuoteLiteral(prepared.gid))});
    }
}

void CheckSlots(const Surroundings &server, std::vector<Finding> &findings) {
    for (const ReplicationSlot &slot : server.slots) {
        const bool lost = slot.wal_status == "lost" || slot.wal_status == "unreserved";
        const bool idle = !slot.active && slot.retained_bytes.has_value();
        std::string message = fmt::format("{} replication slot is {}", slot.logical ? "logical" : "physical",
                                          slot.active ? "in use" : "not in use");
        if (slot.retained_bytes) message += fmt::format(" and keeps {} of WAL", PrettySize(*slot.retained_bytes));
        if (lost) message += fmt::format("; its WAL is {}", slot.wal_status);
        findings.push_back({.severity = lost || idle ? Severity::kWarning : Severity::kInfo,
                            .check = "replication slots",
                            .object = slot.name,
                            .message = std::move(message),
                            .hint = lost || idle
                                        ? fmt::format("All WAL of the migration stays on disk until the slot has "
                                                      "read it. Start its reader, or drop the slot: SELECT "
                                                      "pg_drop_replication_slot({});",
                                                      QuoteLiteral(slot.name))
                                        : "Its reader gets all WAL of the migration."});
    }
}

void CheckStandbys(const Surroundings &server, std::vector<Finding> &findings) {
    for (const Standby &standby : server.standbys) {
        const bool behind = standby.lag_bytes > kLagBytes || standby.lag > kLag;
        findings.push_back({.severity = behind ? Severity::kWarning : Severity::kInfo,
                            .check = "replication lag",
                            .object = standby.name,
                            .message = fmt::format("standby is {} and {} of WAL, {} behind", standby.state,
                                                   PrettySize(standby.lag_bytes), Age(standby.lag)),
                            .hint = behind ? "A fill makes it fall back further. Start when it has caught up."
                                           : "It replays all WAL of the migration."});
    }
}

std::string SpaceMessage(const VolumeNeed &need) {
    const std::string free =
        fmt::format("{} of {} are free", PrettySize(need.volume.free), PrettySize(need.volume.total));
    if (need.needed == 0) return fmt::format("{} on the file system of {}", free, need.volume.name);
    return fmt::format("the migration needs about {} on the file system of {}, where {}", PrettySize(need.needed),
                       need.volume.name, free);
}

}  // namespace

void CheckServer(const PreflightInput &input, std::vector<Finding> &findings) {
    const Surroundings &server = input.surroundings;
    if (server.in_recovery)
        findings.push_back({.severity = Severity::kError,
                            .check = "recovery",
                            .object = {},
                            .message = "the server is a standby",
                            .hint = "Run migrations on the primary; replication brings them here.",
                            .state = sqlstates::kReadOnly});
    if (server.sees_sessions) {
        CheckWorkers(input, findings);
        CheckConnections(server, findings);
    } else {
        findings.push_back(
            {.severity = Severity::kInfo,
             .check = "sessions",
             .object = {},
             .message = fmt::format("free workers and connections, long transactions and replication lag "
                                    "are not visible to role {}, the owner of the extension",
                                    server.reader),
             .hint = fmt::format("To have them checked: GRANT pg_monitor TO {};", server.reader)});
    }
    CheckTransactions(input, findings);
    CheckPrepared(input, findings);
    CheckSlots(server, findings);
    CheckStandbys(server, findings);
}

void CheckDisk(const PreflightInput &input, std::vector<Finding> &findings) {
    for (const VolumeNeed &need : input.volumes) {
        Finding finding{.severity = Severity::kInfo,
                        .check = "disk",
                        .object = need.volume.name,
                        .message = SpaceMessage(need),
                        .hint = "Vacuum gives back what old versions of rows take; the rest stays.",
                        .state = sqlstates::kDiskFull};
        const DiskVerdict verdict = Judge(need, input.free_disk);
        if (verdict != DiskVerdict::kFits) {
            finding.severity = verdict == DiskVerdict::kTooLittle ? Severity::kError : Severity::kWarning;
            finding.hint = "Free disk space or add some. pgmigrate.min_free_disk says how much must stay free.";
            if (need.needed <= need.volume.free) finding.message += "; less than pgmigrate.min_free_disk would be left";
        }
        findings.push_back(std::move(finding));
    }
}

std::vector<Finding> Preflight(const PreflightInput &input) {
    std::vector<Finding> findings;
    CheckServer(input, findings);
    CheckDisk(input, findings);
    CheckTables(input, findings);
    CheckKeys(input, findings);
    SortBySeverity(findings);
    return findings;
}

}  // namespace pgmigrate
