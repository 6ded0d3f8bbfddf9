// SPDX-License-Identifier: PostgreSQL
#include "monitor/progress.h"

#include <algorithm>
#include <cmath>

namespace pgmigrate {
namespace {

constexpr double kBlockBytes = 8192;

/// Where each phase begins on the scale of 0 to 100. Filling reads and writes every row, verifying reads every row, an
/// index sorts one column; a phase without work is passed in no time.
constexpr double kFillingEnd = 60;
constexpr double kIndexingEnd = 80;
constexpr double kValidatingEnd = 85;
constexpr double kVerifyingEnd = 99;

double Share(double done, double total) { return total <= 0 ? 0 : std::clamp(done / total, 0.0, 1.0); }

double Percent(const ProgressInput &input) {
    const auto blocks = static_cast<double>(input.blocks);
    switch (input.phase) {
        case State::kFilling:
            return kFillingEnd * Share(static_cast<double>(input.blocks_filled), blocks);
        case State::kIndexing:
            return kFillingEnd + (kIndexingEnd - kFillingEnd) * Share(input.index_steps_done, input.index_steps);
        case State::kValidating:
            return kIndexingEnd +
                   (kValidatingEnd - kIndexingEnd) * Share(input.validate_steps_done, input.validate_steps);
        case State::kVerifying:
            return kValidatingEnd +
                   (kVerifyingEnd - kValidatingEnd) * Share(static_cast<double>(input.blocks_verified), blocks);
        case State::kPublishing:
            return kVerifyingEnd;
        default:
            return 100;
    }
}

}  // namespace

Progress ComputeProgress(const ProgressInput &input) {
    Progress progress{.percent = Percent(input), .bytes_per_second = {}, .remaining = {}};
    if (input.fill_seconds <= 0 || input.blocks_filled <= 0) return progress;
    const double by_one = static_cast<double>(input.blocks_filled) * kBlockBytes / input.fill_seconds;
    progress.bytes_per_second = by_one * std::max(input.processes, 1);
    if (input.phase != State::kFilling) return progress;
    const auto left = static_cast<double>(std::max<std::int64_t>(input.blocks - input.blocks_filled, 0));
    progress.remaining = std::chrono::seconds(std::llround(left * kBlockBytes / *progress.bytes_per_second));
    return progress;
}

std::string ProgressBar(double percent, int width) {
    const int filled = std::clamp(static_cast<int>(percent / 100 * width), 0, width);
    return '[' + std::string(static_cast<std::size_t>(filled), '#') +
           std::string(static_cast<std::size_t>(width - filled), '.') + ']';
}

}  // namespace pgmigrate
