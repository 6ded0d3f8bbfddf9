// SPDX-License-Identifier: PostgreSQL
// Functions that throw what the boundary must turn into a PostgreSQL ERROR.
#include <algorithm>
#include <new>
#include <stdexcept>

#include "core/identifier.h"
#include "pg/boundary.h"
#include "tracked.h"

extern "C" {
PG_MODULE_MAGIC;
}

namespace bridge_test {
namespace {

using namespace pgmigrate;

/// throw_error(sqlstate, message, detail, hint)
Datum ThrowError(pg::Arguments arguments) {
    const Tracked tracked;
    const auto code = arguments.Required<std::string>(0, "sqlstate");
    SqlState state{};
    std::copy_n(code.begin(), std::min<std::size_t>(code.size(), 5), state.code);
    throw Error(state, {.message = arguments.Required<std::string>(1, "message"),
                        .detail = arguments.Optional<std::string>(2).value_or(""),
                        .hint = arguments.Optional<std::string>(3).value_or("")});
}

/// throw_foreign(what): exceptions that are not pgmigrate's own.
Datum ThrowForeign(pg::Arguments arguments) {
    const Tracked tracked;
    const auto what = arguments.Required<std::string>(0, "what");
    if (what == "bad_alloc") throw std::bad_alloc();
    if (what == "exception") throw std::runtime_error("words of a standard exception");
    if (what == "number") throw 42;
    return arguments.ReturnNull();
}

/// Declared in SQL with one argument, read here with two, as after an upgrade of the library alone.
Datum ReadMissingArgument(pg::Arguments arguments) {
    return pg::Arguments::Return(!arguments.Optional<std::string>(1) && !arguments.OptionalName(2));
}

Datum QuoteIdentifierInCpp(pg::Arguments arguments) {
    return pg::Arguments::Return(QuoteIdentifier(arguments.Required<std::string>(0, "name")));
}

Datum TrackedConstructed(pg::Arguments) { return pg::Arguments::Return(Tracked::constructed); }
Datum TrackedAlive(pg::Arguments) { return pg::Arguments::Return(Tracked::constructed - Tracked::destroyed); }

}  // namespace
}  // namespace bridge_test

PGMIGRATE_FUNCTION(bridge_throw_error, bridge_test::ThrowError)
PGMIGRATE_FUNCTION(bridge_throw_foreign, bridge_test::ThrowForeign)
PGMIGRATE_FUNCTION(bridge_read_missing_argument, bridge_test::ReadMissingArgument)
PGMIGRATE_FUNCTION(bridge_quote_identifier, bridge_test::QuoteIdentifierInCpp)
PGMIGRATE_FUNCTION(bridge_tracked_constructed, bridge_test::TrackedConstructed)
PGMIGRATE_FUNCTION(bridge_tracked_alive, bridge_test::TrackedAlive)
