// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/governor.h"

#include <algorithm>
#include <cmath>

namespace pgmigrate {
namespace {

constexpr SignalSet Only(std::initializer_list<Signal> signals) {
    SignalSet set{};
    for (const Signal signal : signals) set[static_cast<std::size_t>(signal)] = true;
    return set;
}

constexpr SignalSet AllBut(std::initializer_list<Signal> signals) {
    SignalSet set = Only(signals);
    for (bool &member : set) member = !member;
    return set;
}

Decision DecisionOf(const Gauge &gauge) {
    Decision decision{.verdict = gauge.Stops() ? Verdict::kStop : Verdict::kSlow,
                      .factor = gauge.factor(),
                      .signal = gauge.reading().signal,
                      .reason = std::string(SignalName(gauge.reading().signal)) + ": " + gauge.reading().words,
                      .since = gauge.since()};
    return decision;
}

}  // namespace

SignalSet SignalsOf(State phase) {
    switch (phase) {
        case State::kFilling:
            return AllBut({});
        case State::kIndexing:
            return AllBut({Signal::kAutovacuum, Signal::kLockWaiters, Signal::kHorizon});
        case State::kValidating:
        case State::kVerifying:
            return Only({Signal::kActiveSessions, Signal::kCommitLatency, Signal::kQuery});
        default:
            return {};
    }
}

void Governor::Observe(const Sample &sample) {
    taken_ = sample.taken;
    wal_allowance_ = sample.wal_allowance;
    for (std::size_t i = 0; i < kSignalCount; ++i) {
        std::vector<const Reading *> readings;
        for (const Reading &reading : sample.readings)
            if (reading.signal == static_cast<Signal>(i)) readings.push_back(&reading);
        gauges_[i].Update(readings, sample.taken);
    }
}

Decision Governor::Decide(State phase, SteadyTime now) const {
    const SignalSet obeyed = SignalsOf(phase);
    if (std::ranges::find(obeyed, true) == obeyed.end()) return {};
    if (!taken_ || now - *taken_ > kFreshness)
        return {.verdict = Verdict::kStop,
                .factor = 0,
                .signal = std::nullopt,
                .reason = "the server could not be looked at lately",
                .since = taken_.value_or(now)};
    const Gauge *strongest = nullptr;
    for (std::size_t i = 0; i < kSignalCount; ++i) {
        if (!obeyed[i] || gauges_[i].state() == GaugeState::kClear) continue;
        if (strongest == nullptr || gauges_[i].factor() < strongest->factor()) strongest = &gauges_[i];
    }
    return strongest == nullptr ? Decision{} : DecisionOf(*strongest);
}

void Governor::AddLost(const Decision &decision, std::chrono::duration<double> lost) {
    if (decision.signal) gauges_[static_cast<std::size_t>(*decision.signal)].AddLost(lost);
}

int WorkersUnder(const Decision &decision, int wanted) {
    if (decision.verdict == Verdict::kStop) return 1;
    return std::clamp(static_cast<int>(std::lround(decision.factor * wanted)), 1, std::max(wanted, 1));
}

}  // namespace pgmigrate
