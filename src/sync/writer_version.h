// SPDX-License-Identifier: PostgreSQL
// Which version of the schema the running statement writes as.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/sync_spec.h"
#include "sync/running_statement.h"

extern "C" {
#include "commands/trigger.h"
#include "utils/rel.h"
}

namespace pgmigrate::sync {

/// Keeps track of the innermost statement being executed, for the sessions that load the library. Called once, from
/// _PG_init.
void InstallExecutorHook();

enum class Version {
    kOld,
    kNew,
    kSettled,  ///< the INSERT half of an UPDATE that moves the row to another partition: both forms agree already
};

/// Answers for one table, most certain evidence first: the view the statement writes to, the columns it assigns, the
/// setting pgmigrate.version, a version schema in search_path. A plain writer is an old one.
class WriterVersion {
  public:
    WriterVersion(const SyncSpec &spec, Relation table);

    /// The version that the row in hand is written as. Throws ServerError. Decides once per statement.
    Version Of(const TriggerData &trigger);

  private:
    struct Remembered {
        std::uint64_t serial = 0;
        const TupleTableSlot *slot = nullptr;
        Version version = Version::kOld;
    };

    Version Decide(const TriggerData &trigger, const RunningStatement &statement) const;
    std::optional<Version> OfColumns(const TriggerData &trigger, const PlannedStmt *plan,
                                     const std::vector<Index> &targets) const;
    std::optional<Version> OfSetting() const;
    std::optional<Version> OfSearchPath() const;

    std::string new_version_;
    std::string old_version_;
    std::string schema_;                    ///< of the table
    std::vector<Oid> lineage_;              ///< the table and those it is a partition of
    std::vector<std::string> new_columns_;  ///< those that only the new version has
    std::vector<std::string>
        old_columns_;  ///< those that only the old version has; most belong to both and tell nothing
    Remembered insert_;
    Remembered update_;
};

}  // namespace pgmigrate::sync
