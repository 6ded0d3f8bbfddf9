// SPDX-License-Identifier: PostgreSQL
// From a C++ exception to a PostgreSQL ERROR: every function that PostgreSQL calls runs its body in Boundary().
#pragma once

#include <exception>
#include <new>
#include <type_traits>

#include "core/error.h"
#include "core/sqlstates.h"
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

/// Copies the error into the current memory context without being able to raise; nullptr when memory is out.
ErrorData *CopyToCaller(const Error &error) noexcept;
ErrorData *CopyToCaller(const ErrorData &server_error) noexcept;

/// Raises the ERROR an outcome describes.
[[noreturn]] void Raise(const Outcome &outcome);

/// Every C++ object and the exception itself end in this frame, before anything is raised: an exception object that a
/// longjmp leaves behind in a catch block is never freed.
template <typename Body>
[[gnu::noinline]] Outcome Contain(Body &body) noexcept {
    const auto failed = [](ErrorData *error, bool from_server) {
        return Outcome{0, error, from_server, error == nullptr};
    };
    const auto unforeseen = [&](const char *what) {
        try {
            return failed(CopyToCaller(Error(sqlstates::kInternal, {.message = what})), false);
        } catch (...) {
            return failed(nullptr, false);
        }
    };
    try {
        return {body(), nullptr, false, false};
    } catch (const ServerError &error) {
        return failed(CopyToCaller(error.data()), true);
    } catch (const Error &error) {
        return failed(CopyToCaller(error), false);
    } catch (const std::bad_alloc &) {
        return failed(nullptr, false);
    } catch (const std::exception &error) {
        return unforeseen(error.what());
    } catch (...) {
        return unforeseen("unidentified C++ exception");
    }
}

/// Runs `body`, which returns a Datum and may throw; what it throws becomes a PostgreSQL ERROR in this frame, which holds
/// plain data only.
template <typename Body>
Datum Boundary(Body body) {
    static_assert(std::is_trivially_destructible_v<Body>);
    const Outcome outcome = Contain(body);
    if (outcome.error || outcome.out_of_memory) Raise(outcome);
    return outcome.value;
}

}  // namespace pgmigrate::pg

/// Defines the C entry point `c_name` of an SQL function, implemented by `Datum implementation(pg::Arguments)`.
#define PGMIGRATE_FUNCTION(c_name, implementation)                                          \
    extern "C" {                                                                            \
    PGDLLEXPORT Datum c_name(PG_FUNCTION_ARGS);                                             \
    PG_FUNCTION_INFO_V1(c_name);                                                            \
    Datum c_name(PG_FUNCTION_ARGS) {                                                        \
        auto body = [fcinfo] { return implementation(pgmigrate::pg::Arguments(fcinfo)); };  \
        return pgmigrate::pg::Boundary(body);                                               \
    }                                                                                       \
    }
