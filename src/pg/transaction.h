// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <cstdint>
#include <utility>

#include "pg/guard.h"

namespace pgmigrate::pg {

/// Begins a transaction with an active snapshot and reports `activity` to pg_stat_activity.
void BeginTransaction(const char *activity);
void CommitTransaction();
/// Aborts whatever transaction is open, with all its subtransactions; FATAL if even that fails. Never throws.
void AbortTransaction() noexcept;

/// One unit of work in a worker: begin, do, commit. Anything thrown aborts the transaction and travels on. The caller's
/// memory context is current again afterwards (PostgreSQL before 18 leaves TopMemoryContext).
/// Commit is explicit, because a destructor that commits would have to throw.
template <typename Work>
void InTransaction(const char *activity, Work &&work) {
    struct AbortUnlessCommitted {
        const MemoryContext caller = CurrentMemoryContext;
        bool armed = true;
        ~AbortUnlessCommitted() {
            if (armed) AbortTransaction();
            MemoryContextSwitchTo(caller);
        }
    } guard;
    BeginTransaction(activity);
    std::forward<Work>(work)();
    CommitTransaction();
    guard.armed = false;
}

/// An internal subtransaction: rolled back at the end of the scope unless committed. The only place where a ServerError
/// may be survived inside a caller's transaction.
class Subtransaction {
  public:
    Subtransaction();
    ~Subtransaction();
    Subtransaction(const Subtransaction &) = delete;
    Subtransaction &operator=(const Subtransaction &) = delete;

    void Commit();

  private:
    void Restore() noexcept;

    const MemoryContext context_;
    const ResourceOwner owner_;
    const int outer_level_;
    const std::uint32_t interrupts_held_;
    const std::uint32_t cancels_held_;
    bool open_ = true;
};

}  // namespace pgmigrate::pg
