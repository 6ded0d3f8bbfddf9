// SPDX-License-Identifier: PostgreSQL
// The two locks of a migration's worker. Both are advisory locks with a key that SQL functions cannot make, because
// only those outlive the abort of a transaction; pg_locks shows them with classid = pgmigrate.migration and objid = the
// migration's id.
//
// "worker": held by the one process that works for the migration. A second one finds it taken and ends. So that nothing
// falls between the two, a worker that has nothing left to do releases it first and looks at the migration once more
// afterwards. "gate": shared by the worker while it works. A command that stops the worker closes the gate until its
// transaction ends: the postmaster starts a terminated worker again, which then waits here and sees what the command
// has done.
#pragma once

#include <cstdint>
#include <vector>

#include "pg/guard.h"

extern "C" {
#include "storage/lock.h"
}

namespace pgmigrate::worker {

class WorkerLock {
  public:
    /// Needs a transaction, and the extension installed.
    explicit WorkerLock(std::int64_t migration_id);

    // In the worker: held by the session, so until they are released or the process ends.
    bool TryHold() const;
    void EnterGate() const;  ///< waits; call it in a transaction without a snapshot
    void Release() const;    ///< both

    /// In a command: closes the gate until the end of the transaction. False if a worker is in, or another command was
    /// first.
    bool TryCloseGate() const;

    /// Process id of the worker, 0 if there is none. Needs a transaction.
    int FindHolder() const;

  private:
    LOCKTAG worker_{};
    LOCKTAG gate_{};
};

}  // namespace pgmigrate::worker
