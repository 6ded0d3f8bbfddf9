// SPDX-License-Identifier: PostgreSQL
// Functions that run SQL which fails: let it through, survive it, or pass it on through several layers of C++ and SQL.
#include <exception>
#include <optional>
#include <string>

#include "pg/boundary.h"
#include "pg/scopes.h"
#include "pg/spi_database.h"
#include "pg/transaction.h"
#include "tracked.h"

extern "C" {
#include "catalog/namespace.h"
#include "utils/acl.h"
}

namespace bridge_test {
namespace {

using namespace pgmigrate;

constinit std::int64_t server_errors_seen = 0;
constinit std::int64_t own_errors_seen = 0;

/// run_sql(sql): an ERROR becomes an exception, passes through here and becomes an ERROR again.
Datum RunSql(pg::Arguments arguments) {
    const Tracked before;
    const auto sql = arguments.Required<std::string>(0, "sql");
    return pg::Arguments::Return(pg::SpiDatabase().Execute(sql));
}

std::string Field(const char *name, const char *value) {
    return value ? std::string(name) + ": " + value + "\n" : std::string();
}

/// catch_sql(sql): survives the ERROR in a subtransaction and returns what the exception knows of it.
Datum CatchSql(pg::Arguments arguments) {
    const auto sql = arguments.Required<std::string>(0, "sql");
    try {
        pg::SpiDatabase database;
        database.InSubtransaction([&] {
            const Tracked inside;
            database.Execute(sql);
        });
    } catch (const pg::ServerError &error) {
        const ErrorData &data = error.data();
        return pg::Arguments::Return(
            Field("sqlstate", error.state().code) + Field("message", error.text().message.c_str()) +
            Field("detail", data.detail) + Field("hint", data.hint) + Field("context", data.context) +
            Field("schema", data.schema_name) + Field("table", data.table_name) + Field("column", data.column_name) +
            Field("datatype", data.datatype_name) + Field("constraint", data.constraint_name));
    }
    return pg::Arguments::Return(std::string("no error"));
}

/// catch_and_throw_later(sql): the exception outlives the rolled back subtransaction and another, successful, query.
Datum CatchAndThrowLater(pg::Arguments arguments) {
    const auto sql = arguments.Required<std::string>(0, "sql");
    pg::SpiDatabase database;
    std::exception_ptr kept;
    try {
        database.InSubtransaction([&] { database.Execute(sql); });
    } catch (...) {
        kept = std::current_exception();
    }
    database.Execute("SELECT count(*) FROM generate_series(1, 10000)");
    if (kept) std::rethrow_exception(kept);
    return arguments.ReturnNull();
}

/// commit_outer_lose_inner(good, bad): runs `good` in a subtransaction and `bad` in one inside of it, which fails.
Datum CommitOuterLoseInner(pg::Arguments arguments) {
    const auto good = arguments.Required<std::string>(0, "good");
    const auto bad = arguments.Required<std::string>(1, "bad");
    pg::SpiDatabase database;
    pg::Subtransaction outer;
    database.Execute(good);
    try {
        const Tracked tracked;
        const pg::Subtransaction inner;
        database.Execute(good);
        database.Execute(bad);
    } catch (const DatabaseError &) {
    }
    database.Execute(good);
    outer.Commit();
    return arguments.ReturnNull();
}

/// descend(level, leaf): C++ → SPI → PL/pgSQL (descend_in_sql) → C++ …; at level 0 fails as `leaf` says.
Datum Descend(pg::Arguments arguments) {
    const Tracked first;
    const auto level = arguments.Required<std::int32_t>(0, "level");
    const auto leaf = arguments.Required<std::string>(1, "leaf");
    try {
        const Tracked second;
        if (level > 0) {
            pg::SpiDatabase().Query("SELECT descend_in_sql($1::int, $2)", {std::to_string(level - 1), leaf});
        } else if (leaf == "own error") {
            throw Error({"MG999"}, {.message = "thrown at the bottom", .detail = "The detail.", .hint = "The hint."});
        } else if (leaf == "number") {
            throw 42;
        } else {
            pg::SpiDatabase().Execute(leaf);
        }
    } catch (const pg::ServerError &) {
        ++server_errors_seen;
        throw;
    } catch (const Error &) {
        ++own_errors_seen;
        throw;
    }
    return arguments.ReturnNull();
}

Datum ServerErrorsSeen(pg::Arguments) { return pg::Arguments::Return(server_errors_seen); }
Datum OwnErrorsSeen(pg::Arguments) { return pg::Arguments::Return(own_errors_seen); }

/// What a scope must put back.
struct ProcessState {
    MemoryContext memory_context = CurrentMemoryContext;
    ResourceOwner resource_owner = CurrentResourceOwner;
    sigjmp_buf *jump = PG_exception_stack;
    ErrorContextCallback *callbacks = error_context_stack;
    int nest_level = GetCurrentTransactionNestLevel();
    Oid user = GetUserId();
    std::string search_path = namespace_search_path;
    std::uint32_t interrupts_held = InterruptHoldoffCount;
    std::uint32_t cancels_held = QueryCancelHoldoffCount;
};

std::string Differences(const ProcessState &before, const ProcessState &after) {
    std::string names;
    const auto compare = [&](bool same, const char *name) {
        if (!same) names += std::string(names.empty() ? "" : ", ") + name;
    };
    compare(before.memory_context == after.memory_context, "memory context");
    compare(before.resource_owner == after.resource_owner, "resource owner");
    compare(before.jump == after.jump, "jump buffer");
    compare(before.callbacks == after.callbacks, "context callbacks");
    compare(before.nest_level == after.nest_level, "nest level");
    compare(before.user == after.user, "user");
    compare(before.search_path == after.search_path, "search_path");
    compare(before.interrupts_held == after.interrupts_held, "held interrupts");
    compare(before.cancels_held == after.cancels_held, "held cancels");
    return names.empty() ? "everything put back" : "changed: " + names;
}

/// state_after(sql, as_user, search_path, subtransaction): runs the SQL as another user with another search_path, in a
/// subtransaction that is outside or inside of those scopes, and compares the process's state before and after.
Datum StateAfter(pg::Arguments arguments) {
    const auto sql = arguments.Required<std::string>(0, "sql");
    const auto user_name = arguments.Required<std::string>(1, "as_user");
    const auto search_path = arguments.Required<std::string>(2, "search_path");
    const bool is_outside = arguments.Required<std::string>(3, "subtransaction") == "outside";
    const Oid user = pg::Call(::get_role_oid, user_name.c_str(), false);

    const ProcessState before;
    try {
        std::optional<pg::Subtransaction> outside;
        if (is_outside) outside.emplace();
        const pg::UserScope as_user(user, true);
        pg::SettingsScope settings;
        settings.Set("search_path", search_path);
        std::optional<pg::Subtransaction> inside;
        if (!is_outside) inside.emplace();
        pg::SpiDatabase().Execute(sql);
        (is_outside ? outside : inside)->Commit();
    } catch (const std::exception &) {
    }
    return pg::Arguments::Return(Differences(before, ProcessState()));
}

/// who_am_i(as_user, restricted, sql): one value of a query run as another user.
Datum WhoAmI(pg::Arguments arguments) {
    const auto user_name = arguments.Required<std::string>(0, "as_user");
    const auto restricted = arguments.Required<bool>(1, "restricted");
    const auto sql = arguments.Required<std::string>(2, "sql");
    const Oid user = pg::Call(::get_role_oid, user_name.c_str(), false);
    const Rows rows =
        pg::SpiDatabase({.user = user, .restricted = restricted, .search_path = "pg_catalog, pg_temp"}).Query(sql);
    return pg::Arguments::Return(rows.values.at(0).at(0).value_or("(null)"));
}

}  // namespace
}  // namespace bridge_test

PGMIGRATE_FUNCTION(bridge_run_sql, bridge_test::RunSql)
PGMIGRATE_FUNCTION(bridge_catch_sql, bridge_test::CatchSql)
PGMIGRATE_FUNCTION(bridge_catch_and_throw_later, bridge_test::CatchAndThrowLater)
PGMIGRATE_FUNCTION(bridge_commit_outer_lose_inner, bridge_test::CommitOuterLoseInner)
PGMIGRATE_FUNCTION(bridge_descend, bridge_test::Descend)
PGMIGRATE_FUNCTION(bridge_server_errors_seen, bridge_test::ServerErrorsSeen)
PGMIGRATE_FUNCTION(bridge_own_errors_seen, bridge_test::OwnErrorsSeen)
PGMIGRATE_FUNCTION(bridge_state_after, bridge_test::StateAfter)
PGMIGRATE_FUNCTION(bridge_who_am_i, bridge_test::WhoAmI)
