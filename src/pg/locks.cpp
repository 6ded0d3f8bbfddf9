// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "pg/locks.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <tuple>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "pg/blockers.h"
#include "pg/pause.h"
#include "pg/scopes.h"
#include "pg/server_error.h"
#include "pg/settings.h"
#include "pg/transaction.h"

extern "C" {
#include "catalog/pg_namespace.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/inval.h"
#include "utils/syscache.h"
}

namespace pgmigrate::pg {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kProbes = 20;
constexpr milliseconds kFirstPause{5};
constexpr milliseconds kShortestPause{50};
constexpr milliseconds kLongestPause{250};
constexpr milliseconds kFirstRest{250};
constexpr milliseconds kLongestRest{10'000};

/// A pause that no other process is likely to take at the same time.
milliseconds Jittered() {
    static constinit std::uint32_t seed = 0;
    if (seed == 0) seed = static_cast<std::uint32_t>(MyProcPid);
    std::minstd_rand random(seed);
    seed = static_cast<std::uint32_t>(random());
    return milliseconds(
        std::uniform_int_distribution<milliseconds::rep>(kShortestPause.count(), kLongestPause.count())(random));
}

std::string TableName(Oid relation) {
    const char *const name = Call(::get_rel_name, relation);
    if (name == nullptr) return "";
    const char *const schema = Call(::get_namespace_name, Call(::get_rel_namespace, relation));
    return QualifiedName(schema ? schema : "", name);
}

/// The order in which every transaction of pgmigrate takes its locks. Of several modes on one table the strongest comes
/// first, because strengthening a lock while another waits for the same is a deadlock.
void PutInOrder(std::vector<TableLock> &wanted) {
    const auto key = [](const TableLock &lock) { return std::make_tuple(lock.relation, -lock.mode); };
    std::ranges::sort(wanted, {}, key);
    const auto repeated = std::ranges::unique(wanted, {}, key);
    wanted.erase(repeated.begin(), repeated.end());
}

/// An OID can be locked although its table is gone: it may have been dropped before we came to lock it.
void RequireExistence(const TableLock &lock) {
    if (Call([](Oid relation) { return SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relation)); }, lock.relation))
        return;
    throw Error(sqlstates::kUndefinedTable,
                {.message = fmt::format("table with OID {} does not exist any more", lock.relation),
                 .detail = "It was dropped while its lock was awaited.",
                 .hint = "Check the migration against the present schema and try again."});
}

/// One attempt without queueing. Returns the lock that was not to be had, in which case nothing is held.
std::optional<TableLock> Probe(const std::vector<TableLock> &wanted) {
    Subtransaction attempt;
    for (const TableLock &lock : wanted) {
        if (!Call(::ConditionalLockRelationOid, lock.relation, lock.mode)) return lock;
        RequireExistence(lock);
    }
    attempt.Commit();
    return std::nullopt;
}

/// Waits for one lock; false when it was not granted in time or the wait would have been a deadlock.
bool WaitForLock(const TableLock &lock) {
    try {
        Call(::LockRelationOid, lock.relation, lock.mode);
        return true;
    } catch (const ServerError &failure) {
        if (failure.state() == "55P03" || failure.state() == "40P01") return false;
        throw;
    }
}

/// One attempt with queueing. The budget is for the whole attempt, since statements wait behind the locks that are held
/// already as much as behind the one that is awaited. The exception swallowed in WaitForLock ends with the
/// subtransaction.
std::optional<TableLock> Queue(const std::vector<TableLock> &wanted) {
    Subtransaction attempt;
    const auto end = Clock::now() + LockBudget();
    {
        SettingsScope settings;
        for (const TableLock &lock : wanted) {
            const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
            settings.Set("lock_timeout", fmt::format("{}ms", std::max<milliseconds::rep>(left.count(), 1)));
            if (!WaitForLock(lock)) return lock;
            RequireExistence(lock);
        }
    }
    attempt.Commit();
    return std::nullopt;
}

