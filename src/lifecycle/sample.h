// SPDX-License-Identifier: PostgreSQL
// The course of a migration over time, for those who look at it later.
#pragma once

#include <cstdint>

#include "core/database.h"

namespace pgmigrate {

/// Keeps the progress of now in pgmigrate.sample, unless the last one kept is too young: less than a second, or less
/// than a five-hundredth of the time since the start, so that a migration of any length has a few thousand samples.
void KeepSample(Database &state, std::int64_t migration_id);

}  // namespace pgmigrate
