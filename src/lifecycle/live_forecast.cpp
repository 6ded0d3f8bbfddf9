// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/live_forecast.h"

#include <fmt/format.h>

#include <algorithm>

namespace pgmigrate {
namespace {

/// Fewer blocks than this say too little about the others.
constexpr std::int64_t kFewBlocks = 64;
/// What a fill takes before it is looked at again.
constexpr std::int64_t kNextStep = 1 << 20;
constexpr std::int64_t kLeastReserve = std::int64_t{1} << 30;

/// Free bytes below which the fill has to stop.
std::int64_t LeastFree(const VolumeNeed &need, const FreeDiskFloor &floor) {
    const std::int64_t needed = std::max(need.needed, kNextStep);
    const std::int64_t reserve = std::min(need.volume.total / 100, kLeastReserve);
    std::int64_t least = floor.share > 0 ? reserve : floor.bytes;
    if (floor.share > 0 && needed > need.volume.free / 100)
        least = static_cast<std::int64_t>(floor.share * static_cast<double>(need.volume.total));
    return needed + least;
}

}  // namespace

void LiveForecast::Observe(const FillFootprint &footprint) {
    // Blocks are given back or done again (the table was rewritten or truncated): begin anew.
    if (!first_ || footprint.blocks_done < first_->blocks_done) first_ = footprint;
    const std::int64_t done = footprint.blocks_done - first_->blocks_done;
    if (done < kFewBlocks) return;
    const double grown = static_cast<double>(std::max<std::int64_t>(footprint.bytes - first_->bytes, 0));
    left_ = static_cast<std::int64_t>(grown / static_cast<double>(done) * static_cast<double>(footprint.blocks_left));
}

std::int64_t WalGrowth(std::int64_t left, std::int64_t present, std::int64_t max_wal_size, bool kept) {
    if (kept) return left;
    return std::min(left, std::max<std::int64_t>(max_wal_size - present, 0));
}

std::optional<Reading> DiskReading(const VolumeNeed &need, const FreeDiskFloor &floor) {
    if (floor.share == 0 && floor.bytes == 0) return std::nullopt;
    const std::int64_t least = LeastFree(need, floor);
    const std::int64_t free = std::max<std::int64_t>(need.volume.free, 1);
    const double wanted = static_cast<double>(least) / static_cast<double>(free);
    return Reading{
        .signal = Signal::kDisk,
        .value = wanted,
        .limits = {.soft = 1, .hard = 1},
        .words = fmt::format("{} of {} are free on the file system of {}, {} are needed with what must stay free",
                             PrettySize(need.volume.free), PrettySize(need.volume.total), need.volume.name,
                             PrettySize(least))};
}

}  // namespace pgmigrate
