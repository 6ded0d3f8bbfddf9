// SPDX-License-Identifier: PostgreSQL
#include "worker/worker_lock.h"

#include "lifecycle/ranges.h"
#include "pg/spi_database.h"
#include "worker/session.h"

extern "C" {
#include "catalog/namespace.h"
}

namespace pgmigrate::worker {
namespace {

// The fourth field of an advisory lock's key; pg_advisory_lock() uses 1 and 2.
constexpr std::uint16_t kWorkerKey = 0x4D47;
constexpr std::uint16_t kSlotKey = 0x4E00;  // + slot
static_assert(kMostFillers < 0x100);

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

std::optional<WorkerLock> WorkerLock::Find(std::int64_t migration_id) {
    std::optional<WorkerLock> lock;
    pg::InTransaction("starting", [&] {
        if (IsExtensionInstalled()) lock.emplace(migration_id);
    });
    return lock;
}

bool WorkerLock::TryHoldSlot(int slot) const {
    LOCKTAG tag = worker_;
    tag.locktag_field4 = static_cast<std::uint16_t>(kSlotKey + slot);
    return TryAcquire(tag, ExclusiveLock, true);
}

std::vector<int> WorkerLock::FindTakenSlots() const {
    const Rows rows = FindLocks("granted", kSlotKey, kSlotKey + kMostFillers);
    std::vector<int> slots;
    for (std::size_t row = 0; row < rows.size(); ++row)
        slots.push_back(static_cast<int>(rows.Int(row, "key")) - kSlotKey);
    return slots;
}

int WorkerLock::FindHolder() const {
    const Rows rows = FindLocks("granted", kWorkerKey, kWorkerKey);
    return rows.empty() ? 0 : static_cast<int>(rows.Int(0, "pid"));
}

std::vector<int> WorkerLock::FindAtWork() const {
    const Rows rows = FindLocks("granted AND mode = 'ShareLock'", kGateKey, kGateKey);
    std::vector<int> pids;
    for (std::size_t row = 0; row < rows.size(); ++row) pids.push_back(static_cast<int>(rows.Int(row, "pid")));
    return pids;
}

Rows WorkerLock::FindLocks(const std::string &condition, int lowest_key, int highest_key) const {
    pg::SpiDatabase database = pg::StateDatabase();
    return database.Query(
        "SELECT pid, objsubid AS key FROM pg_locks WHERE locktype = 'advisory' AND database = $1::oid"
        " AND classid = $2::oid AND objid = $3::oid AND objsubid BETWEEN $4::integer AND $5::integer AND " +
            condition,
        {std::to_string(worker_.locktag_field1), std::to_string(worker_.locktag_field2),
         std::to_string(worker_.locktag_field3), std::to_string(lowest_key), std::to_string(highest_key)});
}

}  // namespace pgmigrate::worker
