// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/load.h"

#include <cmath>

namespace pgmigrate {
namespace {

/// A look is a snapshot of a moment; what counts is the last few seconds.
constexpr double kWindowSeconds = 5;
constexpr double kFewCommitsPerSecond = 20;

void Approach(double &average, double value, double weight) { average += (value - average) * weight; }

}  // namespace

void Load::Observe(SteadyTime now, const SessionCounts &counts) {
    if (!looked_) {
        running_ = counts.running;
    } else {
        const double seconds = std::chrono::duration<double>(now - *looked_).count();
        if (seconds <= 0) return;
        const double weight = 1 - std::exp(-seconds / kWindowSeconds);
        Approach(running_, counts.running, weight);
        Approach(committing_, counts.committing, weight);
        const auto commits = static_cast<double>(std::max<std::int64_t>(counts.commits - commits_, 0));
        Approach(commits_per_second_, commits / seconds, weight);
    }
    looked_ = now;
    commits_ = counts.commits;
}

std::optional<double> Load::CommitLatency() const {
    if (commits_per_second_ < kFewCommitsPerSecond) return std::nullopt;
    return committing_ / commits_per_second_ * 1000;
}

}  // namespace pgmigrate
