// SPDX-License-Identifier: PostgreSQL
#include "monitor/report_facts.h"

#include "core/blocks.h"
#include "monitor/figures.h"
#include "monitor/html.h"

namespace pgmigrate {
namespace {

constexpr const char *kMigration = R"sql(
SELECT m.id, m.started_by, extract(epoch FROM m.started_at) AS started, date_trunc('second', m.started_at)::text AS started_text,
       extract(epoch FROM now) AS now, date_trunc('second', now)::text AS now_text,
       extract(epoch FROM coalesce(m.completed_at, now)) AS ended, current_database() AS database,
       current_setting('server_version') AS server_version
  FROM pgmigrate.migration m CROSS JOIN clock_timestamp() now WHERE m.schema_name = $1::name AND m.name = $2)sql";

/// An earlier migration of that name may have been rolled back. $2: may the reader see errors, which can name rows?
constexpr const char *kEvents = R"sql(
SELECT extract(epoch FROM e.happened_at) AS seconds, date_trunc('second', e.happened_at)::text AS text, e.event,
       CASE WHEN e.event <> 'failed' OR $2::boolean THEN e.detail END AS detail
  FROM pgmigrate.event e JOIN pgmigrate.migration m USING (schema_name, name)
 WHERE m.id = $1::bigint AND e.id > coalesce((SELECT max(r.id) FROM pgmigrate.event r
                                               WHERE r.schema_name = m.schema_name AND r.name = m.name AND r.event = 'rolled back'), 0)
 ORDER BY e.id)sql";

constexpr const char *kSamples = R"sql(
SELECT extract(epoch FROM seen_at) AS seconds, blocks_filled, rows_filled, blocks_verified
  FROM pgmigrate.sample WHERE migration_id = $1::bigint ORDER BY seen_at)sql";

constexpr const char *kTables = R"sql(
SELECT relation::text AS name, greatest(blocks, 0) AS blocks, blocks_filled, least(verify_block, greatest(blocks, 0)) AS blocks_verified, rows_filled, rows_verified, active_seconds
  FROM pgmigrate.fill WHERE migration_id = $1::bigint ORDER BY blocks DESC, relation::text)sql";

constexpr const char *kSteps = R"sql(
SELECT phase, statement, coalesce(lock, '') AS lock, coalesce(table_name, '') AS table_name,
       coalesce(date_trunc('second', done_at)::text, '') AS done_at
  FROM pgmigrate.step WHERE migration_id = $1::bigint ORDER BY position)sql";

double Real(const Rows &rows, std::size_t row, const char *column) { return std::stod(rows.Text(row, column)); }

void LoadMigration(const Rows &rows, Report &report) {
    report.database = rows.Text(0, "database");
    report.server_version = rows.Text(0, "server_version");
    report.started_by = rows.Text(0, "started_by");
    report.started_at = {.seconds = Real(rows, 0, "started"), .text = rows.Text(0, "started_text")};
    report.now = {.seconds = Real(rows, 0, "now"), .text = rows.Text(0, "now_text")};
    report.ended = Real(rows, 0, "ended");
}

void LoadCourse(Database &state, const std::string &id, const Value &sees_errors, Report &report) {
    const Rows events = state.Query(kEvents, {id, sees_errors});
    for (std::size_t row = 0; row < events.size(); ++row)
        report.events.push_back({.at = {.seconds = Real(events, row, "seconds"), .text = events.Text(row, "text")},
                                 .event = events.Text(row, "event"),
                                 .detail = events.TextOr(row, "detail", "")});
    const Rows samples = state.Query(kSamples, {id});
    for (std::size_t row = 0; row < samples.size(); ++row)
        report.samples.push_back({.seconds = Real(samples, row, "seconds"),
                                  .bytes_filled = samples.Int(row, "blocks_filled") * kBlockBytes,
                                  .rows_filled = samples.Int(row, "rows_filled"),
                                  .bytes_verified = samples.Int(row, "blocks_verified") * kBlockBytes});
}

void LoadWork(Database &state, const std::string &id, Report &report) {
    const Rows tables = state.Query(kTables, {id});
    for (std::size_t row = 0; row < tables.size(); ++row)
        report.tables.push_back({.name = tables.Text(row, "name"),
                                 .bytes = tables.Int(row, "blocks") * kBlockBytes,
                                 .bytes_filled = tables.Int(row, "blocks_filled") * kBlockBytes,
                                 .bytes_verified = tables.Int(row, "blocks_verified") * kBlockBytes,
                                 .rows_filled = tables.Int(row, "rows_filled"),
                                 .rows_verified = tables.Int(row, "rows_verified"),
                                 .active_seconds = Real(tables, row, "active_seconds")});
    const Rows steps = state.Query(kSteps, {id});
    for (std::size_t row = 0; row < steps.size(); ++row)
        report.steps.push_back({.phase = steps.Text(row, "phase"),
                                .statement = steps.Text(row, "statement"),
                                .lock = steps.Text(row, "lock"),
                                .table = steps.Text(row, "table_name"),
                                .done_at = steps.Text(row, "done_at")});
}

/// The last point of the charts: how far it is now, or was when the work ended.
void AddLastSample(Report &report) {
    ReportSample last{.seconds = report.now.seconds};
    for (const ReportEvent &event : report.events)
        if (event.event == "ready" || event.event == "failed")
            last.seconds = event.at.seconds;
        else if (event.event == "resumed")
            last.seconds = report.now.seconds;
    for (const ReportTable &table : report.tables) {
        last.bytes_filled += table.bytes_filled;
        last.rows_filled += table.rows_filled;
        last.bytes_verified += table.bytes_verified;
    }
    if (!report.samples.empty() && last.seconds > report.samples.back().seconds) report.samples.push_back(last);
}

}  // namespace

Report LoadReport(Database &state, const Rows &status) {
    Report report;
    report.schema = status.Text(0, "schema_name");
    report.migration = status.Text(0, "name");
    report.version_schema = status.Text(0, "version_schema");
    report.state = status.Text(0, "state");
    report.phase = status.Text(0, "phase");
    report.percent = std::stod(status.Text(0, "percent"));
    if (status.At(0, "eta")) report.eta = DurationInWords(std::stod(status.Text(0, "eta")));
    report.failure = {.sqlstate = status.TextOr(0, "error_sqlstate", ""),
                      .message = status.TextOr(0, "error", ""),
                      .detail = status.TextOr(0, "error_detail", ""),
                      .hint = status.TextOr(0, "hint", "")};
    const Rows migration = state.Query(kMigration, {report.schema, report.migration});
    LoadMigration(migration, report);
    LoadCourse(state, migration.Text(0, "id"), status.At(0, "sees_errors"), report);
    LoadWork(state, migration.Text(0, "id"), report);
    AddLastSample(report);
    LoadLostTime(state, report.schema, report.migration, report.lost);
    return report;
}

}  // namespace pgmigrate
