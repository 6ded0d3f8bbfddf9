// SPDX-License-Identifier: PostgreSQL
#include "plan/dependents.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "plan/index_definition.h"

namespace pgmigrate {
namespace {

/// The column that takes the place of one which is in the catalog; null if it goes, or is another's place.
const PlannedColumn *Successor(const PlannedTable &table, const std::string &name) {
    const auto found = std::ranges::find_if(table.columns, [&](const PlannedColumn &column) {
        return column.origin != nullptr && column.origin->name == name;
    });
    return found == table.columns.end() ? nullptr : &*found;
}

}  // namespace

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

ColumnChanges ColumnChangesOf(const PlanContext &context) {
    ColumnChanges changes{.replaced = {}, .dropped = {}};
    for (const PlannedTable &table : context.model.tables) {
        if (table.IsCreated() || !table.origin->owned_by_caller) continue;
        for (const CatalogColumn &column : table.origin->columns) {
            const PlannedColumn *const successor = Successor(table, column.name);
            if (successor == nullptr)
                changes.dropped[table.origin->name].push_back(column.name);
            else if (successor->physical != column.name || IsRetyped(*successor))
                changes.replaced[table.origin->name].push_back(column.name);
        }
    }
    for (const CatalogTable *table : context.model.dropped_tables)
        if (table->owned_by_caller) changes.tables.push_back(table);
    return changes;
}

std::vector<std::string> StageOfTrial(const std::vector<Step> &drops, PlanContext &context) {
    std::vector<std::string> statements;
    for (const Step &drop : drops) statements.push_back(drop.statement);
    for (PlannedTable &table : context.model.tables) {
        for (const PlannedColumn &column : table.columns) {
            if (column.origin == nullptr || (column.physical == column.origin->name && !IsRetyped(column))) continue;
            const std::string alter = "ALTER TABLE " + context.model.Qualified(table);
            const std::string name = QuoteIdentifier(column.origin->name);
            const std::string aside = Model::FreeNameOn(table, DerivedName("_pgmigrate_aside_", column.origin->name));
            statements.push_back(fmt::format("{} RENAME COLUMN {} TO {}", alter, name, QuoteIdentifier(aside)));
            statements.push_back(
                IsRetyped(column)
                    ? fmt::format("{} ADD COLUMN {} {}{}", alter, name, column.type,
                                  column.collation.empty() ? "" : " COLLATE " + column.collation)
                    : fmt::format("{} RENAME COLUMN {} TO {}", alter, QuoteIdentifier(column.physical), name));
        }
    }
    return statements;
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
