// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/ranges.h"

#include <algorithm>

namespace pgmigrate {
namespace {

constexpr std::int64_t kLeastRange = 128;
constexpr std::int64_t kUsualRange = 8192;
constexpr std::int64_t kRangesPerTable = 64;  // of a middling one
constexpr std::int64_t kMostRanges = 4096;

constexpr int kMostAutomaticFillers = 4;
constexpr std::int64_t kBlocksPerFiller = 16'384;

}  // namespace

std::int64_t RangeBlocks(std::int64_t table_blocks) noexcept {
    const std::int64_t usual = std::clamp(table_blocks / kRangesPerTable, kLeastRange, kUsualRange);
    return std::max(usual, (table_blocks + kMostRanges - 1) / kMostRanges);
}

int WantedFillers(int setting, int cores, const FillLoad &load) noexcept {
    std::int64_t wanted = setting;
    if (setting <= 0) {
        wanted = std::clamp(cores / 2, 1, kMostAutomaticFillers);
        wanted = std::min(wanted, 1 + load.blocks / kBlocksPerFiller);
    }
    wanted = std::min<std::int64_t>({wanted, load.ranges, kMostFillers});
    return static_cast<int>(std::max<std::int64_t>(wanted, 1));
}

}  // namespace pgmigrate
