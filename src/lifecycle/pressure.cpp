// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/pressure.h"

#include <algorithm>
#include <cmath>

namespace pgmigrate {
namespace {

constexpr std::array<std::string_view, kSignalCount> kNames{
    "replay lag", "slot WAL",   "archive backlog", "active sessions", "commit latency", "lock waiters",
    "checkpoint", "disk space", "xmin horizon",    "autovacuum",      "pressure query"};
constexpr std::array<std::string_view, 4> kStateNames{"clear", "slow", "stop", "stale"};

/// Below this share of a limit a gauge lets go of it.
constexpr double kRelease = 0.9;

bool IsKnown(const Reading &reading) { return reading.value.has_value() && std::isfinite(*reading.value); }

/// How near a reading is to stopping a fill; what is not known is beyond everything that is.
double Severity(const Reading &reading) {
    if (!IsKnown(reading)) return HUGE_VAL;
    if (reading.limits.hard <= 0) return std::numeric_limits<double>::max();
    return *reading.value / reading.limits.hard;
}

double FactorOf(const Reading &reading) {
    const auto [soft, hard] = reading.limits;
    if (hard <= soft) return 1;
    const double share = (*reading.value - soft) / (hard - soft);
    return std::clamp(1 - (1 - kLeastFactor) * share, kLeastFactor, 1.0);
}

}  // namespace

std::string_view SignalName(Signal signal) { return kNames.at(static_cast<std::size_t>(signal)); }
std::string_view GaugeStateName(GaugeState state) { return kStateNames.at(static_cast<std::size_t>(state)); }

GaugeState Gauge::Judge(const Reading &reading) const {
    if (!IsKnown(reading)) return GaugeState::kStale;
    const double value = *reading.value;
    const auto [soft, hard] = reading.limits;
    if (value >= hard) return GaugeState::kStop;
    if (Stops() && value >= std::min(soft, kRelease * hard)) return GaugeState::kStop;
    if (value >= soft) return GaugeState::kSlow;
    if (state_ == GaugeState::kSlow && value >= kRelease * soft) return GaugeState::kSlow;
    return GaugeState::kClear;
}

void Gauge::Update(const std::vector<const Reading *> &readings, SteadyTime now) {
    const GaugeState before = state_;
    if (readings.empty()) {
        state_ = GaugeState::kClear;
        factor_ = 1;
        reading_ = Reading{.signal = reading_.signal, .value = {}, .limits = {}, .words = {}};
    } else {
        reading_ = **std::ranges::max_element(readings, {}, [](const Reading *reading) { return Severity(*reading); });
        state_ = Judge(reading_);
        factor_ = Stops() ? 0 : state_ == GaugeState::kSlow ? FactorOf(reading_) : 1;
    }
    if (state_ != before || since_ == SteadyTime{}) since_ = now;
}

}  // namespace pgmigrate
