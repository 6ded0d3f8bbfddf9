// SPDX-License-Identifier: PostgreSQL
// The version schema: one view per table of the new version, with its defaults, comments and grants.
#include <fmt/format.h>

#include <algorithm>

#include "core/identifier.h"
#include "plan/context.h"

namespace pgmigrate {
namespace {

/// A default that is always NULL. PostgreSQL drops a plain NULL default, also on a view, where it would let the base
/// table's default through.
std::string NullDefault(const std::string &type) { return fmt::format("CAST(NULLIF('', '') AS {})", type); }

void AddViewDefaults(const PlannedTable &table, const std::string &view, std::vector<Step> &steps) {
    for (const PlannedColumn &column : table.columns)
        if (column.default_in_view)
            steps.push_back({.phase = Phase::kPublish,
                             .statement = fmt::format(
                                 "ALTER VIEW {} ALTER COLUMN {} SET DEFAULT {}", view, QuoteIdentifier(column.name),
                                 column.default_value ? *column.default_value : NullDefault(column.type)),
                             .undo = {},
                             .table = view,
                             .lock = "ACCESS EXCLUSIVE",
                             .object = {}});
}

std::string GrantStatement(const Grant &grant, const std::string &on) {
    return fmt::format("GRANT {} ON {} TO {}{}", grant.privilege, on,
                       grant.grantee.empty() ? "PUBLIC" : QuoteIdentifier(grant.grantee),
                       grant.grantable ? " WITH GRANT OPTION" : "");
}

/// What applications may do to a table they may do to its view; TRUNCATE, REFERENCES and TRIGGER mean nothing there.
bool MeansSomethingOnAView(const Grant &grant) {
    return grant.privilege == "SELECT" || grant.privilege == "INSERT" || grant.privilege == "UPDATE" ||
           grant.privilege == "DELETE";
}

void DescribeView(const PlannedTable &table, const std::string &view, std::vector<Step> &steps) {
    const auto add = [&](std::string statement) {
        steps.push_back({.phase = Phase::kPublish,
                         .statement = std::move(statement),
                         .undo = {},
                         .table = view,
                         .lock = {},
                         .object = {}});
    };
    if (table.comment) add(fmt::format("COMMENT ON VIEW {} IS {}", view, QuoteLiteral(*table.comment)));
    for (const PlannedColumn &column : table.columns)
        if (column.comment)
            add(fmt::format("COMMENT ON COLUMN {}.{} IS {}", view, QuoteIdentifier(column.name),
                            QuoteLiteral(*column.comment)));
    if (table.IsCreated()) return;
    for (const Grant &grant : table.origin->grants)
        if (MeansSomethingOnAView(grant)) add(GrantStatement(grant, view));
    for (const PlannedColumn &column : table.columns) {
        if (column.origin == nullptr) continue;
        for (const Grant &grant : column.origin->grants)
            if (MeansSomethingOnAView(grant))
                add(fmt::format("GRANT {} ({}) ON {} TO {}{}", grant.privilege, QuoteIdentifier(column.name), view,
                                grant.grantee.empty() ? "PUBLIC" : QuoteIdentifier(grant.grantee),
                                grant.grantable ? " WITH GRANT OPTION" : ""));
    }
}

void PlanView(const Model &model, const PlannedTable &table, const std::string &version_schema,
              std::vector<Step> &steps) {
    const std::string view = QualifiedName(version_schema, table.name);
    std::vector<std::string> columns;
    for (const PlannedColumn &column : table.columns)
        columns.push_back(column.physical == column.name ? QuoteIdentifier(column.name)
                                                         : fmt::format("{} AS {}", QuoteIdentifier(column.physical),
                                                                       QuoteIdentifier(column.name)));
    steps.push_back({.phase = Phase::kPublish,
                     .statement = fmt::format("CREATE VIEW {} WITH (security_invoker = true) AS SELECT {} FROM {}",
                                              view, fmt::join(columns, ", "), model.Qualified(table)),
                     .undo = "DROP VIEW IF EXISTS " + view,
                     .table = view,
                     .lock = "ACCESS EXCLUSIVE",
                     .object = {}});
    AddViewDefaults(table, view, steps);
    DescribeView(table, view, steps);
}

bool HasRetypedColumn(const PlannedTable &table) { return std::ranges::any_of(table.columns, IsRetyped); }

/// The table as completion leaves it.
PlannedTable Completed(PlannedTable table) {
    table.physical = table.name;
    for (PlannedColumn &column : table.columns) {
        column.physical = column.name;
        column.default_in_view = false;
    }
    return table;
}

}  // namespace

void PlanDropsOfRetypedViews(const PlanContext &context, Plan &plan) {
    for (const PlannedTable &table : context.model.tables) {
        if (!HasRetypedColumn(table)) continue;
        const std::string view = QualifiedName(context.request.version_schema, table.name);
        plan.steps.push_back({.phase = Phase::kContract,
                              .statement = "DROP VIEW " + view,
                              .undo = {},
                              .table = view,
                              .lock = "ACCESS EXCLUSIVE",
                              .object = {}});
    }
}

void PlanRetypedViewsAgain(const PlanContext &context, Plan &plan) {
    std::vector<Step> steps;
    for (const PlannedTable &table : context.model.tables)
        if (HasRetypedColumn(table)) PlanView(context.model, Completed(table), context.request.version_schema, steps);
    for (Step &step : steps) {
        step.phase = Phase::kContract;
        step.undo.clear();
        plan.steps.push_back(std::move(step));
    }
}

std::vector<Step> PlanPublishing(const Model &model, const std::string &version_schema) {
    const std::string schema = QuoteIdentifier(version_schema);
    std::vector<Step> steps{{.phase = Phase::kPublish,
                             .statement = "CREATE SCHEMA " + schema,
                             .undo = "DROP SCHEMA IF EXISTS " + schema,
                             .table = {},
                             .lock = {},
                             .object = {}}};
    for (const Grant &grant : model.catalog.grants)
        steps.push_back({.phase = Phase::kPublish,
                         .statement = GrantStatement(grant, "SCHEMA " + schema),
                         .undo = {},
                         .table = {},
                         .lock = {},
                         .object = {}});
    for (const PlannedTable &table : model.tables) PlanView(model, table, version_schema, steps);
    return steps;
}

}  // namespace pgmigrate
