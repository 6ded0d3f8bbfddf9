// SPDX-License-Identifier: PostgreSQL
// CALL migrate_wait(name text, timeout interval, schema_name name): blocks until the migration is ready.
//
// CREATE INDEX CONCURRENTLY, which the worker may be running, waits for every snapshot in the database; so we hold none
// while we wait: between two looks there is no transaction but a fresh one that has done nothing.
#include <fmt/format.h>

#include <chrono>

#include "api/procedure.h"
#include "api/status_rows.h"
#include "core/sqlstates.h"
#include "monitor/progress.h"
#include "pg/boundary.h"
#include "pg/interval.h"
#include "pg/pause.h"
#include "pg/spi_database.h"
#include "worker/workers.h"

namespace pgmigrate::api {
namespace {

using namespace std::chrono_literals;
using SteadyTime = std::chrono::steady_clock::time_point;

struct Wanted {
    std::optional<std::string> name;
    std::string schema_name;
    std::optional<SteadyTime> deadline;
};

[[noreturn]] void RaiseFailure(const Rows &status) {
    SqlState state{};
    status.TextOr(0, "error_sqlstate", "XX000").copy(state.code, 5);
    throw Error(state, {.message = status.TextOr(0, "error", "migration failed"),
                        .detail = status.TextOr(0, "error_detail", ""),
                        .hint = status.TextOr(0, "hint", "")});
}

[[noreturn]] void RaiseGone(const Wanted &wanted) {
    throw Error(
        sqlstates::kUndefinedObject,
        {.message = wanted.name ? fmt::format("migration \"{}\" does not exist in schema \"{}\"", *wanted.name,
                                              wanted.schema_name)
                                : fmt::format("no migration to wait for in schema \"{}\"", wanted.schema_name),
         .hint = "SELECT * FROM migrate_history() lists the migrations; one that was rolled back is not among them."});
}

/// One look. True when there is nothing left to wait for.
bool IsReady(const Rows &status, const Wanted &wanted) {
    if (status.empty() || (wanted.name && status.Text(0, "name") != *wanted.name)) RaiseGone(wanted);
    const std::string &state = status.Text(0, "state");
    if (state == "failed") RaiseFailure(status);
    return state == "ready" || state == "completed";
}

std::string Waiting(const Rows &status) {
    if (!status.At(0, "waiting_for") || status.Bool(0, "paused")) return {};
    return fmt::format(" It waits for {}.", status.Text(0, "waiting_for"));
}

void Report(const Rows &status) {
    std::string line =
        fmt::format("{} {} {}%  {}", status.Text(0, "name"), ProgressBar(std::stod(status.Text(0, "percent")), 30),
                    status.Text(0, "percent"), status.Text(0, "state"));
    if (status.At(0, "bytes_per_second"))
        line += fmt::format("  {:.1f} MB/s", std::stod(status.Text(0, "bytes_per_second")) / 1e6);
    if (status.At(0, "waiting_for") && !status.Bool(0, "paused"))
        line += fmt::format("  waiting for {}", status.Text(0, "waiting_for"));
    if (status.At(0, "eta")) line += fmt::format("  {} left", status.Text(0, "eta"));
    const char *const text = line.c_str();
    pg::Call([text] { ereport(NOTICE, (errmsg("%s", text))); });
}

Rows Look(const Wanted &wanted) {
    pg::SpiDatabase state = pg::StateDatabase();
    return StatusRows(state, wanted.schema_name);
}

void WaitUntilReady(const Wanted &wanted) {
    CommittingSession session;
    worker::StartMissingWorkers();
    SteadyTime next_report = std::chrono::steady_clock::now() + 1s;
    std::chrono::milliseconds rest = 5ms;
    for (;;) {
        const Rows status = Look(wanted);
        if (IsReady(status, wanted)) return;
        const SteadyTime now = std::chrono::steady_clock::now();
        if (wanted.deadline && now >= *wanted.deadline)
            throw Error(sqlstates::kTimedOut,
                        {.message = "migration is not ready in time",
                         .detail = fmt::format("It is {}.", status.Text(0, "state")) + Waiting(status),
                         .hint = status.Bool(0, "paused") ? "Run migrate_resume() to go on."
                                                          : "The work goes on: see SELECT * FROM migrate_status()."});
        if (now >= next_report) {
            Report(status);
            next_report = now + 1s;
        }
        session.Commit();
        pg::Pause(rest);
        rest = std::min(rest * 2, 250ms);
    }
}

Datum Wait(pg::Arguments arguments) {
    if (IsAtomic(arguments.call()))
        throw Error(sqlstates::kInTransaction,
                    {.message = "migrate_wait cannot run inside a transaction block",
                     .detail = "A migration started in this transaction cannot go on before it ends.",
                     .hint = "Commit first, then CALL migrate_wait()."});
    Wanted wanted{.name = arguments.Optional<std::string>(0),
                  .schema_name = arguments.RequiredName(2, "schema_name"),
                  .deadline = {}};
    if (const auto timeout = arguments.Optional<std::chrono::milliseconds>(1))
        wanted.deadline = std::chrono::steady_clock::now() + *timeout;
    WaitUntilReady(wanted);
    return arguments.ReturnNull();
}

}  // namespace
}  // namespace pgmigrate::api

PGMIGRATE_FUNCTION(migrate_wait, pgmigrate::api::Wait)
