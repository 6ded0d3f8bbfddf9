// SPDX-License-Identifier: PostgreSQL
// What procedures need that commit on their way. Used inside src/api only.
#pragma once

#include "pg/guard.h"

extern "C" {
#include "executor/spi.h"
#include "nodes/parsenodes.h"
}

namespace pgmigrate::api {

/// A connection to SPI that may commit. SPI_finish reports by return code, it does not raise.
class CommittingSession {
  public:
    CommittingSession() { (void)pg::Call(::SPI_connect_ext, SPI_OPT_NONATOMIC); }
    ~CommittingSession() { (void)::SPI_finish(); }
    CommittingSession(const CommittingSession &) = delete;
    CommittingSession &operator=(const CommittingSession &) = delete;

    /// Ends the transaction, and with it every snapshot and lock.
    void Commit() { pg::Call(::SPI_commit); }
};

/// Is the procedure called inside a transaction block, where it cannot commit?
inline bool IsAtomic(FunctionCallInfo call) {
    const auto *const context = reinterpret_cast<CallContext *>(call->context);
    return context == nullptr || !IsA(context, CallContext) || context->atomic;
}

}  // namespace pgmigrate::api
