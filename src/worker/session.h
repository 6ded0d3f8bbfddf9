// SPDX-License-Identifier: PostgreSQL
// The session of a background worker: its settings, and transactions that only wait.
#pragma once

#include <cstdint>
#include <string>

#include "pg/guard.h"
#include "pg/transaction.h"

namespace pgmigrate::worker {

/// Makes the session independent of ALTER DATABASE … SET and ALTER ROLE … SET: no timeout, a safe search_path, read
/// committed, no parallel query.
void PrepareSession();

/// Reads the configuration file again if the postmaster asked for it, which is what it returns. Between transactions.
bool ReloadSettingsIfAsked();

/// The commit of the current transaction does not wait for its WAL to be flushed. Right where a lost transaction is
/// merely done again: WAL is lost from its end only, so progress never survives the work it stands for.
void CommitAsynchronously();

bool IsExtensionInstalled();

/// Runs `work` in a transaction without a snapshot, for waiting: CREATE INDEX CONCURRENTLY and the xmin horizon wait
/// for snapshots, not for transactions as such. `work` must not read catalogs, which takes a snapshot.
template <typename Work>
void InBareTransaction(const char *activity, Work &&work) {
    struct AbortUnlessCommitted {
        bool armed = true;
        ~AbortUnlessCommitted() {
            if (armed) pg::AbortTransaction();
        }
    } guard;
    pg::Call([activity] {
        SetCurrentStatementStartTimestamp();
        StartTransactionCommand();
        pgstat_report_activity(STATE_RUNNING, activity);
    });
    std::forward<Work>(work)();
    pg::CommitTransaction();
    guard.armed = false;
}

/// Returns when the transaction has ended, holding no snapshot and no lock meanwhile.
void WaitForTransaction(TransactionId transaction, const std::string &activity);

}  // namespace pgmigrate::worker
