// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <utility>

#include "pg/guard.h"

namespace pgmigrate::pg {

/// Begins a transaction with an active snapshot and reports `activity` to pg_stat_activity.
void BeginTransaction(const char *activity);
void CommitTransaction();
/// Aborts whatever transaction is open; FATAL if even that fails. Never throws.
void AbortTransaction() noexcept;

/// One unit of work in a worker: begin, do, commit. Anything thrown aborts the transaction and travels on.
/// Commit is explicit, because a destructor that commits would have to throw.
template <typename Work>
void InTransaction(const char *activity, Work &&work) {
    struct AbortUnlessCommitted {
        bool armed = true;
        ~AbortUnlessCommitted() {
            if (armed) AbortTransaction();
        }
    } guard;
    BeginTransaction(activity);
    std::forward<Work>(work)();
    CommitTransaction();
    guard.armed = false;
}

/// An internal subtransaction: rolled back at the end of the scope unless committed. The only place where a ServerError may
/// be survived inside a caller's transaction.
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
    bool open_ = true;
};

}  // namespace pgmigrate::pg
