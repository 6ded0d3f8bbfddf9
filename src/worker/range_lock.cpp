// SPDX-License-Identifier: PostgreSQL
#include "worker/range_lock.h"

extern "C" {
#include "catalog/namespace.h"
}

namespace pgmigrate::worker {
namespace {

constexpr std::uint16_t kRangeKey = 0x4D49;  // see worker_lock.cpp

}  // namespace

RangeLock::RangeLock(std::int64_t range_id) {
    const Oid table = pg::Call([] { return get_relname_relid("fill_range", get_namespace_oid("pgmigrate", false)); });
    SET_LOCKTAG_ADVISORY(tag_, MyDatabaseId, table, static_cast<std::uint32_t>(range_id), kRangeKey);
}

bool RangeLock::TryHold() const {
    return pg::Call(::LockAcquire, &tag_, ExclusiveLock, true, true) != LOCKACQUIRE_NOT_AVAIL;
}

void RangeLock::Hold() const { (void)pg::Call(::LockAcquire, &tag_, ExclusiveLock, true, false); }

void RangeLock::Release() const { (void)pg::Call(::LockRelease, &tag_, ExclusiveLock, true); }

}  // namespace pgmigrate::worker
