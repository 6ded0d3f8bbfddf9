// SPDX-License-Identifier: PostgreSQL
#include "monitor/progress.h"

#include <algorithm>
#include <cmath>

#include "core/blocks.h"

namespace pgmigrate {
namespace {

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

/// What is left of a phase that takes `size` of the scale.
double PhaseLeft(const ProgressInput &input, State phase, double size, double done, double total) {
    if (input.phase > phase || total <= 0) return 0;
    return input.phase < phase ? size : size * (1 - Share(done, total));
}

/// What is left of the scale, without the phases that have nothing to do.
double ScaleLeft(const ProgressInput &input) {
    const auto blocks = static_cast<double>(input.blocks);
    return PhaseLeft(input, State::kFilling, kFillingEnd, static_cast<double>(input.blocks_filled), blocks) +
           PhaseLeft(input, State::kIndexing, kIndexingEnd - kFillingEnd, input.index_steps_done, input.index_steps) +
           PhaseLeft(input, State::kValidating, kValidatingEnd - kIndexingEnd, input.validate_steps_done,
                     input.validate_steps) +
           PhaseLeft(input, State::kVerifying, kVerifyingEnd - kValidatingEnd,
                     static_cast<double>(input.blocks_verified), blocks);
}

}  // namespace

Progress ComputeProgress(const ProgressInput &input) {
    Progress progress{.percent = Percent(input), .bytes_per_second = {}, .remaining = {}};
    if (input.fill_seconds <= 0 || input.blocks_filled <= 0) return progress;
    const double by_one = static_cast<double>(input.blocks_filled) * kBlockBytes / input.fill_seconds;
    progress.bytes_per_second = by_one * std::max(input.processes, 1);
    if (input.phase == State::kReady || input.phase == State::kCompleted) return progress;
    const double whole_fill = static_cast<double>(input.blocks) * kBlockBytes / *progress.bytes_per_second;
    progress.remaining = std::chrono::seconds(std::llround(whole_fill * ScaleLeft(input) / kFillingEnd));
    return progress;
}

std::string ProgressBar(double percent, int width) {
    const int filled = std::clamp(static_cast<int>(percent / 100 * width), 0, width);
    return '[' + std::string(static_cast<std::size_t>(filled), '#') +
           std::string(static_cast<std::size_t>(width - filled), '.') + ']';
}

}  // namespace pgmigrate