/// Probes until an attempt succeeds, `attempts` are used up or the time is over.
std::optional<TableLock> ProbeOften(const std::vector<TableLock> &wanted, int attempts, milliseconds first_pause,
                                    Clock::time_point end) {
    milliseconds pause = first_pause;
    for (int attempt = 1;; ++attempt) {
        const std::optional<TableLock> refused = Probe(wanted);
        if (!refused || attempt >= attempts || Clock::now() >= end) return refused;
        Pause(pause < kShortestPause ? pause : Jittered());
        pause *= 2;
    }
}

[[noreturn]] void GiveUp(const TableLock &refused, Clock::time_point start) {
    const std::string table = TableName(refused.relation);
    const auto waited = std::chrono::duration<double>(Clock::now() - start);
    const std::vector<Blocker> blockers = FindBlockers(refused.relation, refused.mode);
    std::string detail, hint = "Wait for the other transaction to end, or end it, and try again.";
    for (const Blocker &blocker : blockers) detail += (detail.empty() ? "" : " ") + Describe(blocker);
    if (!blockers.empty() && blockers.front().pid != 0)
        hint = fmt::format(
            "Wait for that transaction to end, or end it with SELECT pg_terminate_backend({}), and try again."
            " pgmigrate.lock_deadline sets how long to try.",
            blockers.front().pid);
    throw Error(sqlstates::kLockNotAvailable,
                {.message = fmt::format("could not lock table {} within {:.1f} seconds", table, waited.count()),
                 .detail = detail,
                 .hint = hint});
}

enum class Exclusion { kLocked, kHeld, kBeingReleased };

/// A transaction's changes are seen before its locks are gone: who has just seen a worker's migration become ready may
/// still meet the worker's lock, on a busy machine for long. Such a holder is in no list of conflicts, because
/// ProcArrayEndTransaction() has cleared its virtual transaction before ResourceOwnerRelease() gives back the locks.
Exclusion TryLockTargetSchema(Oid target_schema) {
    return Call(
        [](Oid schema) {
            LOCKTAG tag;
            SET_LOCKTAG_OBJECT(tag, MyDatabaseId, NamespaceRelationId, schema, 0);
            // Conflicts with itself and with DROP SCHEMA, but not with the ACCESS SHARE lock of CREATE TABLE.
            constexpr LOCKMODE mode = ShareUpdateExclusiveLock;
            if (LockAcquire(&tag, mode, false, true) == LOCKACQUIRE_NOT_AVAIL) {
                int holders = 0;
                (void)GetLockConflicts(&tag, mode, &holders);
                return holders == 0 ? Exclusion::kBeingReleased : Exclusion::kHeld;
            }
            AcceptInvalidationMessages();
            return Exclusion::kLocked;
        },
        target_schema);
}

}  // namespace

void LockTables(std::vector<TableLock> wanted) {
    PutInOrder(wanted);
    const auto start = Clock::now();
    const auto deadline = start + LockDeadline();
    std::optional<TableLock> refused = ProbeOften(wanted, kProbes, kFirstPause, deadline);
    milliseconds rest = kFirstRest;
    while (refused) {
        if (Clock::now() >= deadline) GiveUp(*refused, start);
        CancelAutovacuum(refused->relation, refused->mode);
        refused = Queue(wanted);
        if (!refused) return;
        // While resting we go on looking, so that a quiet moment is not missed.
        const auto rested = std::min(Clock::now() + rest, deadline);
        while (refused && Clock::now() < rested) {
            Pause(Jittered());
            refused = Probe(wanted);
        }
        rest = std::min(rest * 2, kLongestRest);
    }
}

void LockTargetSchema(Oid target_schema) {
    const auto start = Clock::now();
    const auto budget = LockBudget();
    const auto deadline = std::max(budget, LockDeadline());
    Exclusion attempt = TryLockTargetSchema(target_schema);
    while (attempt != Exclusion::kLocked &&
           Clock::now() - start < (attempt == Exclusion::kBeingReleased ? deadline : budget)) {
        Pause(kFirstPause);
        attempt = TryLockTargetSchema(target_schema);
    }
    if (attempt == Exclusion::kLocked) return;
    const char *const name = Call(::get_namespace_name, target_schema);
    throw Error(
        sqlstates::kInUse,
        {.message = fmt::format("another command is changing the migrations of schema \"{}\"", name ? name : ""),
         .hint = "Wait for its transaction to end and try again."});
}

}  // namespace pgmigrate::pg
