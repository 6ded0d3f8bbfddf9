// SPDX-License-Identifier: PostgreSQL
#include "plan/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "plan/context.h"
#include "plan/index_definition.h"

namespace pgmigrate {
namespace {

bool IsChanged(const PlannedTable &table) {
    return !table.added_columns.empty() || !table.added_constraints.empty() || !table.added_indexes.empty() ||
           !table.down.empty() || !table.replica_identity.empty() || table.name != table.physical ||
           !ObsoleteColumns(table).empty() ||
           std::ranges::any_of(table.columns,
                               [](const PlannedColumn &column) {
                                   return column.name != column.physical || column.default_in_view ||
                                          column.comment_changed;
                               }) ||
           std::ranges::any_of(table.constraints,
                               [](const Followed<CatalogConstraint> &constraint) {
                                   return constraint.dropped || constraint.name != constraint.origin->name;
                               }) ||
           std::ranges::any_of(table.indexes, [](const Followed<CatalogIndex> &index) { return index.dropped; });
}

void RequireOwner(const CatalogTable &table) {
    if (!table.owned_by_caller)
        throw Error(sqlstates::kNotOwner, {.message = fmt::format("must be owner of table {}", table.name),
                                           .detail = fmt::format("The table belongs to role \"{}\".", table.owner),
                                           .hint = "Run the migration as the owner, for example after SET ROLE."});
}

/// Views outside the version schemas that read a column which completion drops; an empty name stands for none of the
/// columns.
void RequireNoDependentViews(const CatalogTable &table, const std::vector<std::string> &columns) {
    std::vector<std::string> views;
    for (const DependentView &dependent : table.dependent_views)
        if (std::ranges::find(columns, dependent.column) != columns.end())
            views.push_back(dependent.column.empty()
                                ? dependent.view
                                : fmt::format("{} (column {})", dependent.view, QuoteIdentifier(dependent.column)));
    if (views.empty()) return;
    throw Error(sqlstates::kDependentObjects,
                {.message = fmt::format(
                     "other views depend on columns of table \"{}\" that the migration replaces or drops", table.name),
                 .detail = fmt::format("Views: {}.", fmt::join(views, ", ")),
                 .hint = "Drop these views, run the migration, and create them anew."});
}

/// Generated columns that stay and are computed from a column which completion drops.
void RequireNoGeneratedColumns(const PlannedTable &table, const std::vector<std::string> &obsolete,
                               PlanContext &context) {
    if (obsolete.empty()) return;
    for (const PlannedColumn &column : table.columns) {
        if (column.origin == nullptr || !column.origin->generated || !column.origin->default_value) continue;
        for (const std::string &read : ColumnsOfExpression(table, *column.origin->default_value, context))
            if (std::ranges::find(obsolete, read) != obsolete.end())
                throw Error(sqlstates::kDependentObjects,
                            {.message = fmt::format(
                                 "generated column \"{}\" of table \"{}\" is computed from column \"{}\", which "
                                 "the migration replaces or drops",
                                 column.name, table.name, read),
                             .hint = "Drop the generated column too, and add it anew in a migration of its own."});
    }
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
            throw Error(
                sqlstates::kDependentObjects,
                {.message = fmt::format("foreign key \"{}\" of table {} refers to a column of table \"{}\" that the "
                                        "migration replaces or drops",
                                        key.name, key.table, table.name),
                 .detail = "Re-pointing foreign keys of other tables is not supported yet.",
                 .hint = "Drop the foreign key first, and add it again in a later migration."});
    }
}

/// The columns, and those on which an index with such an included column is unique: the index goes with it, and a
/// foreign key needs the index.
std::vector<std::string> WithUniqueKeys(const CatalogTable &table, std::vector<std::string> columns) {
    for (const CatalogIndex &index : table.indexes) {
        const bool goes = std::ranges::any_of(index.included, [&](const std::string &included) {
            return std::ranges::find(columns, included) != columns.end();
        });
        if (goes && index.unique)
            for (const CatalogIndexKey &key : index.keys) columns.push_back(key.column);
    }
    return columns;
}

/// Foreign keys that this very migration adds must find what they refer to after completion too.
void RequireReferencesKept(PlanContext &context) {
    const auto refuse = [](const std::string &table) {
        throw Error(sqlstates::kDependentObjects,
                    {.message = fmt::format(
                         "the migration adds a foreign key to table {} and drops or replaces what it refers to", table),
                     .hint = "Add the foreign key in a later migration."});
    };
    for (const ForeignKeyReference &reference : context.references) {
        for (const CatalogTable *dropped : context.model.dropped_tables)
            if (QualifiedName(context.model.catalog.name, dropped->name) == reference.table) refuse(reference.table);
        for (const PlannedTable &table : context.model.tables) {
            if (context.model.Qualified(table) != reference.table) continue;
            for (const std::string &column : ObsoleteColumns(table))
                if (std::ranges::find(reference.columns, column) != reference.columns.end()) refuse(reference.table);
        }
    }
}

std::vector<std::string> AllColumns(const CatalogTable &table) {
    std::vector<std::string> names{""};  // a view may read none of them
    for (const CatalogColumn &column : table.columns) names.push_back(column.name);
    return names;
}

/// CREATE INDEX CONCURRENTLY cannot be run on a partitioned table.
void RequireNoIndexOnPartitioned(const CatalogTable &table, const std::string &name, const Plan &plan) {
    const auto needed = std::ranges::find_if(
        plan.steps, [&](const Step &step) { return step.phase == Phase::kIndex && step.table == name; });
    if (!table.partitioned || needed == plan.steps.end()) return;
    throw Error(sqlstates::kFeatureNotSupported,
                {.message = fmt::format("cannot build an index on partitioned table \"{}\" in a migration", table.name),
                 .detail = fmt::format("The migration would need: {}", needed->statement),
                 .hint = "Build the index on each partition by hand first, or leave its columns as they are."});
}

void PlanTable(PlannedTable &table, PlanContext &context, Plan &plan) {
    if (table.IsCreated()) {
        PlanContraction(table, context, plan);
        return;
    }
    if (!IsChanged(table)) return;
    RequireOwner(*table.origin);
    const std::vector<std::string> obsolete = ObsoleteColumns(table);
    RequireNoDependentViews(*table.origin, obsolete);
    RequireNoGeneratedColumns(table, obsolete, context);
    RequireNoIncomingKeys(*table.origin, WithUniqueKeys(*table.origin, obsolete), context.model.dropped_tables,
                          context.model.catalog.name);
    plan.changed_tables.push_back(table.origin->name);
    const std::size_t before = plan.steps.size();
    PlanExpansion(table, context, plan);
    RequireNoIndexOnPartitioned(*table.origin, context.model.Qualified(table), plan);
    const auto expands = std::ranges::count(plan.steps.begin() + static_cast<std::ptrdiff_t>(before), plan.steps.end(),
                                            Phase::kExpand, &Step::phase);
    if (expands > 0) plan.locks.push_back({.table = context.model.Qualified(table), .exclusive = true});
    PlanContraction(table, context, plan);
}

void DropPreviousVersion(const PlanRequest &request, Plan &plan) {
    if (request.previous_version.empty()) return;
    std::vector<std::string> views;
    for (const std::string &view : request.previous_views)
        views.push_back(QualifiedName(request.previous_version, view));
    const auto contract = [&](std::string statement) {
        plan.steps.push_back({.phase = Phase::kContract,
                              .statement = std::move(statement),
                              .undo = {},
                              .table = {},
                              .lock = "ACCESS EXCLUSIVE",
                              .object = request.previous_version});
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
    PlanTableDrops(context, plan);
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
        const bool locked =
            std::ranges::any_of(plan.locks, [&](const NeededLock &lock) { return lock.table == table; });
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
    PlanContext context{.model = Model(catalog, binder),
                        .request = request,
                        .expand = {},
                        .contract = {},
                        .referenced = {},
                        .references = {}};
    ApplyAll(migration, context);

    Plan plan;
    DropPreviousVersion(request, plan);
    DropTables(context, plan);  // before renames, which may want the names
    for (PlannedTable &table : context.model.tables) PlanTable(table, context, plan);
    PlanTableRenames(context, plan);
    RequireReferencesKept(context);
    AddReferencedLocks(context, plan);
    plan.steps.insert(plan.steps.begin(), context.expand.begin(), context.expand.end());
    plan.steps.insert(plan.steps.end(), context.contract.begin(), context.contract.end());
    std::ranges::move(PlanPublishing(context.model, request.version_schema), std::back_inserter(plan.steps));
    std::ranges::stable_sort(plan.steps, {}, &Step::phase);
    plan.warnings = std::move(context.model.warnings);
    return plan;
}

std::vector<Step> PlanViewsAgain(const std::string &version_schema, const CatalogSchema &catalog,
                                 ExpressionBinder &binder) {
    const Model model(catalog, binder);
    std::vector<Step> steps = PlanPublishing(model, version_schema);
    std::erase_if(steps, [](const Step &step) { return step.table.empty(); });  // the schema itself stays
    return steps;
}

}  // namespace pgmigrate
