// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/pace.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace pgmigrate {
namespace {

constexpr std::size_t kWindow = 8;
constexpr double kPercentile = 0.9;
constexpr double kPanic = 5;
constexpr std::int64_t kPanicShrink = 8;
constexpr std::chrono::microseconds kLongestRest = std::chrono::seconds(1);
constexpr std::int64_t kRateBatchesPerSecond = 4;

double Percentile(std::vector<double> values, double share) {
    std::ranges::sort(values);
    const auto place = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    return values[std::max<std::size_t>(place, 1) - 1];
}

}  // namespace

double Pace::CostPerBlock(const BatchReport &batch) const {
    const double time = static_cast<double>(batch.active.count()) / static_cast<double>(limits_.target.count());
    const double wal = static_cast<double>(batch.wal) / static_cast<double>(limits_.wal);
    return std::max(time, wal) / static_cast<double>(std::max<std::int64_t>(batch.blocks, 1));
}

void Pace::Record(const BatchReport &batch, bool hold) {
    const std::int64_t visited = std::max<std::int64_t>(batch.blocks, 1);
    if (CostPerBlock(batch) * static_cast<double>(visited) > kPanic) {
        blocks_ = std::min(blocks_, visited);
        return Shrink();
    }
    recent_.push_back(batch);
    if (recent_.size() > kWindow) recent_.pop_front();
    std::vector<double> costs;
    for (const BatchReport &report : recent_) costs.push_back(CostPerBlock(report));
    const double cost = Percentile(std::move(costs), kPercentile);
    const double fitting = cost > 0 ? 1 / cost : static_cast<double>(limits_.most);
    const auto wanted = static_cast<std::int64_t>(std::min(fitting, static_cast<double>(limits_.most)));
    const std::int64_t most = hold ? blocks_ : blocks_ * 2;
    blocks_ = std::clamp(std::clamp(wanted, blocks_ / 2, most), limits_.least, limits_.most);
}

void Pace::Shrink() {
    blocks_ = std::max(limits_.least, blocks_ / kPanicShrink);
    recent_.clear();
}

double Pace::wal_per_block() const {
    std::int64_t wal = 0, blocks = 0;
    for (const BatchReport &batch : recent_) {
        wal += batch.wal;
        blocks += batch.blocks;
    }
    return blocks > 0 ? static_cast<double>(wal) / static_cast<double>(blocks) : 0;
}

std::chrono::microseconds RestAfter(std::chrono::microseconds active, double factor) {
    if (factor >= 1) return std::chrono::microseconds(0);
    if (factor <= 0) return kLongestRest;
    const double rest = static_cast<double>(active.count()) * (1 / factor - 1);
    return std::chrono::microseconds(std::llround(std::min(rest, static_cast<double>(kLongestRest.count()))));
}

std::optional<std::int64_t> RateLimit::BatchBytes(std::int64_t bytes_per_second) const {
    if (bytes_per_second <= 0) return std::nullopt;
    return bytes_per_second / kRateBatchesPerSecond;
}

RateLimit::Time RateLimit::Spend(Time now, std::int64_t bytes, std::int64_t bytes_per_second) {
    if (bytes_per_second <= 0) return free_from_ = now;
    const std::chrono::duration<double> due(static_cast<double>(bytes) / static_cast<double>(bytes_per_second));
    // The time the batch itself took counts, but no more than a second of it.
    const Time begun = std::max(free_from_, now - std::chrono::seconds(1));
    free_from_ = begun + std::chrono::duration_cast<Time::duration>(due);
    return std::max(now, free_from_);
}

}  // namespace pgmigrate
