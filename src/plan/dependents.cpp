// SPDX-License-Identifier: PostgreSQL
#include "plan/dependents.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

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

bool IsReplaced(const PlannedColumn &column) {
    return column.origin != nullptr && (column.physical != column.origin->name || IsRetyped(column));
}

std::string ColumnOfType(const PlannedColumn &column) {
    return fmt::format("{} {}{}", QuoteIdentifier(column.origin->name), column.type,
                       column.collation.empty() ? "" : " COLLATE " + column.collation);
}

std::vector<std::string> ReplaceColumns(PlannedTable &table, const PlanContext &context) {
    const std::string alter = "ALTER TABLE " + context.model.Qualified(table);
    std::vector<std::string> statements;
    for (const PlannedColumn &column : table.columns) {
        if (!IsReplaced(column)) continue;
        const std::string name = QuoteIdentifier(column.origin->name);
        const std::string aside = Model::FreeNameOn(table, DerivedName("_pgmigrate_aside_", column.origin->name));
        statements.push_back(fmt::format("{} RENAME COLUMN {} TO {}", alter, name, QuoteIdentifier(aside)));
        statements.push_back(IsRetyped(column) ? fmt::format("{} ADD COLUMN {}", alter, ColumnOfType(column))
                                               : fmt::format("{} RENAME COLUMN {} TO {}", alter,
                                                             QuoteIdentifier(column.physical), name));
    }
    return statements;
}

/// The primary key's columns, if one of them is replaced and the key stays; else none.
std::vector<std::string> ReplacedKey(const PlannedTable &table) {
    for (const Followed<CatalogConstraint> &constraint : table.constraints) {
        if (constraint.origin->type != 'p' || constraint.dropped) continue;
        const Followers followers = Follow(table, constraint.origin->columns);
        const bool is_replaced =
            std::ranges::any_of(followers.columns, [](const PlannedColumn *column) { return IsReplaced(*column); });
        if (followers.survives && is_replaced) return constraint.origin->columns;
    }
    return {};
}

/// The replaced columns have no key before its index is built: an empty table stands in, which has one at once.
std::vector<std::string> ReplaceTable(const PlannedTable &table, const std::vector<std::string> &key,
                                      PlanContext &context) {
    const std::string name = context.model.Qualified(table);
    const std::string aside = context.model.FreeRelationName(DerivedName("_pgmigrate_aside_", table.physical));
    std::vector<std::string> columns;
    for (const PlannedColumn &column : table.columns)
        if (column.origin != nullptr) columns.push_back(ColumnOfType(column));
    return {
        fmt::format("ALTER TABLE {} RENAME TO {}", name, QuoteIdentifier(aside)),
        fmt::format("CREATE TABLE {} ({}, PRIMARY KEY ({}))", name, fmt::join(columns, ", "), QuoteIdentifiers(key))};
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

std::vector<std::string> StageOfTrial(const std::vector<Dependent> &dependents, PlanContext &context) {
    std::vector<std::string> statements;
    for (const Step &drop : DropsOfDependents(dependents)) statements.push_back(drop.statement);
    const bool groups_by_key = std::ranges::any_of(dependents, &Dependent::groups_by_key);
    for (PlannedTable &table : context.model.tables) {
        if (std::ranges::none_of(table.columns, IsReplaced)) continue;
        const std::vector<std::string> key = groups_by_key ? ReplacedKey(table) : std::vector<std::string>();
        std::ranges::move(key.empty() ? ReplaceColumns(table, context) : ReplaceTable(table, key, context),
                          std::back_inserter(statements));
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

}  // namespace pgmigrate
