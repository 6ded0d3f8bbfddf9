// SPDX-License-Identifier: PostgreSQL
// Which failures of a worker are worth another try, and when.
#pragma once

#include <chrono>
#include <optional>

#include "core/error.h"

namespace pgmigrate {

/// True for a failure whose cause is likely to go away by itself: serialization failure and deadlock (40001, 40P01), a
/// lock that was not to be had (55P03), a cancelled statement (57014), an operator's intervention (57P…), insufficient
/// resources (class 53: disk, memory, connections).
bool IsTransient(const SqlState &state);

/// How long to rest before trying again after `failures` failures in a row (at least 1); nothing when the migration is
/// to be marked as failed.
std::optional<std::chrono::milliseconds> RetryPause(const SqlState &state, int failures);

}  // namespace pgmigrate
