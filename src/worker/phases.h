// SPDX-License-Identifier: PostgreSQL
// The phases after filling. Each function does one unit of work, in transactions of its own, and returns true if there
// was nothing left to do.
#pragma once

#include <cstdint>
#include <map>

#include "lifecycle/pace.h"
#include "lifecycle/store.h"
#include "pg/guard.h"
#include "worker/throttle.h"

namespace pgmigrate::worker {

/// Builds the next index that is not built yet, as the role that started the migration. A leftover that is not valid is
/// dropped first; a failure drops its own.
bool IndexNext(const MigrationRecord &record);

/// Validates the next constraint, as its table's owner in a restricted operation.
bool ValidateNext(const MigrationRecord &record);

/// Verifies batch after batch of each table, then what the migration rests on: trigger, indexes, constraints,
/// partitions.
class Verifying {
  public:
    explicit Verifying(Throttle &throttle) : throttle_(throttle) {}

    bool RunUnit(const MigrationRecord &record);

  private:
    struct Progress {
        std::int64_t blocks =
            0;  ///< size of the table when its verification began: what comes later went through the trigger
        Pace pace = {};
    };
    void VerifySome(const MigrationRecord &record, FillRecord fill);

    Throttle &throttle_;
    std::map<std::int64_t, Progress> progress_;  ///< by OID of the table
};

/// Runs the publish steps and makes the migration ready, in one transaction. Rests when another command holds the
/// schema.
void Publish(const MigrationRecord &record);

/// True for a step on a partition that was dropped or detached meanwhile, which is then left out.
bool IsOfGonePartition(Database &database, const Step &step);

/// OID of the role that started the migration. Throws MG002 if it is gone.
Oid Starter(const MigrationRecord &record);

}  // namespace pgmigrate::worker
