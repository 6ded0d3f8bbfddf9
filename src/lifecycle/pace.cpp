// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/pace.h"

#include <algorithm>

namespace pgmigrate {

std::int64_t NextBatchBlocks(const BatchReport &last, const PaceLimits &limits) {
    const std::int64_t visited = std::max<std::int64_t>(last.blocks, 1);
    const std::int64_t active = std::max<std::int64_t>(last.active.count(), 1);
    const std::int64_t target = limits.target.count();
    const auto within = [&](std::int64_t blocks) { return std::clamp(blocks, limits.least, limits.most); };
    if (active > 5 * target) return within(visited / 8);
    const std::int64_t fitting = visited * target / active;
    const std::int64_t grown = visited + (visited + 1) / 2;  // rounded up, so that one block can become two
    return within(std::min(fitting, grown));
}

}  // namespace pgmigrate
