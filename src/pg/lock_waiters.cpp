// SPDX-License-Identifier: PostgreSQL
#include "pg/lock_waiters.h"

#include "pg/guard.h"

extern "C" {
#include "storage/lock.h"
}

namespace pgmigrate::pg {

bool IsTransactionWaitedFor() {
    return Call([] {
        const TransactionId transaction = GetTopTransactionIdIfAny();
        if (!TransactionIdIsValid(transaction)) return false;
        // A transaction that has a number holds the lock on it, and never by the fast path, of which LockHasWaiters
        // knows nothing.
        LOCKTAG tag;
        SET_LOCKTAG_TRANSACTION(tag, transaction);
        return LockHasWaiters(&tag, ExclusiveLock, false);
    });
}

}  // namespace pgmigrate::pg
