// SPDX-License-Identifier: PostgreSQL
// Stands before every unit of a worker's work: looks at the server about once a second, lets go on, slow down or wait,
// and keeps in pgmigrate.pressure and pgmigrate.pace what it does and why.
//
// What it has to write it writes in the transactions of the work itself, at most once a second. Only while nothing goes
// on it has one of its own, when the reason has changed and every few seconds, which is committed asynchronously: a
// commit that flushed the WAL of a second each second cost a fifth of the whole fill.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "lifecycle/governor.h"
#include "lifecycle/pace.h"
#include "lifecycle/store.h"
#include "pg/pressure_sampler.h"

namespace pgmigrate::worker {

class Throttle {
  public:
    /// Of several processes each obeys for itself; the migration's worker writes down what all of them are to do.
    enum class Role { kWorker, kHelper };

    Throttle(std::int64_t migration_id, Role role) : migration_id_(migration_id), role_(role) {}

    /// Between transactions. True: go on. False: it has waited for a moment, at most a quarter of a second, and is to
    /// be asked again after a look at whether the migration still wants to go on. Throws what the server throws.
    bool Pass(const MigrationRecord &record);

    /// Blocks that the next batch may have: what its pace wants, within the WAL that standbys can take and the rate
    /// limit; at least one.
    std::int64_t BatchBlocks(const Pace &pace) const;
    /// True while a batch is lighter than it would be at full speed, so that its size must not grow.
    bool IsHolding() const { return decision_.verdict != Verdict::kGo; }
    /// After a batch of a fill: what it cost, and whether it ended early because somebody waited for it.
    void Report(const BatchReport &batch, const Pace &pace, bool waited_for);

    /// After work that writes nothing to speak of: rests as much as is wanted.
    void RestFrom(std::chrono::microseconds active);

    /// In the transaction of a batch: writes what is to be known, when it is time.
    void SaveWithin(Database &state);

    /// The disk is full: nothing goes on for a few seconds, then it is tried again.
    void HoldForFullDisk(const std::string &message);

    /// How many of `wanted` fill workers may work just now.
    int Workers(int wanted) const { return WorkersUnder(decision_, wanted); }
    /// True for a helper (1, 2, …) that should end between two ranges. It takes more to start one than to keep it.
    bool IsOneTooMany(int slot) const { return WorkersUnder(decision_, 2 * (slot + 1)) <= slot; }

  private:
    void Look(const MigrationRecord &record);
    void LookAtAll(const MigrationRecord &record);
    void LookAtStandbys();
    Decision Decide(State phase, SteadyTime now) const;
    pg::Watched Watch(const MigrationRecord &record);
    std::optional<std::int64_t> OwnAllowance() const;
    bool IsAllowanceUsedUp() const;
    void Rest(SteadyTime until);
    void Save(Database &state, SteadyTime now);
    void SaveAlone();

    const std::int64_t migration_id_;
    const Role role_;
    pg::PressureSampler sampler_;
    PressureReader reader_;
    Governor governor_;
    Decision decision_;
    SteadyTime looked_{};
    SteadyTime looked_at_standbys_{};
    int processes_ = 1;  ///< that fill
    std::int64_t wal_since_look_ = 0;
    std::int64_t wal_per_block_ = 0;
    std::int64_t batch_blocks_ = 0;
    int waiters_ = 0;
    RateLimit rate_limit_;
    SteadyTime rest_until_{};
    std::string disk_full_;  ///< what the server said; empty: it is not
    SteadyTime disk_full_until_{};
    SteadyTime disk_full_since_{};
    SteadyTime waiting_since_{};
    SteadyTime saved_{};
    std::string saved_reason_;
    std::array<double, kSignalCount> lost_saved_{};
};

}  // namespace pgmigrate::worker
