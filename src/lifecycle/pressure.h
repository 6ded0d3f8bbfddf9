// SPDX-License-Identifier: PostgreSQL
// Pressure: what speaks for going on with a fill slowly, or not at all. Signals are values here; the server is read by
// pg/pressure_sampler.h, and lifecycle/pressure_reader.h makes readings of it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate {

/// Time that no step of the system's clock changes.
using SteadyTime = std::chrono::steady_clock::time_point;

enum class Signal {
    kReplayLag,
    kSlotWal,
    kArchiveBacklog,
    kActiveSessions,
    kCommitLatency,
    kLockWaiters,
    kCheckpoint,
    kDisk,
    kHorizon,
    kAutovacuum,
    kQuery,
};
inline constexpr std::size_t kSignalCount = 11;

std::string_view SignalName(Signal signal);  ///< "replay lag", …

/// What is left of full speed just below a hard limit.
inline constexpr double kLeastFactor = 0.1;

/// At the soft limit a fill begins to slow down, at the hard limit it stops.
struct PressureLimits {
    double soft = 0;
    double hard = 0;
};

/// One look at one thing: a standby, a slot, a file system.
struct Reading {
    Signal signal = Signal::kReplayLag;
    std::optional<double> value;  ///< nothing: it is watched and could not be read
    PressureLimits limits;
    std::string words;  ///< what a person reads: "standby s1 is 12 s behind, pgmigrate.max_replay_lag is 10 s"
};

/// One look at the server.
struct Sample {
    SteadyTime taken{};
    std::vector<Reading> readings;
    /// WAL that a fill may write until the next look, so that no standby falls back beyond its limit meanwhile.
    std::optional<std::int64_t> wal_allowance;
};

enum class GaugeState { kClear, kSlow, kStop, kStale };
std::string_view GaugeStateName(GaugeState state);  ///< "clear", "slow", "stop", "stale"

/// One signal over time. A gauge that has stopped a fill lets it go on only below the soft limit, and one that slows it
/// down lets go a tenth below that, so that a value at a limit does not make it flap. What could not be read is stale
/// and stops a fill like a value beyond the hard limit. A hard limit of zero stops it for good.
class Gauge {
  public:
    /// The readings of one look; none: nothing of the kind exists just now.
    void Update(const std::vector<const Reading *> &readings, SteadyTime now);
    void AddLost(std::chrono::duration<double> lost) { lost_ += lost; }

    GaugeState state() const { return state_; }
    bool Stops() const { return state_ == GaugeState::kStop || state_ == GaugeState::kStale; }
    double factor() const { return factor_; }            ///< share of full speed that is left; 0 when it stops
    const Reading &reading() const { return reading_; }  ///< the worst of the last look
    SteadyTime since() const { return since_; }          ///< when it came into this state
    std::chrono::duration<double> lost() const { return lost_; }

  private:
    GaugeState Judge(const Reading &reading) const;

    GaugeState state_ = GaugeState::kClear;
    double factor_ = 1;
    Reading reading_;
    SteadyTime since_{};
    std::chrono::duration<double> lost_{0};
};

enum class Verdict { kGo, kSlow, kStop };

struct Decision {
    Verdict verdict = Verdict::kGo;
    double factor = 1;  ///< share of full speed; 0 when stopped
    std::optional<Signal> signal = {};
    std::string reason = {};  ///< empty: go
    SteadyTime since = {};    ///< of the signal's state
};

using SignalSet = std::array<bool, kSignalCount>;

}  // namespace pgmigrate
