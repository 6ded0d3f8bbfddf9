// SPDX-License-Identifier: PostgreSQL
// The locks of a migration's processes: its worker and the helpers that fill with it. All are advisory locks with a key
// that SQL functions cannot make, because only those outlive the abort of a transaction; pg_locks shows them with
// classid = pgmigrate.migration and objid = the migration's id.
//
// "worker": held by the one process that works for the migration. A second one finds it taken and ends. So that nothing
// falls between the two, a worker that has nothing left to do releases it first and looks at the migration once more
// afterwards. "helper": one per slot, held by the helper in it, so that no two are started for the same. "gate": shared
// by worker and helpers while they work. A command that stops them closes the gate until its transaction ends: the
// postmaster starts a terminated worker again, which then waits here and sees what the command has done.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/database.h"
#include "pg/guard.h"

extern "C" {
#include "storage/lock.h"
}

namespace pgmigrate::worker {

/// Fourth field of the gate's key, `objsubid` in pg_locks.
inline constexpr std::uint16_t kGateKey = 0x4D48;

class WorkerLock {
  public:
    /// Needs a transaction, and the extension installed.
    explicit WorkerLock(std::int64_t migration_id);
    /// In a transaction of its own. Nothing if the extension is not installed.
    static std::optional<WorkerLock> Find(std::int64_t migration_id);

    // In the worker: held by the session, so until they are released or the process ends.
    bool TryHold() const;
    void EnterGate() const;  ///< waits; call it in a transaction without a snapshot
    void Release() const;    ///< both

    /// In a helper, for its life; false if another one is in the slot.
    bool TryHoldSlot(int slot) const;
    /// In the worker: the slots with a helper. Needs a transaction.
    std::vector<int> FindTakenSlots() const;

    /// In a command: closes the gate until the end of the transaction. False if a worker is in, or another command was
    /// first.
    bool TryCloseGate() const;

    /// Process id of the worker, 0 if there is none. Needs a transaction.
    int FindHolder() const;
    /// Process ids of worker and helpers that have passed the gate. Needs a transaction.
    std::vector<int> FindAtWork() const;

  private:
    Rows FindLocks(const std::string &condition, int lowest_key, int highest_key) const;

    LOCKTAG worker_{};
    LOCKTAG gate_{};
};

}  // namespace pgmigrate::worker
