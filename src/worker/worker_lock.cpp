// SPDX-License-Identifier: PostgreSQL
#include "worker/worker_lock.h"

#include "pg/spi_database.h"

extern "C" {
#include "catalog/namespace.h"
}

namespace pgmigrate::worker {
namespace {

// The fourth field of an advisory lock's key; pg_advisory_lock() uses 1 and 2.
constexpr std::uint16_t kWorkerKey = 0x4D47;
constexpr std::uint16_t kGateKey = 0x4D48;

bool TryAcquire(const LOCKTAG &tag, LOCKMODE mode, bool for_session) {
    return pg::Call(::LockAcquire, &tag, mode, for_session, true) != LOCKACQUIRE_NOT_AVAIL;
}

}  // namespace

WorkerLock::WorkerLock(std::int64_t migration_id) {
    const Oid table = pg::Call([] { return get_relname_relid("migration", get_namespace_oid("pgmigrate", false)); });
    const auto id = static_cast<std::uint32_t>(migration_id);
    SET_LOCKTAG_ADVISORY(worker_, MyDatabaseId, table, id, kWorkerKey);
    SET_LOCKTAG_ADVISORY(gate_, MyDatabaseId, table, id, kGateKey);
}

bool WorkerLock::TryHold() const { return TryAcquire(worker_, ExclusiveLock, true); }

void WorkerLock::EnterGate() const { (void)pg::Call(::LockAcquire, &gate_, ShareLock, true, false); }

void WorkerLock::Release() const {
    (void)pg::Call(::LockRelease, &gate_, ShareLock, true);
    (void)pg::Call(::LockRelease, &worker_, ExclusiveLock, true);
}

bool WorkerLock::TryCloseGate() const { return TryAcquire(gate_, ExclusiveLock, false); }

int WorkerLock::FindHolder() const {
    pg::SpiDatabase database = pg::StateDatabase();
    const Rows rows = database.Query(
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND database = $1::oid AND classid = $2::oid AND objid = "
        "$3::oid"
        " AND objsubid = $4::integer AND granted",
        {std::to_string(worker_.locktag_field1), std::to_string(worker_.locktag_field2),
         std::to_string(worker_.locktag_field3), std::to_string(worker_.locktag_field4)});
    return rows.empty() ? 0 : static_cast<int>(rows.Int(0, "pid"));
}

}  // namespace pgmigrate::worker
