// SPDX-License-Identifier: PostgreSQL
// What a worker and its fill helpers have in common: unit after unit while the migration wants it, and what becomes of
// a unit that fails.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>

#include "lifecycle/store.h"

namespace pgmigrate::worker {

class WorkLoop {
  public:
    /// One unit of work, in transactions of its own. False: this process has nothing more to do.
    using Unit = std::function<bool(const MigrationRecord &)>;

    explicit WorkLoop(std::int64_t migration_id) : migration_id_(migration_id) {}

    /// Runs units until the migration wants no process any more (it is paused, failed, ready or gone), or until a unit
    /// says so. A failure that is likely to go away by itself is tried again after a rest; any other one makes the
    /// migration `failed`. What fails in that ends the process.
    void Run(const Unit &unit);

    /// The migration, if it wants a worker.
    std::optional<MigrationRecord> LoadWork() const;

  private:
    void Survive(const std::optional<MigrationRecord> &record, std::exception_ptr caught);

    const std::int64_t migration_id_;
    int failures_ = 0;  // in a row
};

}  // namespace pgmigrate::worker
