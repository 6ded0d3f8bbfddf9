// SPDX-License-Identifier: PostgreSQL
// Which process works on a range of blocks: the one that holds its advisory lock, whose key SQL functions cannot make.
// The session holds it, so it outlives the process's transactions, failed ones too, and ends with the process at the
// latest: no range stays claimed by a process that is gone. pg_locks shows it with classid = pgmigrate.fill_range and
// objid = the range's id.
#pragma once

#include <cstdint>

#include "pg/guard.h"

extern "C" {
#include "storage/lock.h"
}

namespace pgmigrate::worker {

class RangeLock {
  public:
    /// Needs a transaction that may read catalogs.
    explicit RangeLock(std::int64_t range_id);

    /// False if another process holds it. PostgreSQL counts how often a session takes a lock: ask only for ranges that
    /// this process does not hold.
    bool TryHold() const;
    void Hold() const;     ///< waits; call it in a transaction without a snapshot
    void Release() const;  ///< in a transaction

  private:
    LOCKTAG tag_{};
};

}  // namespace pgmigrate::worker
