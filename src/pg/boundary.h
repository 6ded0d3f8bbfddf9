// SPDX-License-Identifier: PostgreSQL
// From a C++ exception to a PostgreSQL ERROR: every function that PostgreSQL calls runs its body in Boundary().
#pragma once

#include <type_traits>

#include "core/error.h"
#include "pg/arguments.h"
#include "pg/server_error.h"

namespace pgmigrate::pg {

/// Plain data: all that may be alive when we longjmp.
struct Outcome {
    Datum value;
    ErrorData *error;
    bool from_server;
    bool out_of_memory;
};

/// Describes the exception being handled, copied into `caller` without being able to raise. Called in a catch block.
Outcome DescribeCaught(MemoryContext caller) noexcept;

/// Raises the ERROR an outcome describes.
[[noreturn]] void Raise(const Outcome &outcome);

/// Every C++ object and the exception itself end in this frame, before anything is raised: an exception object that a
/// longjmp leaves behind in a catch block is never freed.
template <typename Body>
[[gnu::noinline]] Outcome Contain(Body &body) noexcept {
    const MemoryContext caller = CurrentMemoryContext;
    try {
        return {body(), nullptr, false, false};
    } catch (...) {
        return DescribeCaught(caller);
    }
}

/// Runs `body`, which returns a Datum and may throw; what it throws becomes a PostgreSQL ERROR in this frame, which
/// holds plain data only.
template <typename Body>
Datum Boundary(Body body) {
    static_assert(std::is_trivially_destructible_v<Body>);
    const Outcome outcome = Contain(body);
    if (outcome.error || outcome.out_of_memory) Raise(outcome);
    return outcome.value;
}

}  // namespace pgmigrate::pg

/// Defines the C entry point `c_name` of an SQL function, implemented by `Datum implementation(pg::Arguments)`.
#define PGMIGRATE_FUNCTION(c_name, implementation)                                         \
    extern "C" {                                                                           \
    PGDLLEXPORT Datum c_name(PG_FUNCTION_ARGS);                                            \
    PG_FUNCTION_INFO_V1(c_name);                                                           \
    Datum c_name(PG_FUNCTION_ARGS) {                                                       \
        auto body = [fcinfo] { return implementation(pgmigrate::pg::Arguments(fcinfo)); }; \
        return pgmigrate::pg::Boundary(body);                                              \
    }                                                                                      \
    }
