// SPDX-License-Identifier: PostgreSQL
#include "plan/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "plan/context.h"

namespace pgmigrate {
namespace {

bool IsChanged(const PlannedTable &table) {
    return !table.added_columns.empty() || !table.added_constraints.empty() || !table.added_indexes.empty() ||
           !table.down.empty() || !table.replica_identity.empty() || table.name != table.physical ||
           !ObsoleteColumns(table).empty() ||
           std::ranges::any_of(table.columns, [](const PlannedColumn &column) {
               return column.name != column.physical || column.default_in_view || column.comment_changed;
           }) ||
           std::ranges::any_of(table.constraints, [](const Followed<CatalogConstraint> &constraint) {
               return constraint.name != constraint.origin->name;
           }) ||
           std::ranges::any_of(table.indexes, [](const Followed<CatalogIndex> &index) { return index.dropped; });
}

void RequireOwner(const CatalogTable &table) {
    if (!table.owned_by_caller)
        throw Error(sqlstates::kNotOwner,
                    {.message = fmt::format("must be owner of table {}", table.name),
                     .detail = fmt::format("The table belongs to role \"{}\".", table.owner),
                     .hint = "Run the migration as the owner, for example after SET ROLE."});
}

/// Views outside the version schemas that read a column which completion drops.
void RequireNoDependentViews(const CatalogTable &table, const std::vector<std::string> &columns) {
    std::vector<std::string> views;
    for (const DependentView &dependent : table.dependent_views)
        if (std::ranges::find(columns, dependent.column) != columns.end())
            views.push_back(fmt::format("{} (column {})", dependent.view, QuoteIdentifier(dependent.column)));
    if (views.empty()) return;
    throw Error(sqlstates::kDependentObjects,
                {.message = fmt::format("other views depend on columns of table \"{}\" that the migration replaces or drops", table.name),
                 .detail = fmt::format("Views: {}.", fmt::join(views, ", ")),
                 .hint = "Drop these views, run the migration, and create them anew."});
}

/// Foreign keys of other tables that point to a column which completion drops.
void RequireNoIncomingKeys(const CatalogTable &table, const std::vector<std::string> &columns,
                           const std::vector<const CatalogTable *> &dropped_tables, const std::string &schema) {
    for (const IncomingForeignKey &key : table.incoming_foreign_keys) {
        const bool from_dropped = std::ranges::any_of(dropped_tables, [&](const CatalogTable *dropped) {
            return QualifiedName(schema, dropped->name) == key.table;
        });
        const bool concerned = std::ranges::any_of(key.referenced_columns, [&](const std::string &column) {
            return std::ranges::find(columns, column) != columns.end();
        });
        if (concerned && !from_dropped)
            throw Error(sqlstates::kDependentObjects,
                        {.message = fmt::format("foreign key \"{}\" of table {} refers to a column of table \"{}\" that the "
                                                "migration replaces or drops", key.name, key.table, table.name),
                         .detail = "Re-pointing foreign keys of other tables is not supported yet.",
                         .hint = "Drop the foreign key first, and add it again in a later migration."});
    }
}

std::vector<std::string> AllColumns(const CatalogTable &table) {
    std::vector<std::string> names;
    for (const CatalogColumn &column : table.columns) names.push_back(column.name);
    return names;
}

void PlanTable(PlannedTable &table, PlanContext &context, Plan &plan) {
    if (table.IsCreated()) {
        if (table.name != table.physical || !table.final_names.empty()) PlanContraction(table, context, plan);
        return;
    }
    if (!IsChanged(table)) return;
    RequireOwner(*table.origin);
    RequireNoDependentViews(*table.origin, ObsoleteColumns(table));
    RequireNoIncomingKeys(*table.origin, ObsoleteColumns(table), context.model.dropped_tables, context.model.catalog.name);
    plan.changed_tables.push_back(table.origin->name);
    const std::size_t before = plan.steps.size();
    PlanExpansion(table, context, plan);
    const auto expands = std::ranges::count(plan.steps.begin() + static_cast<std::ptrdiff_t>(before), plan.steps.end(),
                                            Phase::kExpand, &Step::phase);
    if (expands > 0) plan.locks.push_back({.table = context.model.Qualified(table), .exclusive = true});
    PlanContraction(table, context, plan);
}

void DropPreviousVersion(const PlanRequest &request, Plan &plan) {
    if (request.previous_version.empty()) return;
    std::vector<std::string> views;
    for (const std::string &view : request.previous_views) views.push_back(QualifiedName(request.previous_version, view));
    const auto contract = [&](std::string statement) {
        plan.steps.push_back({.phase = Phase::kContract, .statement = std::move(statement), .undo = {}, .table = {},
                              .lock = "ACCESS EXCLUSIVE", .object = request.previous_version});
    };
    if (!views.empty()) contract(fmt::format("DROP VIEW IF EXISTS {}", fmt::join(views, ", ")));
    contract("DROP SCHEMA IF EXISTS " + QuoteIdentifier(request.previous_version));
}

void DropTables(PlanContext &context, Plan &plan) {
    for (const CatalogTable *table : context.model.dropped_tables) {
        RequireOwner(*table);
        RequireNoDependentViews(*table, AllColumns(*table));
        RequireNoIncomingKeys(*table, AllColumns(*table), context.model.dropped_tables, context.model.catalog.name);
        plan.changed_tables.push_back(table->name);
    }
    std::vector<std::string> names;
    for (const CatalogTable *table : context.model.dropped_tables)
        names.push_back(QualifiedName(context.model.catalog.name, table->name));
    if (names.empty()) return;
    // One statement, so that foreign keys among them are no obstacle.
    plan.steps.push_back({.phase = Phase::kContract,
                          .statement = fmt::format("DROP TABLE {}", fmt::join(names, ", ")),
                          .undo = {},
                          .table = names.front(),
                          .lock = "ACCESS EXCLUSIVE",
                          .object = {}});
}

/// What went wrong, with the place in the migration's text.
ErrorText InOperation(std::size_t index, const Operation &operation, ErrorText text) {
    const std::string place = fmt::format("It is in operations[{}].{}.", index, OperationName(operation));
    text.detail = text.detail.empty() ? place : text.detail + ' ' + place;
    if (text.hint.empty()) text.hint = "Correct this part of the migration and start it again.";
    return text;
}

void ApplyAll(const Migration &migration, PlanContext &context) {
    for (std::size_t i = 0; i < migration.operations.size(); ++i) {
        const Operation &operation = migration.operations[i];
        try {
            std::visit([&](const auto &asked) { Apply(asked, context); }, operation);
        } catch (const Error &error) {
            throw Error(error.state(), InOperation(i, operation, error.text()));
        } catch (const DatabaseError &error) {
            throw Error(error.state(), InOperation(i, operation, error.text()));
        }
    }
}

void AddReferencedLocks(const PlanContext &context, Plan &plan) {
    for (const std::string &table : context.referenced) {
        const bool locked = std::ranges::any_of(plan.locks, [&](const NeededLock &lock) { return lock.table == table; });
        if (!locked) plan.locks.push_back({.table = table, .exclusive = false});
    }
}

}  // namespace

bool Plan::NeedsWorker() const {
    return std::ranges::any_of(steps, [](const Step &step) {
        return step.phase != Phase::kExpand && step.phase != Phase::kPublish && step.phase != Phase::kContract;
    });
}

Plan PlanMigration(const Migration &migration, const PlanRequest &request, const CatalogSchema &catalog,
                   ExpressionBinder &binder) {
    PlanContext context{.model = Model(catalog, binder), .request = request, .expand = {}, .contract = {}, .referenced = {}};
    ApplyAll(migration, context);

    Plan plan;
    DropPreviousVersion(request, plan);
    DropTables(context, plan);  // before renames, which may want the names
    for (PlannedTable &table : context.model.tables) PlanTable(table, context, plan);
    for (const std::string &index : context.model.dropped_indexes)
        plan.steps.push_back({.phase = Phase::kContract, .statement = "DROP INDEX IF EXISTS " + index, .undo = {}, .table = {},
                              .lock = "ACCESS EXCLUSIVE", .object = index});
    AddReferencedLocks(context, plan);
    plan.steps.insert(plan.steps.begin(), context.expand.begin(), context.expand.end());
    plan.steps.insert(plan.steps.end(), context.contract.begin(), context.contract.end());
    std::ranges::move(PlanPublishing(context.model, request.version_schema), std::back_inserter(plan.steps));
    std::ranges::stable_sort(plan.steps, {}, &Step::phase);
    plan.warnings = std::move(context.model.warnings);
    return plan;
}

std::vector<Step> PlanViewsAgain(const std::string &version_schema, const CatalogSchema &catalog, ExpressionBinder &binder) {
    const Model model(catalog, binder);
    std::vector<Step> steps = PlanPublishing(model, version_schema);
    std::erase_if(steps, [](const Step &step) { return step.table.empty(); });  // the schema itself stays
    return steps;
}

}  // namespace pgmigrate
