// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/patience.h"

#include <algorithm>

namespace pgmigrate {
namespace {

using Seconds = std::chrono::duration<double>;
constexpr int kBoundsInWindow = 10;

}  // namespace

void Horizon::Observe(SteadyTime now, const std::optional<HorizonHolder> &holder) {
    if (!holder || !holder_ || holder->xmin != holder_->xmin || holder->identity != holder_->identity) since_ = now;
    holder_ = holder;
    stuck_ = holder_ ? Seconds(now - since_) : Seconds(0);
}

bool VacuumYield::Observe(SteadyTime now, bool running, Seconds bound) {
    const Seconds window = kBoundsInWindow * bound;
    while (!yielded_.empty() && now - yielded_.front().until > window) yielded_.pop_front();
    if (yielding_ && !yielded_.empty()) yielded_.back().until = std::max(yielded_.back().until, now);
    Seconds used{0};
    for (const Stretch &stretch : yielded_) used += stretch.until - stretch.from;
    const bool yields = running && used < bound;
    if (yields && !yielding_) yielded_.push_back({now, now});
    yielding_ = yields;
    return yields;
}

}  // namespace pgmigrate
