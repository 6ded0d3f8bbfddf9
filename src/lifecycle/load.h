// SPDX-License-Identifier: PostgreSQL
// What the sessions of the application are doing, averaged over a few looks.
#pragma once

#include <optional>

#include "lifecycle/pressure.h"

namespace pgmigrate {

/// What one look shows of the client sessions.
struct SessionCounts {
    int running = 0;           ///< in a statement, and not waiting for a lock, a client or time to pass
    int committing = 0;        ///< of these: waiting for WAL to be flushed or for a synchronous standby
    std::int64_t commits = 0;  ///< of the whole server since it was started
};

class Load {
  public:
    void Observe(SteadyTime now, const SessionCounts &counts);

    double running() const { return running_; }
    /// How long a commit waits on average, in milliseconds: by Little's law the number of those that wait divided by
    /// how many come per second. Nothing while there are too few commits to tell.
    std::optional<double> CommitLatency() const;

  private:
    std::optional<SteadyTime> looked_;
    std::int64_t commits_ = 0;
    double running_ = 0;
    double committing_ = 0;
    double commits_per_second_ = 0;
};

}  // namespace pgmigrate
