// SPDX-License-Identifier: PostgreSQL
// Two signals that are a matter of time: an xmin horizon that does not move, and an autovacuum that works on a table.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "lifecycle/pressure.h"

namespace pgmigrate {

/// Who keeps the oldest row versions that vacuum must not remove.
struct HorizonHolder {
    std::string identity;  ///< of its transaction: one process may have many, one after the other
    std::string who;       ///< "process 123 of role app, idle in transaction", "prepared transaction x", "slot s", …
    std::uint64_t xmin = 0;
};

/// How long the horizon has been where it is, on the steady clock: no age is taken from the server's.
class Horizon {
  public:
    void Observe(SteadyTime now, const std::optional<HorizonHolder> &holder);

    const std::optional<HorizonHolder> &holder() const { return holder_; }
    std::chrono::duration<double> stuck() const { return stuck_; }

  private:
    std::optional<HorizonHolder> holder_;
    SteadyTime since_{};
    std::chrono::duration<double> stuck_{0};
};

/// Lets an autovacuum of a table go first, for at most `bound` in ten times that: one that never ends must not keep a
/// fill from ending.
class VacuumYield {
  public:
    /// True if the fill is to wait now.
    bool Observe(SteadyTime now, bool running, std::chrono::duration<double> bound);

  private:
    struct Stretch {
        SteadyTime from;
        SteadyTime until;
    };
    std::deque<Stretch> yielded_;
    bool yielding_ = false;
};

}  // namespace pgmigrate
