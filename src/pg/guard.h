// SPDX-License-Identifier: PostgreSQL
// From a PostgreSQL ERROR to a C++ exception.
//
// PostgreSQL raises an ERROR by siglongjmp. A jump over a frame that holds an object with a destructor is undefined, so
// every call that can raise goes through Call(), whose frame holds nothing but trivial data, and the object-holding
// frames above it see an exception instead.
//
// Not for error context callbacks: they run while another message is being made, and taking an ERROR out of
// PostgreSQL's error state empties all of it. Such a callback calls errcontext() with words prepared before, and
// nothing else.
#pragma once

#include <csetjmp>
#include <type_traits>
#include <utility>

#include "pg/server.h"

namespace pgmigrate::pg {

/// Puts the two global error stacks back however the scope ends.
class ErrorStackScope {
  public:
    ErrorStackScope() noexcept : jump_(PG_exception_stack), callbacks_(error_context_stack) {}
    ~ErrorStackScope() {
        PG_exception_stack = jump_;
        error_context_stack = callbacks_;
    }
    ErrorStackScope(const ErrorStackScope &) = delete;
    ErrorStackScope &operator=(const ErrorStackScope &) = delete;

  private:
    sigjmp_buf *const jump_;
    ErrorContextCallback *const callbacks_;
};

/// Runs body. False: PostgreSQL raised an ERROR, which is still pending in its error state.
/// The only sigsetjmp in pgmigrate. `scope` lives in the frame that is jumped to, so nothing with a destructor is
/// skipped.
template <typename Body>
[[nodiscard, gnu::noinline]] bool Attempt(Body &body) {
    static_assert(std::is_trivially_destructible_v<Body>, "a PostgreSQL error would skip this destructor");
    const ErrorStackScope scope;
    const std::uint32_t interrupts_held = InterruptHoldoffCount;
    const std::uint32_t cancels_held = QueryCancelHoldoffCount;
    sigjmp_buf landing;
    if (sigsetjmp(landing, 0) != 0) {
        // errfinish() zeroed both, for it expects the transaction to end. Before that our destructors release what they
        // hold, and a commit callback returns into a server function that holds interrupts: each counts down what it
        // counted up.
        InterruptHoldoffCount = interrupts_held;
        QueryCancelHoldoffCount = cancels_held;
        return false;
    }
    PG_exception_stack = &landing;
    body();
    return true;
}

/// Takes the pending ERROR out of PostgreSQL's error state and throws it as ServerError.
[[noreturn]] void ThrowPending(MemoryContext caller);

/// Calls a PostgreSQL function: Call(::get_rel_name, oid). Throws ServerError where the function raises an ERROR.
/// A lambda is allowed for macros and short sequences, but it may capture and hold only trivial data.
template <typename Function, typename... Args>
auto Call(Function function, Args... args) {
    static_assert(std::is_trivially_destructible_v<Function> && (std::is_trivially_destructible_v<Args> && ...),
                  "a PostgreSQL error would skip this destructor");
    using Result = std::invoke_result_t<Function &, Args &...>;
    const MemoryContext caller = CurrentMemoryContext;

    if constexpr (std::is_void_v<Result>) {
        auto body = [&] { function(args...); };
        if (!Attempt(body)) ThrowPending(caller);
    } else {
        static_assert(std::is_trivially_copyable_v<Result>);
        Result result{};  // written in another frame than the sigsetjmp, so no volatile is needed
        auto body = [&] { result = function(args...); };
        if (!Attempt(body)) ThrowPending(caller);
        return result;
    }
}

}  // namespace pgmigrate::pg
