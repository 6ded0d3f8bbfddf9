// SPDX-License-Identifier: PostgreSQL
// How far a migration is, from what its rows say. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "lifecycle/state.h"

namespace pgmigrate {

/// Sums over the tables and steps of one migration.
struct ProgressInput {
    State phase = State::kFilling;
    std::int64_t blocks = 0;  ///< to fill; 0 while it is not known
    std::int64_t blocks_filled = 0;
    std::int64_t blocks_verified = 0;
    double fill_seconds = 0;  ///< time spent in fill batches, of all processes together
    int processes = 1;        ///< that fill just now
    int index_steps = 0;
    int index_steps_done = 0;
    int validate_steps = 0;
    int validate_steps_done = 0;
};

struct Progress {
    double percent = 0;                             ///< 0 to 100, over all phases
    std::optional<double> bytes_per_second;         ///< heap bytes filled per second, by the processes that fill
    std::optional<std::chrono::seconds> remaining;  ///< only while filling, when there is a rate
};

Progress ComputeProgress(const ProgressInput &input);

/// A bar of `width` characters such as "[#####.....]".
std::string ProgressBar(double percent, int width);

}  // namespace pgmigrate
