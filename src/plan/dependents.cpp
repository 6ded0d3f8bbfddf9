// SPDX-License-Identifier: PostgreSQL
#include "plan/dependents.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "plan/index_definition.h"
#include "plan/repointed_keys.h"

namespace pgmigrate {
namespace {

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

std::vector<std::string> AllColumns(const CatalogTable &table) {
    std::vector<std::string> names{""};  // a view may read none of them
    for (const CatalogColumn &column : table.columns) names.push_back(column.name);
    return names;
}

}  // namespace

void RequireNothingDependsOn(const PlannedTable &table, const std::vector<std::string> &obsolete,
                             PlanContext &context) {
    RequireNoDependentViews(*table.origin, obsolete);
    RequireNoGeneratedColumns(table, obsolete, context);
}

void RequireNothingDependsOn(const CatalogTable &dropped, PlanContext &context) {
    RequireNoDependentViews(dropped, AllColumns(dropped));
    RequireNoKeysTo(dropped, context);
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

}  // namespace pgmigrate
