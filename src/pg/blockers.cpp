// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "pg/blockers.h"

#include "pg/scopes.h"
#include "pg/server_error.h"
#include "pg/spi_database.h"

extern "C" {
#include "storage/lock.h"
}

namespace pgmigrate::pg {
namespace {

/// A prepared transaction has no process; what leads to its name is the lock that it holds on its own number.
constexpr const char *kHolders =
    " FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid LEFT JOIN (pg_locks n JOIN pg_prepared_xacts p"
    " ON n.locktype = 'transactionid' AND n.pid IS NULL AND n.transactionid = p.transaction)"
    " ON l.pid IS NULL AND n.virtualtransaction = l.virtualtransaction"
    " WHERE l.locktype = 'relation' AND l.granted AND l.relation = $1::oid AND l.mode = ANY ($2::text[])"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND l.pid IS DISTINCT FROM pg_backend_pid()";

/// Names of the lock modes that conflict with `mode`, as an array literal.
std::string ConflictingModes(LOCKMODE mode) {
    std::string names;
    for (LOCKMODE other = AccessShareLock; other <= AccessExclusiveLock; ++other)
        if (DoLockModesConflict(mode, other))
            names += (names.empty() ? "" : ",") + std::string(GetLockmodeName(DEFAULT_LOCKMETHOD, other));
    return '{' + names + '}';
}

/// pg_stat_activity is frozen at its first use in a transaction, and we look again and again in one.
void ForgetActivitySnapshot(Database &database) { database.Query("SELECT pg_stat_clear_snapshot()"); }

/// As the caller: whoever may start a migration may not for that end the sessions of others.
void EndBlocker(const std::string &pid, bool terminate) {
    SpiDatabase as_caller({.user = InvalidOid, .restricted = false, .search_path = kSafeSearchPath});
    const char *const function = terminate ? "pg_terminate_backend" : "pg_cancel_backend";
    std::string words =
        fmt::format("{} process {}, which holds up the rollback", terminate ? "terminated" : "cancelled", pid);
    try {
        as_caller.InSubtransaction([&] { as_caller.Query(fmt::format("SELECT {}($1::integer)", function), {pid}); });
    } catch (const ServerError &failure) {
        if (!(failure.state() == "42501")) throw;
        words = fmt::format("could not end process {}, which holds up the rollback: {}", pid, failure.what());
    }
    const char *const text = words.c_str();
    Call([text] { ereport(WARNING, (errmsg("%s", text))); });
}

}  // namespace

std::vector<Blocker> FindBlockers(Oid relation, LOCKMODE mode) {
    SpiDatabase database({.search_path = kSafeSearchPath});
    ForgetActivitySnapshot(database);
    const Rows rows = database.Query(
        fmt::format("SELECT DISTINCT ON (coalesce(a.xact_start, p.prepared), l.pid) coalesce(l.pid, 0) AS pid,"
                    " coalesce(p.gid, a.usename || coalesce(' (' || nullif(a.application_name, '') || ')', ''), "
                    "a.backend_type, '') AS who,"
                    " coalesce(a.state, '') AS state, coalesce(left(btrim(nullif(a.query, '<insufficient privilege>'), "
                    "E' \\n\\r\\t;'), 200), '') AS "
                    "query, l.mode AS lock,"
                    " coalesce(date_trunc('milliseconds', clock_timestamp() - coalesce(a.xact_start, "
                    "p.prepared))::text, '') AS age"
                    "{} ORDER BY coalesce(a.xact_start, p.prepared), l.pid, l.mode LIMIT 3",
                    kHolders),
        {std::to_string(relation), ConflictingModes(mode)});
    std::vector<Blocker> blockers;
    for (std::size_t row = 0; row < rows.size(); ++row)
        blockers.push_back({.pid = static_cast<int>(rows.Int(row, "pid")),
                            .who = rows.Text(row, "who"),
                            .state = rows.Text(row, "state"),
                            .age = rows.Text(row, "age"),
                            .query = rows.Text(row, "query"),
                            .lock = rows.Text(row, "lock")});
    return blockers;
}

std::string Describe(const Blocker &blocker) {
    if (blocker.pid == 0)
        return fmt::format("Prepared transaction \"{}\" holds {}; it is {} old.", blocker.who, blocker.lock,
                           blocker.age);
    std::string text = fmt::format("Process {} of {} holds {}", blocker.pid, blocker.who, blocker.lock);
    if (!blocker.age.empty()) text += fmt::format("; its transaction is {} old", blocker.age);
    if (!blocker.state.empty()) text += fmt::format(" and {}", blocker.state);
    return text + (blocker.query.empty() ? "." : fmt::format(". Its query: {}", blocker.query));
}

void EndBlockers(Oid relation, LOCKMODE mode, std::chrono::milliseconds age, bool terminate) {
    SpiDatabase database = StateDatabase();
    ForgetActivitySnapshot(database);
    const Rows rows =
        database.Query(fmt::format("SELECT DISTINCT l.pid{} AND a.backend_type = 'client backend'"
                                   " AND a.xact_start <= clock_timestamp() - make_interval(secs => $3::float8)",
                                   kHolders),
                       {std::to_string(relation), ConflictingModes(mode),
                        fmt::format("{}", std::chrono::duration<double>(age).count())});
    for (std::size_t row = 0; row < rows.size(); ++row) EndBlocker(rows.Text(row, "pid"), terminate);
}

void CancelAutovacuum(Oid relation, LOCKMODE mode) {
    SpiDatabase database = StateDatabase();
    try {
        database.InSubtransaction([&] {
            ForgetActivitySnapshot(database);
            database.Query(fmt::format("SELECT pg_cancel_backend(v.pid) FROM (SELECT DISTINCT l.pid{}"
                                       " AND a.backend_type = 'autovacuum worker'"
                                       " AND a.query NOT LIKE '%(to prevent wraparound)%') v",
                                       kHolders),
                           {std::to_string(relation), ConflictingModes(mode)});
        });
    } catch (const ServerError &failure) {
        // The extension's owner need not be a superuser; then autovacuum is waited for like anyone else.
        if (!(failure.state() == "42501")) throw;
    }
}

}  // namespace pgmigrate::pg
