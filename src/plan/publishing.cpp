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

std::string GrantStatement(const Grant &grant, const std::string &columns, const std::string &on) {
    return fmt::format("GRANT {}{} ON {} TO {}{}", grant.privilege, columns, on,
                       grant.grantee.empty() ? "PUBLIC" : QuoteIdentifier(grant.grantee),
                       grant.grantable ? " WITH GRANT OPTION" : "");
}

/// What applications may do to a table they may do to its view; TRUNCATE, REFERENCES and TRIGGER mean nothing there.
bool MeansSomethingOnAView(const Grant &grant) {
    return grant.privilege == "SELECT" || grant.privilege == "INSERT" || grant.privilege == "UPDATE" ||
           grant.privilege == "DELETE";
}

void Publish(std::string statement, const std::string &view, std::vector<Step> &steps) {
    steps.push_back({.phase = Phase::kPublish,
                     .statement = std::move(statement),
                     .undo = {},
                     .table = view,
                     .lock = {},
                     .object = {}});
}

/// The view of the table in the version before; null if it has none, or nothing was granted on it.
const ViewGrants *PreviousView(const PlannedTable &table, const VersionRights &previous) {
    if (table.IsCreated()) return nullptr;
    const auto found = std::ranges::find(previous.views, table.origin->name, &ViewGrants::view);
    return found == previous.views.end() ? nullptr : &*found;
}

std::vector<Grant> TableGrants(const PlannedTable &table, const VersionRights &previous) {
    std::vector<Grant> grants;
    for (const Grant &grant : table.IsCreated() ? previous.new_tables : table.origin->grants)
        if (MeansSomethingOnAView(grant)) AddGrantOnce(grants, grant);
    if (const ViewGrants *view = PreviousView(table, previous))
        for (const Grant &grant : view->grants) AddGrantOnce(grants, grant);
    return grants;
}

std::vector<Grant> ColumnGrants(const PlannedTable &table, const PlannedColumn &column, const VersionRights &previous) {
    std::vector<Grant> grants;
    if (column.origin == nullptr) return grants;
    for (const Grant &grant : column.origin->grants)
        if (MeansSomethingOnAView(grant)) AddGrantOnce(grants, grant);
    if (const ViewGrants *view = PreviousView(table, previous))
        for (const ViewGrants::OnColumn &on : view->columns)
            if (on.column == column.origin->name) AddGrantOnce(grants, on.grant);
    return grants;
}

void DescribeView(const PlannedTable &table, const std::string &view, const VersionRights &previous,
                  std::vector<Step> &steps) {
    if (table.comment)
        Publish(fmt::format("COMMENT ON VIEW {} IS {}", view, QuoteLiteral(*table.comment)), view, steps);
    for (const PlannedColumn &column : table.columns)
        if (column.comment)
            Publish(fmt::format("COMMENT ON COLUMN {}.{} IS {}", view, QuoteIdentifier(column.name),
                                QuoteLiteral(*column.comment)),
                    view, steps);
    for (const Grant &grant : TableGrants(table, previous)) Publish(GrantStatement(grant, "", view), view, steps);
    for (const PlannedColumn &column : table.columns)
        for (const Grant &grant : ColumnGrants(table, column, previous))
            Publish(GrantStatement(grant, fmt::format(" ({})", QuoteIdentifier(column.name)), view), view, steps);
}

void PlanView(const Model &model, const PlannedTable &table, const std::string &version_schema,
              const VersionRights &previous, std::vector<Step> &steps) {
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
    DescribeView(table, view, previous, steps);
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

void PlanDefaultPrivileges(Model &model, const std::string &schema, const VersionRights &previous,
                           std::vector<Step> &steps) {
    for (const DefaultGrant &entry : previous.defaults) {
        if (!entry.role_is_callers) {
            model.warnings.push_back(fmt::format(
                "default privileges that role \"{}\" has set in the previous version are not carried to schema {}: "
                "only a member of that role can",
                entry.role, schema));
            continue;
        }
        Publish(fmt::format("ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA {} {}", QuoteIdentifier(entry.role), schema,
                            GrantStatement(entry.grant, "", entry.objects)),
                {}, steps);
    }
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
        if (HasRetypedColumn(table))
            PlanView(context.model, Completed(table), context.request.version_schema, context.request.previous_rights,
                     steps);
    for (Step &step : steps) {
        step.phase = Phase::kContract;
        step.undo.clear();
        plan.steps.push_back(std::move(step));
    }
}

std::vector<Step> PlanPublishing(Model &model, const std::string &version_schema, const VersionRights &previous) {
    const std::string schema = QuoteIdentifier(version_schema);
    std::vector<Step> steps{{.phase = Phase::kPublish,
                             .statement = "CREATE SCHEMA " + schema,
                             .undo = "DROP SCHEMA IF EXISTS " + schema,
                             .table = {},
                             .lock = {},
                             .object = {}}};
    std::vector<Grant> grants = model.catalog.grants;
    for (const Grant &grant : previous.schema) AddGrantOnce(grants, grant);
    for (const Grant &grant : grants) Publish(GrantStatement(grant, "", "SCHEMA " + schema), {}, steps);
    // Default privileges are for new objects only: a view that the version before has too keeps the rights it has.
    for (const PlannedTable &table : model.tables)
        if (!table.IsCreated()) PlanView(model, table, version_schema, previous, steps);
    PlanDefaultPrivileges(model, schema, previous, steps);
    for (const PlannedTable &table : model.tables)
        if (table.IsCreated()) PlanView(model, table, version_schema, previous, steps);
    return steps;
}

}  // namespace pgmigrate
