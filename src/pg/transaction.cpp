// SPDX-License-Identifier: PostgreSQL
#include "pg/transaction.h"

namespace pgmigrate::pg {
namespace {

/// Ends the process when not even the rollback works, after reporting the ERROR that stopped it. FATAL ends it without
/// a longjmp, so this is legal in a frame that is being unwound.
[[noreturn]] void GiveUp(const char *message) {
    EmitErrorReport();
    ereport(FATAL, (errcode(ERRCODE_INTERNAL_ERROR), errmsg_internal("%s", message)));
    pg_unreachable();
}

}  // namespace

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
    });
    Call([] {  // on its own, because the commit freed the memory context the first call began in
        (void)pgstat_report_stat(false);
        pgstat_report_activity(STATE_IDLE, nullptr);
    });
}

void AbortTransaction() noexcept {
    auto abort = [] {
        AbortOutOfAnyTransaction();  // a no-op when none was begun
        pgstat_report_activity(STATE_IDLE, nullptr);
    };
    if (!Attempt(abort)) GiveUp("pgmigrate could not abort its transaction");
    InterruptHoldoffCount = 0;  // the abort released every LWLock without counting down what their owners counted up
    QueryCancelHoldoffCount = 0;
}

Subtransaction::Subtransaction()
    : context_(CurrentMemoryContext),
      owner_(CurrentResourceOwner),
      outer_level_(GetCurrentTransactionNestLevel()),
      interrupts_held_(InterruptHoldoffCount),
      cancels_held_(QueryCancelHoldoffCount) {
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
    auto undo = [level = outer_level_] {  // whoever failed inside may have left a subtransaction of his own
        while (GetCurrentTransactionNestLevel() > level) RollbackAndReleaseCurrentSubTransaction();
    };
    if (!Attempt(undo)) GiveUp("pgmigrate could not roll back a subtransaction");
    Restore();
    InterruptHoldoffCount = interrupts_held_;  // the rollback released every LWLock, whoever counted up for it
    QueryCancelHoldoffCount = cancels_held_;
}

void Subtransaction::Restore() noexcept {
    MemoryContextSwitchTo(context_);
    CurrentResourceOwner = owner_;
}

}  // namespace pgmigrate::pg
