// SPDX-License-Identifier: PostgreSQL
// Reads what the conditions of completion are made of.
#pragma once

#include <chrono>

#include "core/database.h"
#include "lifecycle/store.h"
#include "monitor/readiness.h"

namespace pgmigrate {

struct ReadinessLimits {
    std::chrono::milliseconds max_lag{};
    std::chrono::milliseconds stable_for{};
    std::chrono::milliseconds patience{};  ///< age from which a transaction is a long one
};

/// Reads the facts about an active migration, whose row of migrate_status() is given, and keeps a reading of the lag
/// for later. In a read-only transaction it keeps none.
ReadinessInput LoadReadiness(Database &state, const MigrationRecord &record, const Rows &status,
                             const ReadinessLimits &limits);

/// Keeps a reading of the lag.
void RecordLag(Database &state);

}  // namespace pgmigrate
