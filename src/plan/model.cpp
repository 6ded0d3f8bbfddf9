// SPDX-License-Identifier: PostgreSQL
#include "plan/model.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/identifier.h"
#include "core/sqlstates.h"

namespace pgmigrate {
namespace {

std::vector<PlannedColumn> PlanColumns(const CatalogTable &table, Model &model) {
    std::vector<PlannedColumn> columns;
    for (const CatalogColumn &column : table.columns)
        columns.push_back({.id = model.NextColumnId(),
                           .name = column.name,
                           .physical = column.name,
                           .type = column.type,
                           .collation = column.collation,
                           .nullable = !column.not_null,
                           .default_value = column.generated ? std::nullopt : column.default_value,
                           .default_in_view = false,
                           .comment = column.comment,
                           .comment_changed = false,
                           .owned_sequence = column.owned_sequence,
                           .origin = &column,
                           .retyped = false,
                           .keeps_value = true,
                           .conversion = {}});
    return columns;
}

PlannedTable PlanTable(const CatalogTable &table, Model &model) {
    PlannedTable planned;
    planned.origin = &table;
    planned.name = planned.physical = table.name;
    planned.comment = table.comment;
    planned.columns = PlanColumns(table, model);
    for (const CatalogColumn &column : table.columns) planned.used_names.push_back(column.name);
    for (const CatalogConstraint &constraint : table.constraints) {
        planned.constraints.push_back({.origin = &constraint, .name = constraint.name, .dropped = false});
        planned.used_names.push_back(constraint.name);
    }
    for (const CatalogIndex &index : table.indexes)
        planned.indexes.push_back({.origin = &index, .name = index.name, .dropped = false});
    return planned;
}

/// `wanted`, or with a number behind it the first name that `is_taken` does not refuse.
template <typename IsTaken>
std::string FirstFree(const std::string &wanted, IsTaken is_taken) {
    std::string name = wanted;
    for (int number = 1; is_taken(name); ++number) name = DerivedName("", wanted, fmt::format("_{}", number));
    return name;
}

}  // namespace

Model::Model(const CatalogSchema &from, ExpressionBinder &with)
    : catalog(from), binder(with), relation_names_(from.relation_names) {
    for (const CatalogTable &table : catalog.tables) tables.push_back(PlanTable(table, *this));
}

PlannedTable &Model::FindTable(const std::string &name) {
    const auto found = std::ranges::find(tables, name, &PlannedTable::name);
    if (found != tables.end()) {
        if (!found->IsCreated()) touched.insert(found->origin->name);
        return *found;
    }
    throw Error(
        sqlstates::kUndefinedTable,
        {.message = fmt::format("table \"{}\" does not exist", name),
         .detail = fmt::format("There is no such table in schema \"{}\" at this point of the migration.", catalog.name),
         .hint = "Names are case-sensitive, as stored in the catalog."});
}

void Model::RequireNoTable(const std::string &name) {
    if (std::ranges::count(tables, name, &PlannedTable::name) > 0)
        throw Error(sqlstates::kDuplicateTable, {.message = fmt::format("table \"{}\" already exists", name),
                                                 .hint = "Choose another name, or drop or rename the table first."});
}

PlannedColumn &Model::FindColumn(PlannedTable &table, const std::string &name) {
    const auto found = std::ranges::find(table.columns, name, &PlannedColumn::name);
    if (found != table.columns.end()) return *found;
    throw Error(
        sqlstates::kUndefinedColumn,
        {.message = fmt::format("column \"{}\" of table \"{}\" does not exist", name, table.name),
         .hint = "Names are case-sensitive, and are those the new version has at this point of the migration."});
}

void Model::RequireNoColumn(const PlannedTable &table, const std::string &name) {
    if (std::ranges::count(table.columns, name, &PlannedColumn::name) > 0)
        throw Error(sqlstates::kDuplicateColumn,
                    {.message = fmt::format("column \"{}\" of table \"{}\" already exists", name, table.name),
                     .hint = "Choose another name, or drop or rename the column first."});
}

PlannedColumn &Model::ColumnById(PlannedTable &table, int id) {
    const auto found = std::ranges::find(table.columns, id, &PlannedColumn::id);
    if (found == table.columns.end()) throw Error(sqlstates::kInternal, {.message = "planned column does not exist"});
    return *found;
}

bool Model::HasColumn(const PlannedTable &table, int id) {
    return std::ranges::count(table.columns, id, &PlannedColumn::id) > 0;
}

PlannedTable &Model::AddTable(PlannedTable table) { return tables.emplace_back(std::move(table)); }

void Model::RemoveTable(const PlannedTable &table) {
    std::erase_if(tables, [&](const PlannedTable &other) { return &other == &table; });
}

std::string Model::FreeRelationName(const std::string &wanted) {
    const std::string name =
        FirstFree(wanted, [&](const std::string &candidate) { return IsRelationNameTaken(candidate); });
    TakeRelationName(name);
    return name;
}

std::string Model::FreeNameOn(PlannedTable &table, const std::string &wanted) {
    const std::string name = FirstFree(wanted, [&](const std::string &candidate) {
        return std::ranges::find(table.used_names, candidate) != table.used_names.end();
    });
    table.used_names.push_back(name);
    return name;
}

std::string Model::Qualified(const PlannedTable &table) const { return QualifiedName(catalog.name, table.physical); }

Scope ScopeOf(const PlannedTable &table) {
    Scope scope{.table = table.name, .variables = {}};
    for (const PlannedColumn &column : table.columns)
        scope.variables.push_back({.name = column.name, .type = column.type, .collation = column.collation});
    return scope;
}

std::vector<std::string> PhysicalColumns(PlannedTable &table, const std::vector<std::string> &parameters) {
    std::vector<std::string> columns;
    for (const std::string &parameter : parameters) columns.push_back(Model::FindColumn(table, parameter).physical);
    return columns;
}

std::vector<int> ColumnIds(PlannedTable &table, const std::vector<std::string> &names) {
    std::vector<int> ids;
    for (const std::string &name : names) ids.push_back(Model::FindColumn(table, name).id);
    return ids;
}

}  // namespace pgmigrate
