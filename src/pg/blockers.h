// SPDX-License-Identifier: PostgreSQL
// Who stands in the way of a table lock.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "pg/guard.h"

namespace pgmigrate::pg {

/// A transaction that holds a lock which conflicts with the one wanted.
struct Blocker {
    int pid = 0;        ///< 0 for a prepared transaction
    std::string who;    ///< role and application, or the name of the prepared transaction
    std::string state;  ///< as in pg_stat_activity
    std::string
        age;  ///< of its transaction, as an interval; empty, as are state and query, if not for the caller to see
    std::string query;
    std::string lock;  ///< mode it holds
};

/// The blockers of a lock on the table, the oldest transaction first; at most three. Seen with
/// the caller's rights: of other users' sessions PostgreSQL shows most roles only the process and the role.
std::vector<Blocker> FindBlockers(Oid relation, LOCKMODE mode);

/// One or two sentences for the detail of an error.
std::string Describe(const Blocker &blocker);

/// Ends client transactions of at least `age` that stand in the way, with the caller's rights: cancels what they are
/// doing, or with `terminate` their sessions. Tells each in a WARNING. Prepared transactions have no session to end.
void EndBlockers(Oid relation, LOCKMODE mode, std::chrono::milliseconds age, bool terminate);

/// Cancels an autovacuum of the table that stands in the way, unless it prevents wraparound. PostgreSQL does the same,
/// but only once the waiter has been waiting for deadlock_timeout, which is longer than we are willing to queue.
void CancelAutovacuum(Oid relation, LOCKMODE mode);

}  // namespace pgmigrate::pg
