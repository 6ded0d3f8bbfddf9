// SPDX-License-Identifier: PostgreSQL
// From signals to one decision, and who is to blame for the time that it costs.
#pragma once

#include "lifecycle/pressure.h"
#include "lifecycle/state.h"

namespace pgmigrate {

/// After this long a sample says nothing any more.
inline constexpr std::chrono::seconds kFreshness{15};

/// What a phase obeys. Verification writes nothing, so no standby, slot, archive or disk can suffer from it; the steps
/// of indexing and validating cannot be slowed down once they run, but they can wait before they begin.
SignalSet SignalsOf(State phase);

class Governor {
  public:
    /// Takes in a look at the server.
    void Observe(const Sample &sample);

    /// What to do now: the strongest of the signals that the phase obeys. A stop goes before everything; between
    /// several that slow down, the slowest counts. Without a fresh sample the answer is to stop.
    Decision Decide(State phase, SteadyTime now) const;

    /// Time that a decision has cost, for its signal's account.
    void AddLost(const Decision &decision, std::chrono::duration<double> lost);

    /// WAL that may be written until the next look.
    std::optional<std::int64_t> wal_allowance() const { return wal_allowance_; }
    const std::array<Gauge, kSignalCount> &gauges() const { return gauges_; }
    const Gauge &gauge(Signal signal) const { return gauges_[static_cast<std::size_t>(signal)]; }

  private:
    std::array<Gauge, kSignalCount> gauges_;
    std::optional<std::int64_t> wal_allowance_;
    std::optional<SteadyTime> taken_;
};

/// How many of `wanted` fill workers may work: all of them at full speed, one when stopped, which then only waits.
int WorkersUnder(const Decision &decision, int wanted);

}  // namespace pgmigrate
