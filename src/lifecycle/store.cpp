// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/store.h"

#include <fmt/format.h>

namespace pgmigrate {
namespace {

constexpr const char *kMigrationColumns =
    "SELECT m.id, m.schema_name, m.name, m.version_schema, m.previous_version, m.definition, m.state, m.phase, "
    "m.paused,"
    " m.started_by, m.search_path FROM pgmigrate.migration m ";

MigrationRecord ReadMigration(const Rows &rows, std::size_t row) {
    return {.id = rows.Int(row, "id"),
            .schema_name = rows.Text(row, "schema_name"),
            .name = rows.Text(row, "name"),
            .version_schema = rows.Text(row, "version_schema"),
            .previous_version = rows.TextOr(row, "previous_version", ""),
            .definition = rows.Text(row, "definition"),
            .state = StateFromName(rows.Text(row, "state")),
            .phase = StateFromName(rows.Text(row, "phase")),
            .paused = rows.Bool(row, "paused"),
            .started_by = rows.Text(row, "started_by"),
            .search_path = rows.Text(row, "search_path")};
}

StepRecord ReadStep(const Rows &rows, std::size_t row) {
    return {.position = static_cast<int>(rows.Int(row, "position")),
            .done = rows.Bool(row, "done"),
            .step = {.phase = PhaseFromName(rows.Text(row, "phase")),
                     .statement = rows.Text(row, "statement"),
                     .undo = rows.TextOr(row, "undo", ""),
                     .table = rows.TextOr(row, "table_name", ""),
                     .lock = rows.TextOr(row, "lock", ""),
                     .object = rows.TextOr(row, "object", ""),
                     .partition_of = rows.TextOr(row, "partition_of", "")}};
}

Value NullIfEmpty(const std::string &text) { return text.empty() ? Value() : Value(text); }

}  // namespace

std::optional<MigrationRecord> StateStore::FindOne(const std::string &condition, const Parameters &parameters) {
    const Rows rows = database_.Query(kMigrationColumns + condition, parameters);
    if (rows.empty()) return std::nullopt;
    return ReadMigration(rows, 0);
}

std::optional<MigrationRecord> StateStore::FindActive(const std::string &schema_name) {
    return FindOne("WHERE m.schema_name = $1::name AND m.state <> 'completed'", {schema_name});
}

std::optional<MigrationRecord> StateStore::FindById(std::int64_t id) {
    return FindOne("WHERE m.id = $1::bigint", {std::to_string(id)});
}

std::optional<MigrationRecord> StateStore::FindByName(const std::string &schema_name, const std::string &name) {
    return FindOne("WHERE m.schema_name = $1::name AND m.name = $2", {schema_name, name});
}

std::optional<MigrationRecord> StateStore::FindLatestCompleted(const std::string &schema_name) {
    return FindOne(
        "JOIN pg_namespace n ON n.nspname = m.version_schema"
        " WHERE m.schema_name = $1::name AND m.state = 'completed' ORDER BY m.id DESC LIMIT 1",
        {schema_name});
}

std::vector<MigrationRecord> StateStore::FindWaitingForWorker() {
    const Rows rows =
        database_.Query(std::string(kMigrationColumns) +
                        "WHERE m.state IN ('filling', 'indexing', 'validating', 'verifying', 'publishing')"
                        " AND NOT m.paused ORDER BY m.id");
    std::vector<MigrationRecord> records;
    for (std::size_t row = 0; row < rows.size(); ++row) records.push_back(ReadMigration(rows, row));
    return records;
}

std::int64_t StateStore::Insert(const MigrationRecord &record) {
    const Rows rows = database_.Query(
        "INSERT INTO pgmigrate.migration (schema_name, name, version_schema, previous_version, definition, state, "
        "phase,"
        " started_by, search_path) VALUES ($1::name, $2, $3::name, $4::name, $5::jsonb, $6, $7, $8::name, $9) "
        "RETURNING id",
        {record.schema_name, record.name, record.version_schema, NullIfEmpty(record.previous_version),
         record.definition, std::string(StateName(record.state)), std::string(StateName(record.phase)),
         record.started_by, record.search_path});
    return rows.Int(0, "id");
}

std::int64_t StateStore::InsertAdopted(const MigrationRecord &record, const PgrollMigration &origin) {
    const std::int64_t id = Insert(record);
    database_.Execute(
        "UPDATE pgmigrate.migration SET kind = $2, started_at = $3::timestamptz, ready_at = $4::timestamptz,"
        " completed_at = $4::timestamptz, resulting_schema = $5::jsonb WHERE id = $1::bigint",
        {std::to_string(id), origin.kind, origin.created_at, origin.updated_at, origin.resulting_schema});
    return id;
}

void StateStore::Delete(std::int64_t id) {
    database_.Execute("DELETE FROM pgmigrate.migration WHERE id = $1::bigint", {std::to_string(id)});
}

void StateStore::SetPhase(std::int64_t id, State phase) {
    database_.Execute(
        "UPDATE pgmigrate.migration SET state = $2, phase = $2, error_sqlstate = NULL, error = NULL, error_detail = "
        "NULL,"
        " error_hint = NULL, ready_at = CASE WHEN $2 = 'ready' THEN clock_timestamp() ELSE ready_at END,"
        " completed_at = CASE WHEN $2 = 'completed' THEN clock_timestamp() ELSE completed_at END WHERE id = $1::bigint",
        {std::to_string(id), std::string(StateName(phase))});
}

void StateStore::SaveResultingSchema(std::int64_t id) {
    database_.Execute(
        "UPDATE pgmigrate.migration SET resulting_schema = pgmigrate.read_schema(schema_name) WHERE id = $1::bigint",
        {std::to_string(id)});
}

std::optional<std::string> StateStore::LatestResultingSchema(const std::string &schema_name) {
    const Rows rows = database_.Query(
        "SELECT resulting_schema FROM pgmigrate.migration WHERE schema_name = $1::name AND state = 'completed'"
        " ORDER BY id DESC LIMIT 1",
        {schema_name});
    return rows.empty() ? std::nullopt : rows.At(0, "resulting_schema");
}

void StateStore::SetPaused(std::int64_t id, bool paused) {
    database_.Execute("UPDATE pgmigrate.migration SET paused = $2::boolean WHERE id = $1::bigint",
                      {std::to_string(id), paused ? "t" : "f"});
}

bool StateStore::SetFailed(std::int64_t id, SqlState state, const ErrorText &text) {
    return database_.Execute(
               "UPDATE pgmigrate.migration SET state = 'failed', error_sqlstate = $2, error = $3, error_detail = $4, "
               "error_hint = $5 WHERE id = $1::bigint AND state <> 'failed'",
               {std::to_string(id), std::string(state.code), text.message, NullIfEmpty(text.detail),
                NullIfEmpty(text.hint)}) > 0;
}

void StateStore::InsertSteps(std::int64_t id, const std::vector<Step> &steps) {
    int position = 0;
    for (const Step &step : steps)
        database_.Execute(
            "INSERT INTO pgmigrate.step (migration_id, position, phase, table_name, lock, statement, undo, object, "
            "partition_of) VALUES ($1::bigint, $2::integer, $3, $4, $5, $6, $7, $8, $9)",
            {std::to_string(id), std::to_string(++position), std::string(PhaseName(step.phase)),
             NullIfEmpty(step.table), NullIfEmpty(step.lock), step.statement, NullIfEmpty(step.undo),
             NullIfEmpty(step.object), NullIfEmpty(step.partition_of)});
}

std::vector<StepRecord> StateStore::Steps(std::int64_t id) {
    const Rows rows = database_.Query(
        "SELECT position, phase, table_name, lock, statement, undo, object, partition_of, done_at IS NOT NULL AS done"
        " FROM pgmigrate.step WHERE migration_id = $1::bigint ORDER BY position",
        {std::to_string(id)});
    std::vector<StepRecord> steps;
    for (std::size_t row = 0; row < rows.size(); ++row) steps.push_back(ReadStep(rows, row));
    return steps;
}

std::vector<StepRecord> StateStore::Steps(std::int64_t id, Phase phase) {
    std::vector<StepRecord> steps = Steps(id);
    std::erase_if(steps, [phase](const StepRecord &record) { return record.step.phase != phase; });
    return steps;
}

void StateStore::MarkStepDone(std::int64_t id, int position) {
    database_.Execute(
        "UPDATE pgmigrate.step SET done_at = clock_timestamp() WHERE migration_id = $1::bigint AND position = "
        "$2::integer",
        {std::to_string(id), std::to_string(position)});
}

void StateStore::MarkPhaseDone(std::int64_t id, Phase phase) {
    database_.Execute(
        "UPDATE pgmigrate.step SET done_at = clock_timestamp() WHERE migration_id = $1::bigint AND phase = $2",
        {std::to_string(id), std::string(PhaseName(phase))});
}

std::vector<FillRecord> StateStore::Fills(std::int64_t id) {
    const Rows rows = database_.Query(
        "SELECT relation::text AS relation, relation::oid::bigint AS relation_oid, trigger_name, filenode::bigint,"
        " start_filenode::bigint, blocks, blocks_filled, rows_filled, verify_block, filled_at IS NOT NULL AS is_filled"
        " FROM pgmigrate.fill WHERE migration_id = $1::bigint ORDER BY relation::oid",
        {std::to_string(id)});
    std::vector<FillRecord> fills;
    for (std::size_t row = 0; row < rows.size(); ++row)
        fills.push_back({.relation = rows.Text(row, "relation"),
                         .relation_oid = rows.Int(row, "relation_oid"),
                         .trigger_name = rows.Text(row, "trigger_name"),
                         .filenode = rows.Int(row, "filenode"),
                         .start_filenode = rows.Int(row, "start_filenode"),
                         .blocks = rows.Int(row, "blocks"),
                         .blocks_filled = rows.Int(row, "blocks_filled"),
                         .rows_filled = rows.Int(row, "rows_filled"),
                         .verify_block = rows.Int(row, "verify_block"),
                         .is_filled = rows.Bool(row, "is_filled")});
    return fills;
}

void StateStore::InsertFill(std::int64_t id, const FillRecord &record) {
    database_.Execute(
        "INSERT INTO pgmigrate.fill (migration_id, relation, trigger_name, filenode, start_filenode, blocks)"
        " VALUES ($1::bigint, $2::oid::regclass, $3::name, $4::oid, $5::oid, $6::bigint)",
        {std::to_string(id), std::to_string(record.relation_oid), record.trigger_name, std::to_string(record.filenode),
         std::to_string(record.start_filenode), std::to_string(record.blocks)});
}

void StateStore::SaveVerifyProgress(std::int64_t id, const FillRecord &record, std::int64_t rows_verified) {
    database_.Execute(
        "UPDATE pgmigrate.fill SET filenode = $3::oid, blocks = $4::bigint, blocks_filled = $5::bigint,"
        " verify_block = $6::bigint, rows_verified = rows_verified + $7::bigint"
        " WHERE migration_id = $1::bigint AND relation = $2::oid",
        {std::to_string(id), std::to_string(record.relation_oid), std::to_string(record.filenode),
         std::to_string(record.blocks), std::to_string(record.blocks_filled), std::to_string(record.verify_block),
         std::to_string(rows_verified)});
}

void StateStore::RecordEvent(const MigrationRecord &record, const std::string &event, const std::string &detail) {
    database_.Execute("INSERT INTO pgmigrate.event (schema_name, name, event, detail) VALUES ($1::name, $2, $3, $4)",
                      {record.schema_name, record.name, event, NullIfEmpty(detail)});
    database_.Query(
        "SELECT pg_notify('pgmigrate', json_build_object('schema_name', $1, 'name', $2, 'event', $3)::text)",
        {record.schema_name, record.name, event});
}

}  // namespace pgmigrate
