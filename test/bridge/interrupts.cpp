// SPDX-License-Identifier: PostgreSQL
// Cancellation, hold-off counters, and errors raised while another error is being reported.
#include <string>

#include "pg/boundary.h"
#include "pg/spi_database.h"
#include "pg/transaction.h"
#include "tracked.h"

extern "C" {
#include "storage/lwlock.h"
}

namespace bridge_test {
namespace {

using namespace pgmigrate;

void FailInServer() {
    pg::Call([] { ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION), errmsg("the first error"))); });
}

/// wait_in_call(): waits in C++ until a cancel or a statement_timeout ends it.
Datum WaitInCall(pg::Arguments arguments) {
    const Tracked tracked;
    for (int round = 0; round < 60'000; ++round) {
        const Tracked inside;
        pg::Call([] {
            CHECK_FOR_INTERRUPTS();
            pg_usleep(1000);
        });
    }
    return arguments.ReturnNull();
}

/// A light-weight lock as a scope, as C++ code that changes shared memory holds one.
class LockScope {
  public:
    LockScope() { (void)pg::Call(::LWLockAcquire, AddinShmemInitLock, LW_EXCLUSIVE); }
    ~LockScope() { LWLockRelease(AddinShmemInitLock); }
    LockScope(const LockScope &) = delete;
    LockScope &operator=(const LockScope &) = delete;
};

std::string Holdoff() {
    return "interrupts held: " + std::to_string(InterruptHoldoffCount) +
           ", lock held: " + (LWLockHeldByMe(AddinShmemInitLock) ? "yes" : "no");
}

/// fail_under_lock(how): an error while a lock holds interrupts. The lock ends with its scope, or only with the
/// rollback.
Datum FailUnderLock(pg::Arguments arguments) {
    const bool scoped = arguments.Required<std::string>(0, "how") == "scope";
    try {
        const pg::Subtransaction subtransaction;
        if (scoped) {
            const LockScope lock;
            FailInServer();
        } else {
            (void)pg::Call(::LWLockAcquire, AddinShmemInitLock, LW_EXCLUSIVE);
            FailInServer();
        }
    } catch (const pg::ServerError &) {
    }
    return pg::Arguments::Return(Holdoff());
}

/// fail_while_held(): as a commit callback sees it, whose caller holds interrupts and counts down itself afterwards.
Datum FailWhileHeld(pg::Arguments) {
    HOLD_INTERRUPTS();
    HOLD_CANCEL_INTERRUPTS();
    try {
        const pg::Subtransaction subtransaction;
        FailInServer();
    } catch (const pg::ServerError &) {
    }
    RESUME_CANCEL_INTERRUPTS();
    RESUME_INTERRUPTS();
    return pg::Arguments::Return(Holdoff());
}

/// raise_while_held(): an ERROR that leaves through the boundary leaves nothing held.
Datum RaiseWhileHeld(pg::Arguments) {
    (void)pg::Call(::LWLockAcquire, AddinShmemInitLock, LW_EXCLUSIVE);
    FailInServer();
    return 0;
}

Datum HeldNow(pg::Arguments) { return pg::Arguments::Return(Holdoff()); }

/// An error context callback for a scope.
class CallbackScope {
  public:
    explicit CallbackScope(void (*function)(void *)) {
        callback_.previous = error_context_stack;
        callback_.callback = function;
        error_context_stack = &callback_;
    }
    ~CallbackScope() { error_context_stack = callback_.previous; }
    CallbackScope(const CallbackScope &) = delete;
    CallbackScope &operator=(const CallbackScope &) = delete;

  private:
    ErrorContextCallback callback_{};
};

constinit bool callback_armed = false;

void SayWhere(void *) { errcontext("in a callback of the bridge's tests"); }

void RaiseOnce(void *) {
    if (!callback_armed) return;
    callback_armed = false;
    ereport(ERROR, (errcode(ERRCODE_SYSTEM_ERROR), errmsg("raised by the context callback")));
}

void RaiseAlways(void *) { ereport(ERROR, (errcode(ERRCODE_SYSTEM_ERROR), errmsg("raised again and again"))); }

void ThrowOnce(void *) {
    if (!callback_armed) return;
    callback_armed = false;
    auto body = []() -> Datum {
        const Tracked tracked;
        // Long enough that memory which ErrorContext has taken back would be written over.
        throw Error({"MG998"}, {.message = "thrown by the context callback",
                                .detail = std::string(900, 'd'),
                                .hint = std::string(900, 'h')});
    };
    (void)pg::Boundary(body);
}

void FailInCallOnce(void *) {
    if (!callback_armed) return;
    callback_armed = false;
    auto body = []() -> Datum {
        const Tracked tracked;
        pg::Call([] { ereport(ERROR, (errcode(ERRCODE_SYSTEM_ERROR), errmsg("raised below the context callback"))); });
        return 0;
    };
    (void)pg::Boundary(body);
}

/// fail_with_callback(kind): an error is reported while a context callback is active that itself goes wrong.
Datum FailWithCallback(pg::Arguments arguments) {
    const auto kind = arguments.Required<std::string>(0, "kind");
    const auto callback = kind == "says where"      ? SayWhere
                          : kind == "raises once"   ? RaiseOnce
                          : kind == "raises always" ? RaiseAlways
                          : kind == "throws"        ? ThrowOnce
                                                    : FailInCallOnce;
    callback_armed = true;
    std::string result;
    try {
        const pg::Subtransaction subtransaction;
        const CallbackScope scope(callback);
        FailInServer();
    } catch (const pg::ServerError &error) {
        result = std::string(error.state().code) + " " + error.what();
        const ErrorText text = error.text();
        if (!text.detail.empty()) result += text.detail == std::string(900, 'd') ? "; detail kept" : "; detail damaged";
        if (!text.hint.empty()) result += text.hint == std::string(900, 'h') ? "; hint kept" : "; hint damaged";
        if (error.data().context) result += std::string("; ") + error.data().context;
    }
    return pg::Arguments::Return(result + "; afterwards " +
                                 pg::SpiDatabase().Query("SELECT 'SQL works'").values.at(0).at(0).value());
}

}  // namespace
}  // namespace bridge_test

PGMIGRATE_FUNCTION(bridge_wait_in_call, bridge_test::WaitInCall)
PGMIGRATE_FUNCTION(bridge_fail_under_lock, bridge_test::FailUnderLock)
PGMIGRATE_FUNCTION(bridge_fail_while_held, bridge_test::FailWhileHeld)
PGMIGRATE_FUNCTION(bridge_raise_while_held, bridge_test::RaiseWhileHeld)
PGMIGRATE_FUNCTION(bridge_held_now, bridge_test::HeldNow)
PGMIGRATE_FUNCTION(bridge_fail_with_callback, bridge_test::FailWithCallback)
