// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "worker/report.h"

#include "core/sqlstates.h"
#include "fill/row_description.h"
#include "pg/server_error.h"
#include "pg/spi_database.h"
#include "pg/transaction.h"

namespace pgmigrate::worker {
namespace {

constexpr const char *kHint = "Mend the cause, then run migrate_resume(); or undo with migrate_rollback().";

/// The row's key, read in a transaction of its own. Whatever goes wrong with that must not hide the failure itself.
std::optional<std::string> KeyOf(const fill::RowLocation &row) {
    std::optional<std::string> words;
    try {
        pg::InTransaction("reading the row that failed", [&] { words = fill::DescribeRowAt(row); });
    } catch (const std::exception &unreadable) {
        Log(fmt::format("pgmigrate could not read the row that failed: {}", unreadable.what()));
    }
    return words;
}

ErrorText TextOf(const Failure &failure) {
    ErrorText text = failure.text;
    if (failure.row)
        if (const std::optional<std::string> row = KeyOf(failure.row->location())) text = failure.row->TextFor(*row);
    if (text.hint.empty()) text.hint = kHint;
    return text;
}

}  // namespace

Failure Describe(std::exception_ptr caught) {
    try {
        std::rethrow_exception(caught);
    } catch (const fill::RowFailure &failure) {
        return {failure.state(), failure.text(), failure};
    } catch (const Error &failure) {
        return {failure.state(), failure.text(), std::nullopt};
    } catch (const DatabaseError &failure) {
        return {failure.state(), failure.text(), std::nullopt};
    } catch (const std::bad_alloc &) {
        return {sqlstates::kOutOfMemory, {.message = "out of memory"}, std::nullopt};
    } catch (const std::exception &failure) {
        return {sqlstates::kInternal, {.message = failure.what()}, std::nullopt};
    } catch (...) {
        return {sqlstates::kInternal, {.message = "unidentified C++ exception"}, std::nullopt};
    }
}

void EnterState(Database &database, const MigrationRecord &record, State state) {
    StateStore store(database);
    store.SetPhase(record.id, state);
    store.RecordEvent(record, std::string(StateName(state)));
}

void FinishPhase(const MigrationRecord &record) {
    pg::InTransaction("entering the next phase", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        // The other phases mark each of their steps; of these two it is the rows of pgmigrate.fill that count.
        if (record.phase == State::kFilling) StateStore(state).MarkPhaseDone(record.id, Phase::kFill);
        if (record.phase == State::kVerifying) StateStore(state).MarkPhaseDone(record.id, Phase::kVerify);
        EnterState(state, record, NextPhase(record.phase));
    });
}

void RecordFailure(const MigrationRecord &record, const Failure &failure) {
    const ErrorText text = TextOf(failure);
    pg::InTransaction("recording a failure", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        StateStore store(state);
        if (store.SetFailed(record.id, failure.state, text)) store.RecordEvent(record, "failed", text.message);
    });
    Log(fmt::format("migration \"{}\" of schema \"{}\" failed while {}: {} ({})", record.name, record.schema_name,
                    StateName(record.phase), text.message, failure.state.code));
}

void Log(const std::string &message) {
    const char *const text = message.c_str();
    pg::Call([text] { ereport(LOG, (errmsg("%s", text))); });
}

}  // namespace pgmigrate::worker
