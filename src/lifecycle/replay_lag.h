// SPDX-License-Identifier: PostgreSQL
// How far standbys are behind, in bytes and in time, and how much more WAL they can take.
//
// pg_stat_replication.replay_lag is what a standby last reported of a position that it had reached: while replay stands
// still it says nothing. So we keep when WAL was at which position, and take the time at which the position that a
// standby has replayed was the latest.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "lifecycle/pressure.h"

namespace pgmigrate {

struct StandbyReport {
    std::string name;
    std::uint64_t replayed = 0;              ///< WAL position
    std::chrono::duration<double> lag = {};  ///< as the standby last reported it
};

struct StandbyLag {
    std::string name = {};
    bool missing = false;  ///< not connected, though it is named in the settings or was there a minute ago
    std::int64_t bytes = 0;
    std::chrono::duration<double> time = {};
    double speed = 0;  ///< bytes per second that it replays, as far as is known
};

class ReplayLag {
  public:
    /// One look: WAL is written up to `written`. With names, only these standbys count, and each that does not report
    /// is missing.
    void Observe(SteadyTime now, std::uint64_t written, const std::vector<StandbyReport> &reports,
                 const std::vector<std::string> &names = {});

    const std::vector<StandbyLag> &lags() const { return lags_; }
    bool IsAnyBehind() const;

    /// WAL that every standby will have replayed within `target`, beyond what it has to replay already. Its speed is
    /// learned carefully: assumed to be low at first, and doubled with every look at which it has kept up.
    std::optional<std::int64_t> Allowance(std::chrono::duration<double> target) const;

  private:
    struct Known {
        SteadyTime looked{};
        std::uint64_t replayed = 0;
        bool behind = false;
        double speed = 0;
    };

    void Learn(Known &known, const StandbyReport &report, SteadyTime now, std::int64_t bytes) const;
    StandbyLag Measure(const Known &known, const StandbyReport &report, SteadyTime now, std::int64_t bytes) const;
    void AddMissing(const std::vector<StandbyReport> &reports, const std::vector<std::string> &names, SteadyTime now);
    void Forget(const std::vector<StandbyReport> &reports);

    struct Position {
        SteadyTime time;
        std::uint64_t written;
    };
    std::deque<Position> history_;
    std::map<std::string, Known> known_;
    std::vector<StandbyLag> lags_;
};

}  // namespace pgmigrate
