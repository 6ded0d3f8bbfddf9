// SPDX-License-Identifier: PostgreSQL
// migrate_plan(name text, migration text, schema_name name) → rows: what start, worker and complete would do; changes
// nothing.
#include <fmt/format.h>

#include <algorithm>

#include "api/fills.h"
#include "api/raw_sql.h"
#include "api/session.h"
#include "core/blocks.h"
#include "core/identifier.h"
#include "pg/boundary.h"
#include "pg/result_rows.h"

namespace pgmigrate::api {
namespace {

/// Heap bytes per second of filling, over all fills this database has seen; empty without one.
Value MeasuredRate(Database &state) {
    const Rows rows = state.Query(
        "SELECT (sum(blocks_filled) * $1::bigint / nullif(sum(active_seconds), 0))::bigint AS rate FROM pgmigrate.fill",
        {std::to_string(kBlockBytes)});
    return rows.At(0, "rate");
}

Value FillEstimate(std::int64_t bytes, const Value &rate) {
    if (!rate || *rate == "0") return std::nullopt;
    return fmt::format("{} seconds", static_cast<double>(bytes) / std::stod(*rate));
}

/// Rows and bytes of a table or of one of its partitions.
struct Size {
    double rows = 0;
    std::int64_t bytes = 0;
};

std::optional<Size> FindSize(const std::string &name, const CatalogSchema &catalog) {
    for (const CatalogTable &table : catalog.tables) {
        if (QualifiedName(catalog.name, table.name) == name) return Size{.rows = table.rows, .bytes = table.bytes};
        for (const CatalogPartition &partition : table.partitions)
            if (partition.name == name) return Size{.rows = partition.rows, .bytes = partition.bytes};
    }
    return std::nullopt;
}

std::vector<Value> PlanRow(int position, const Step &step, const CatalogSchema &catalog, const Value &rate,
                           const Value &detail) {
    const bool reads_rows = step.phase == Phase::kFill || step.phase == Phase::kIndex ||
                            step.phase == Phase::kValidate || step.phase == Phase::kVerify;
    const std::optional<Size> size = reads_rows ? FindSize(step.table, catalog) : std::nullopt;
    const auto or_null = [](const std::string &text) { return text.empty() ? Value() : Value(text); };
    return {std::to_string(position),
            std::string(PhaseName(step.phase)),
            step.statement,
            or_null(step.lock),
            or_null(step.table),
            size && size->rows >= 0 ? Value(fmt::format("{:.0f}", size->rows)) : std::nullopt,
            size ? Value(std::to_string(size->bytes)) : std::nullopt,
            size && step.phase == Phase::kFill ? FillEstimate(size->bytes, rate) : std::nullopt,
            detail};
}

Datum ShowPlan(pg::Arguments arguments) {
    Session session(arguments.RequiredName(2, "schema_name"));
    Prepared prepared =
        Prepare(session, arguments.Required<std::string>(0, "name"), arguments.Required<std::string>(1, "migration"));
    if (HasOperationsBehindRawSql(prepared.migration)) TryRawSql(session, prepared);
    Warn(prepared.plan.warnings);
    const Value rate = MeasuredRate(session.state());
    Rows rows;
    int position = 0;
    auto fill = prepared.plan.fills.begin();  // in the order of the steps that fill
    for (const Step &step : prepared.plan.steps) {
        Value detail;
        if (step.phase == Phase::kFill) detail = DescribeFill(session, *fill++);
        rows.values.push_back(PlanRow(++position, step, prepared.catalog, rate, detail));
    }
    return pg::ReturnRows(arguments.call(), rows);
}

}  // namespace
}  // namespace pgmigrate::api

PGMIGRATE_FUNCTION(migrate_plan, pgmigrate::api::ShowPlan)
