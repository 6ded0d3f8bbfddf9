// SPDX-License-Identifier: PostgreSQL
#include "pg/transaction.h"

namespace pgmigrate::pg {

void BeginTransaction(const char *activity) {
    Call([activity] {
        SetCurrentStatementStartTimestamp();
        StartTransactionCommand();
        PushActiveSnapshot(GetTransactionSnapshot());
        pgstat_report_activity(STATE_RUNNING, activity);
    });
}

void CommitTransaction() {
    Call([] {
        if (ActiveSnapshotSet()) PopActiveSnapshot();
        CommitTransactionCommand();
        (void)pgstat_report_stat(false);
        pgstat_report_activity(STATE_IDLE, nullptr);
    });
}

void AbortTransaction() noexcept {
    auto abort = [] {
        AbortCurrentTransaction();  // a no-op when none was begun
        pgstat_report_activity(STATE_IDLE, nullptr);
    };
    // FATAL ends the process without a longjmp, so it is legal in a frame that is being unwound.
    if (!Attempt(abort)) ereport(FATAL, (errmsg("pgmigrate could not abort its transaction")));
}

Subtransaction::Subtransaction() : context_(CurrentMemoryContext), owner_(CurrentResourceOwner) {
    Call(::BeginInternalSubTransaction, nullptr);
    MemoryContextSwitchTo(context_);
}

void Subtransaction::Commit() {
    Call(::ReleaseCurrentSubTransaction);
    open_ = false;
    Restore();
}

Subtransaction::~Subtransaction() {
    if (!open_) return;
    auto undo = [] { RollbackAndReleaseCurrentSubTransaction(); };
    if (!Attempt(undo)) ereport(FATAL, (errmsg("pgmigrate could not roll back a subtransaction")));
    Restore();
}

void Subtransaction::Restore() noexcept {
    MemoryContextSwitchTo(context_);
    CurrentResourceOwner = owner_;
}

}  // namespace pgmigrate::pg
