// SPDX-License-Identifier: PostgreSQL
// Reads and writes pgmigrate's own tables (src/schema/10_state.sql). Every function runs in the current transaction of
// the Database it was given, which must be allowed to touch them (pg::StateDatabase).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/database.h"
#include "lifecycle/adoption.h"
#include "lifecycle/state.h"
#include "plan/step.h"

namespace pgmigrate {

struct MigrationRecord {
    std::int64_t id = 0;
    std::string schema_name;
    std::string name;
    std::string version_schema;
    std::string previous_version;  ///< empty: none
    std::string definition;        ///< JSON
    State state = State::kFilling;
    State phase = State::kFilling;
    bool paused = false;
    std::string started_by;  ///< role name
    std::string search_path;
};

/// One row of pgmigrate.step.
struct StepRecord {
    int position = 0;
    bool done = false;
    Step step;
};

/// One row of pgmigrate.fill.
struct FillRecord {
    std::string relation;  ///< as regclass prints it with only pg_catalog in search_path: qualified
    std::int64_t relation_oid = 0;
    std::string trigger_name;
    std::int64_t filenode = 0;        ///< the file the progress below belongs to
    std::int64_t start_filenode = 0;  ///< the file at migrate_start
    std::int64_t blocks = 0;          ///< to be filled; negative: not measured yet
    std::int64_t blocks_filled = 0;
    std::int64_t rows_filled = 0;
    std::int64_t verify_block = 0;
    bool is_filled = false;  ///< and analyzed
};

class StateStore {
  public:
    explicit StateStore(Database &database) : database_(database) {}

    /// The migration of this schema that is neither completed nor rolled back.
    std::optional<MigrationRecord> FindActive(const std::string &schema_name);
    std::optional<MigrationRecord> FindById(std::int64_t id);
    std::optional<MigrationRecord> FindByName(const std::string &schema_name, const std::string &name);
    /// The latest completed migration that left a version schema which still exists.
    std::optional<MigrationRecord> FindLatestCompleted(const std::string &schema_name);
    /// All unfinished migrations of this database that want a worker: a worker phase, neither paused nor failed.
    std::vector<MigrationRecord> FindWaitingForWorker();

    std::int64_t Insert(const MigrationRecord &record);
    /// A completed migration of pgroll; returns its id.
    std::int64_t InsertAdopted(const MigrationRecord &record, const PgrollMigration &origin);
    void Delete(std::int64_t id);
    void SetPhase(std::int64_t id, State phase);  ///< also leaves failed; sets ready_at, completed_at
    /// Keeps the definition the target schema has now as what the migration has led to.
    void SaveResultingSchema(std::int64_t id);
    /// What the latest completed migration of this schema has led to, as JSON; empty without one.
    std::optional<std::string> LatestResultingSchema(const std::string &schema_name);
    void SetPaused(std::int64_t id, bool paused);
    /// False if it had failed before: the first failure is the one to tell.
    bool SetFailed(std::int64_t id, SqlState state, const ErrorText &text);

    void InsertSteps(std::int64_t id, const std::vector<Step> &steps);
    std::vector<StepRecord> Steps(std::int64_t id);
    std::vector<StepRecord> Steps(std::int64_t id, Phase phase);
    void MarkStepDone(std::int64_t id, int position);
    void MarkPhaseDone(std::int64_t id, Phase phase);

    std::vector<FillRecord> Fills(std::int64_t id);
    void InsertFill(std::int64_t id, const FillRecord &record);
    /// Stores filenode, blocks, blocks_filled and verify_block as given; adds the count.
    void SaveVerifyProgress(std::int64_t id, const FillRecord &record, std::int64_t rows_verified);

    /// Writes pgmigrate.event and sends NOTIFY pgmigrate with the same as JSON.
    void RecordEvent(const MigrationRecord &record, const std::string &event, const std::string &detail = {});

  private:
    std::optional<MigrationRecord> FindOne(const std::string &condition, const Parameters &parameters);
    Database &database_;
};

}  // namespace pgmigrate
