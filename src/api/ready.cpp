// SPDX-License-Identifier: PostgreSQL
// migrate_ready(max_lag interval, stable_for interval, schema_name name) → rows: may the migration be completed now?
// CALL migrate_complete(when_ready boolean, deadline interval, max_lag, stable_for, schema_name): waits for that
// moment.
//
// A procedure, because a function's snapshot would be one that CREATE INDEX CONCURRENTLY waits for.
#include <fmt/format.h>

#include "api/complete.h"
#include "api/procedure.h"
#include "api/session.h"
#include "api/status_rows.h"
#include "core/sqlstates.h"
#include "monitor/readiness_facts.h"
#include "pg/boundary.h"
#include "pg/interval.h"
#include "pg/pause.h"
#include "pg/result_rows.h"
#include "pg/settings.h"

namespace pgmigrate::api {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kLookEvery = 1s;
constexpr auto kTellEvery = 10s;

std::vector<Condition> Look(const std::string &schema_name, const ReadinessLimits &limits) {
    Session session(schema_name);
    const MigrationRecord record = session.RequireActive();
    session.RequireStarter(record);  // who is connected, and from where, is not for everybody
    return Readiness(LoadReadiness(session.state(), record, StatusRows(session.state(), schema_name), limits));
}

ReadinessLimits ReadLimits(const pg::Arguments &arguments, int first) {
    return {.max_lag = arguments.Required<std::chrono::milliseconds>(first, "max_lag"),
            .stable_for = arguments.Required<std::chrono::milliseconds>(first + 1, "stable_for"),
            .patience = pg::LockDeadline()};
}

Datum Ready(pg::Arguments arguments) {
    Rows rows;
    for (const Condition &condition : Look(arguments.RequiredName(2, "schema_name"), ReadLimits(arguments, 0)))
        rows.values.push_back({condition.condition, condition.value, condition.limit, condition.ok ? "t" : "f"});
    return pg::ReturnRows(arguments.call(), rows);
}

/// What is not met yet, in one line; empty when everything is.
std::string Unmet(const std::vector<Condition> &conditions) {
    std::vector<std::string> unmet;
    for (const Condition &condition : conditions)
        if (!condition.ok) unmet.push_back(fmt::format("{}: {}", condition.condition, condition.value));
    return fmt::format("{}", fmt::join(unmet, "; "));
}

bool IsLockTrouble(const SqlState &state) {
    const std::string_view code(state.code, 5);
    return code == std::string_view(sqlstates::kLockNotAvailable.code, 5) || code == "40P01";  // deadlock_detected
}

/// Completes, or tells in a line why the locks cannot be had now.
std::string TryToComplete(const std::string &schema_name) {
    try {
        pg::SpiDatabase().InSubtransaction([&] { (void)CompleteMigration(schema_name); });
        return {};
    } catch (const Error &error) {
        if (!IsLockTrouble(error.state())) throw;
        return error.text().message;
    } catch (const DatabaseError &error) {
        if (!IsLockTrouble(error.state())) throw;
        return error.text().message;
    }
}

void Notice(const std::string &line) {
    const char *const text = line.c_str();
    pg::Call([text] { ereport(NOTICE, (errmsg("%s", text))); });
}

void CompleteWhenReady(const std::string &schema_name, const ReadinessLimits &limits,
                       std::optional<SteadyClock::time_point> deadline) {
    CommittingSession session;
    SteadyClock::time_point tell_at = SteadyClock::now() + kLookEvery;
    for (;;) {
        std::string unmet = Unmet(Look(schema_name, limits));
        if (unmet.empty()) unmet = TryToComplete(schema_name);
        if (unmet.empty()) return;
        const SteadyClock::time_point now = SteadyClock::now();
        if (deadline && now >= *deadline)
            throw Error(sqlstates::kTimedOut,
                        {.message = "migration could not be completed in time",
                         .detail = unmet,
                         .hint = "SELECT * FROM migrate_ready() shows what is missing; SELECT migrate_complete() does "
                                 "not wait for it."});
        if (now >= tell_at) {
            Notice("waiting for " + unmet);
            tell_at = now + kTellEvery;
        }
        session.Commit();
        pg::Pause(kLookEvery);
    }
}

Datum CompleteWhen(pg::Arguments arguments) {
    const std::string schema_name = arguments.RequiredName(4, "schema_name");
    const ReadinessLimits limits = ReadLimits(arguments, 2);
    if (!arguments.Required<bool>(0, "when_ready")) {
        (void)CompleteMigration(schema_name);
        return arguments.ReturnNull();
    }
    if (IsAtomic(arguments.call()))
        throw Error(sqlstates::kInTransaction,
                    {.message = "migrate_complete cannot wait inside a transaction block",
                     .detail = "What it waits for may wait for this transaction.",
                     .hint = "Commit first, then CALL migrate_complete(when_ready => true)."});
    std::optional<SteadyClock::time_point> deadline;
    if (const auto wait = arguments.Optional<std::chrono::milliseconds>(1)) deadline = SteadyClock::now() + *wait;
    CompleteWhenReady(schema_name, limits, deadline);
    return arguments.ReturnNull();
}

}  // namespace
}  // namespace pgmigrate::api

PGMIGRATE_FUNCTION(migrate_ready, pgmigrate::api::Ready)
PGMIGRATE_FUNCTION(migrate_complete_when_ready, pgmigrate::api::CompleteWhen)
