// SPDX-License-Identifier: PostgreSQL
// migrate_drift(schema_name name) → rows: what was changed outside of migrations; changes nothing.
#include "api/drift.h"

#include <fmt/format.h>

#include "pg/boundary.h"
#include "pg/result_rows.h"

namespace pgmigrate::api {
namespace {

constexpr const char *kEvent = "drift";

void ExcludeChangesOf(Session &session, const MigrationRecord &active, std::vector<SchemaDifference> &differences) {
    std::vector<std::string> statements;
    for (const StepRecord &record : session.store().Steps(active.id)) {
        // Views name every table, and completion is still to come.
        if (record.step.phase == Phase::kPublish || record.step.phase == Phase::kContract) continue;
        if (record.step.object == "sql") return differences.clear();  // its text does not tell what it changes
        statements.push_back(record.step.statement);
        statements.push_back(record.step.table);
    }
    ExcludeMentioned(differences, statements);
}

bool WasTold(Session &session, const MigrationRecord &record, const std::string &description) {
    return !session.state()
                .Query(
                    "SELECT 1 FROM pgmigrate.event WHERE schema_name = $1::name AND name = $2 AND event = $3"
                    " AND $4 = ANY (string_to_array(detail, E'\\n')) AND id > (SELECT max(id) FROM pgmigrate.event"
                    " WHERE schema_name = $1::name AND name = $2 AND event = 'started')",
                    {record.schema_name, record.name, kEvent, description})
                .empty();
}

void WarnOfDrift(const std::string &schema_name, std::vector<std::string> lines) {
    constexpr std::size_t kMostLines = 20;
    if (lines.size() > kMostLines) {
        const std::size_t more = lines.size() - kMostLines;
        lines.resize(kMostLines);
        lines.push_back(fmt::format("... and {} more", more));
    }
    const std::string joined = fmt::format("{}", fmt::join(lines, "\n"));
    const char *const schema = schema_name.c_str();
    const char *const detail = joined.c_str();
    pg::Call([schema, detail] {
        ereport(WARNING, (errmsg("schema \"%s\" was changed outside of migrations", schema), errdetail("%s", detail),
                          errhint("migrate_drift() shows what differs from the latest migration; the next one to be "
                                  "completed takes it over.")));
    });
}

Datum Drift(pg::Arguments arguments) {
    Session session(arguments.RequiredName(0, "schema_name"));
    Rows rows;
    for (SchemaDifference &difference : FindDrift(session))
        rows.values.push_back({difference.kind, difference.table, difference.name, difference.change,
                               difference.detail.empty() ? Value() : Value(std::move(difference.detail))});
    return pg::ReturnRows(arguments.call(), rows);
}

}  // namespace

std::vector<SchemaDifference> FindDrift(Session &session) {
    const std::optional<std::string> stored = session.store().LatestResultingSchema(session.schema_name());
    if (!stored) return {};
    const Rows now =
        session.catalog().Query("SELECT pgmigrate.read_schema($1::name) AS schema", {session.schema_name()});
    std::vector<SchemaDifference> differences = CompareSchemas(*stored, now.Text(0, "schema"));
    if (differences.empty()) return differences;
    if (const std::optional<MigrationRecord> active = session.store().FindActive(session.schema_name()))
        ExcludeChangesOf(session, *active, differences);
    return differences;
}

void ReportDrift(Session &session, const MigrationRecord &record, const std::vector<SchemaDifference> &differences) {
    std::vector<std::string> lines;
    for (const SchemaDifference &difference : differences)
        if (std::string line = Describe(difference); !WasTold(session, record, line)) lines.push_back(std::move(line));
    if (lines.empty()) return;
    WarnOfDrift(record.schema_name, lines);
    session.store().RecordEvent(record, kEvent, fmt::format("{}", fmt::join(lines, "\n")));
}

}  // namespace pgmigrate::api

PGMIGRATE_FUNCTION(migrate_drift, pgmigrate::api::Drift)
