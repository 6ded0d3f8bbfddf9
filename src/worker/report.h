// SPDX-License-Identifier: PostgreSQL
// Changes of a migration's state by its worker, each with its event; and what becomes of a failure.
#pragma once

#include <exception>
#include <optional>

#include "fill/row_failure.h"
#include "lifecycle/store.h"

namespace pgmigrate::worker {

/// A caught exception as values.
struct Failure {
    SqlState state;
    ErrorText text;
    std::optional<fill::RowFailure> row;  ///< if it belongs to a row
};

Failure Describe(std::exception_ptr caught);

/// Enters a state, in the current transaction, with its event (which notifies whoever listens).
void EnterState(Database &database, const MigrationRecord &record, State state);

/// Enters the phase after the record's, in a transaction of its own.
void FinishPhase(const MigrationRecord &record);

/// Marks the migration as failed, in a transaction of its own, unless another process of it was first; the failed
/// transaction must have been aborted. Adds the key of the offending row, which could not be read before that.
void RecordFailure(const MigrationRecord &record, const Failure &failure);

/// A line in the server log.
void Log(const std::string &message);

}  // namespace pgmigrate::worker
