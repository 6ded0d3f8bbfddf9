// SPDX-License-Identifier: PostgreSQL
// Table locks that an application does not feel, and the locks by which pgmigrate's own processes exclude each other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pg/guard.h"

namespace pgmigrate::pg {

struct TableLock {
    Oid relation = InvalidOid;
    LOCKMODE mode = 0;
};

/// Takes all the locks or none, until the end of the transaction, in order of OID. First by probing (conditional locks,
/// short pauses with jitter), so that nothing queues behind us; then with short queued waits of at most
/// pgmigrate.lock_budget each, with growing pauses between. A failed attempt releases every lock it took.
/// Interruptible. Throws Error 55P03 after pgmigrate.lock_deadline, naming the blocking process, the age of its
/// transaction and its query.
void LockTables(std::vector<TableLock> wanted);

/// Keeps two commands from changing the migrations of one target schema at once, until the end of the transaction.
/// Throws Error 55006 if another transaction still holds it after pgmigrate.lock_budget; one that has ended and is only
/// releasing its locks is waited for up to pgmigrate.lock_deadline.
void LockTargetSchema(Oid target_schema);

}  // namespace pgmigrate::pg
