// SPDX-License-Identifier: PostgreSQL
// create_constraint, drop_constraint, drop_multicolumn_constraint, rename_constraint, create_index, drop_index.
#include <fmt/format.h>

#include <algorithm>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "plan/context.h"
#include "plan/created_table.h"

namespace pgmigrate {
namespace {

/// The constraint of this name that the new version has at this point. Throws 42704.
Followed<CatalogConstraint> &FindConstraint(PlannedTable &table, const std::string &name) {
    const auto found = std::ranges::find_if(table.constraints, [&](const Followed<CatalogConstraint> &constraint) {
        return !constraint.dropped && constraint.name == name && FollowAll(table, *constraint.origin).survives;
    });
    if (found != table.constraints.end()) return *found;
    ThrowNoConstraint(table, name);
}

/// Names in the new version of the columns a constraint is on.
std::vector<std::string> ConstrainedColumns(PlannedTable &table, const std::string &constraint) {
    std::vector<std::string> names;
    if (table.IsCreated()) {
        for (const int id : FindCreatedConstraint(table, constraint).columns)
            names.push_back(Model::ColumnById(table, id).name);
        return names;
    }
    for (const PlannedColumn *column : Follow(table, FindConstraint(table, constraint).origin->columns).columns)
        names.push_back(column->name);
    return names;
}

bool IsDroppable(PlannedTable &table, const std::string &constraint) {
    if (!table.IsCreated())
        return std::string_view("cuf").find(FindConstraint(table, constraint).origin->type) != std::string_view::npos;
    const std::optional<ConstraintType> type = FindCreatedConstraint(table, constraint).constraint;
    return type != ConstraintType::kPrimaryKey && type != ConstraintType::kExclude;
}

void RequireExpressionsFor(const std::vector<std::string> &columns, const ColumnExpressions &given, const char *field,
                           bool all_required) {
    for (const std::string &column : columns)
        if (all_required && !given.contains(column))
            throw Error(sqlstates::kInvalidMigration,
                        {.message = fmt::format("\"{}\" has no entry for column \"{}\"", field, column),
                         .hint = fmt::format("Add an expression for each column of the constraint to \"{}\".", field)});
    for (const auto &[column, expression] : given)
        if (std::ranges::find(columns, column) == columns.end())
            throw Error(sqlstates::kInvalidMigration,
                        {.message = fmt::format("\"{}\" has an entry for column \"{}\", which is not in the constraint",
                                                field, column),
                         .hint = "Remove the entry."});
}

std::optional<std::string> ExpressionFor(const ColumnExpressions &expressions, const std::string &column) {
    const auto found = expressions.find(column);
    return found == expressions.end() ? std::nullopt : std::optional(found->second);
}

bool IsColumnItself(const std::optional<std::string> &expression, const std::string &name) {
    return !expression || *expression == name || *expression == QuoteIdentifier(name);
}

/// A column of a partition key cannot be replaced, and every key of the table needs it: it stays if nothing but its
/// own value is asked for.
bool StaysInPartitionKey(const PlannedTable &table, const PlannedColumn &column, const ShadowRequest &request) {
    return !table.IsCreated() && std::ranges::count(table.origin->partition_key, column.physical) > 0 &&
           column.nullable == request.nullable && IsColumnItself(request.up, column.name) &&
           IsColumnItself(request.down, column.name);
}

void ShadowAll(PlannedTable &table, const std::vector<std::string> &columns, const ColumnExpressions &up,
               const ColumnExpressions &down, bool not_null, PlanContext &context) {
    for (const std::string &name : columns) {
        const bool nullable = !not_null && Model::FindColumn(table, name).nullable;
        const ShadowRequest request{.column = name,
                                    .type = {},
                                    .up = ExpressionFor(up, name),
                                    .down = ExpressionFor(down, name),
                                    .nullable = nullable,
                                    .default_value = {},
                                    .comment = {}};
        if (StaysInPartitionKey(table, Model::FindColumn(table, name), request)) continue;
        PlanNullability(table, AddShadow(table, request, context));
    }
}

void DropFrom(PlannedTable &table, const std::string &name, const ColumnExpressions &up, const ColumnExpressions &down,
              PlanContext &context) {
    if (!IsDroppable(table, name))
        throw Error(
            sqlstates::kFeatureNotSupported,
            {.message = fmt::format("cannot drop constraint \"{}\" of table \"{}\"", name, table.name),
             .detail =
                 "Only check, unique and foreign key constraints can be dropped in a migration with two versions.",
             .hint = "Use an sql operation with onComplete."});
    const std::vector<std::string> columns = ConstrainedColumns(table, name);
    RequireExpressionsFor(columns, up, "up", false);
    RequireExpressionsFor(columns, down, "down", true);
    if (table.IsCreated()) return DropCreatedConstraint(FindCreatedConstraint(table, name), table, context);
    Followed<CatalogConstraint> &constraint = FindConstraint(table, name);
    constraint.dropped = true;
    for (Followed<CatalogIndex> &index : table.indexes)
        if (index.origin->constraint == constraint.origin->name) index.dropped = true;
    ShadowAll(table, columns, up, down, false, context);
}

std::string IndexKeyOptions(const IndexColumn &column) {
    std::string options;
    if (column.collate) options += " COLLATE " + *column.collate;
    if (column.opclass) options += ' ' + *column.opclass;
    if (!column.opclass_parameters.empty()) options += fmt::format(" ({})", fmt::join(column.opclass_parameters, ", "));
    if (column.descending) options += " DESC";
    if (column.nulls_first) options += *column.nulls_first ? " NULLS FIRST" : " NULLS LAST";
    return options;
}

/// PostgreSQL rebuilds a partial index, under its lock, when the type of a column of the predicate changes.
void RequireNoRetypedColumn(PlannedTable &table, const std::string &index, const std::vector<int> &predicate_columns) {
    for (const int id : predicate_columns)
        if (const PlannedColumn &column = Model::ColumnById(table, id); IsRetyped(column))
            throw Error(sqlstates::kFeatureNotSupported,
                        {.message = fmt::format("partial index \"{}\" cannot be created in the migration that changes "
                                                "the type of column \"{}\" in place",
                                                index, column.name),
                         .detail = "Completion would rebuild the index under an ACCESS EXCLUSIVE lock.",
                         .hint = "Create the index in a later migration."});
}

/// PostgreSQL would find out at completion only, when the index becomes the key.
void RequireNoPrimaryKey(const PlannedTable &table) {
    const bool kept = std::ranges::any_of(table.constraints, [&](const Followed<CatalogConstraint> &constraint) {
        return constraint.origin->type == 'p' && FollowAll(table, *constraint.origin).survives;
    });
    if (kept || std::ranges::count(table.added_constraints, ConstraintType::kPrimaryKey, &AddedConstraint::type) > 0)
        throw Error(sqlstates::kDuplicateObject,
                    {.message = fmt::format("table \"{}\" has a primary key already", table.name),
                     .hint = "Use a constraint of type \"unique\"."});
}

}  // namespace

void Apply(const CreateConstraint &operation, PlanContext &context) {
    const ConstraintDefinition &definition = operation.constraint;
    PlannedTable &table = context.model.FindTable(operation.table);
    RequireNoConstraint(table, definition.name);
    for (const std::string &column : definition.columns) (void)Model::FindColumn(table, column);
    RequireExpressionsFor(definition.columns, operation.up, "up", true);
    RequireExpressionsFor(definition.columns, operation.down, "down", true);

    if (table.IsCreated()) {
        for (const auto &[column, up] : operation.up)  // never run, but a wrong one is an error as everywhere
            (void)context.model.binder.Bind(up, ScopeOf(table), Model::FindColumn(table, column).type);
        return AddCreatedConstraint(definition, table, context);
    }
    const bool primary_key = definition.type == ConstraintType::kPrimaryKey;
    if (primary_key) RequireNoPrimaryKey(table);
    if (primary_key || definition.type == ConstraintType::kUnique) {
        RequireNoRelation(context.model, definition.name);  // its index has the same name
        context.model.TakeRelationName(definition.name);
    }
    ShadowAll(table, definition.columns, operation.up, operation.down, primary_key, context);

    AddedConstraint constraint;
    constraint.name = definition.name;
    constraint.type = definition.type;
    constraint.columns = ColumnIds(table, definition.columns);
    constraint.included = ColumnIds(table, definition.index_parameters.include_columns);
    constraint.definition = definition;
    if (definition.references) {
        constraint.references = ResolveReference(*definition.references, context);
        constraint.delete_set_columns = ColumnIds(table, definition.references->on_delete_set_columns);
    }
    if (definition.type == ConstraintType::kCheck) {
        const BoundCheck bound = BindCheck(table, definition.check.value_or(""), context);
        constraint.check = bound.text;
        constraint.check_columns = bound.columns;
    }
    table.added_constraints.push_back(std::move(constraint));
}

void Apply(const DropConstraint &operation, PlanContext &context) {
    PlannedTable &table = context.model.FindTable(operation.table);
    const std::vector<std::string> columns = ConstrainedColumns(table, operation.name);
    if (columns.size() != 1)
        throw Error(sqlstates::kInvalidMigration,
                    {.message = fmt::format("constraint \"{}\" of table \"{}\" is on several columns", operation.name,
                                            table.name),
                     .hint = "Use drop_multicolumn_constraint."});
    ColumnExpressions up;
    ColumnExpressions down;
    if (operation.up) up[columns.front()] = *operation.up;
    if (operation.down) down[columns.front()] = *operation.down;
    DropFrom(table, operation.name, up, down, context);
}

void Apply(const DropMulticolumnConstraint &operation, PlanContext &context) {
    PlannedTable &table = context.model.FindTable(operation.table);
    DropFrom(table, operation.name, operation.up, operation.down, context);
}

void Apply(const RenameConstraint &operation, PlanContext &context) {
    PlannedTable &table = context.model.FindTable(operation.table);
    if (table.IsCreated())
        return RenameCreatedConstraint(FindCreatedConstraint(table, operation.from), operation.to, table, context);
    Followed<CatalogConstraint> &constraint = FindConstraint(table, operation.from);
    RequireNoConstraint(table, operation.to);
    if (!constraint.origin->index.empty()) {
        RequireNoRelation(context.model, operation.to);  // its index is renamed with it
        context.model.TakeRelationName(operation.to);
    }
    constraint.name = operation.to;
}

void Apply(const CreateIndex &operation, PlanContext &context) {
    PlannedTable &table = context.model.FindTable(operation.table);
    RequireNoRelation(context.model, operation.name);
    AddedIndex index;
    index.name = operation.name;
    index.method = operation.method;
    index.unique = operation.unique;
    index.storage_parameters = operation.storage_parameters.value_or("");
    for (const IndexColumn &column : operation.columns)
        index.keys.emplace_back(Model::FindColumn(table, column.column).id, IndexKeyOptions(column));
    if (operation.predicate) {
        const BoundCheck bound = BindCheck(table, *operation.predicate, context);
        index.predicate = bound.text;
        index.predicate_columns = bound.columns;
        RequireNoRetypedColumn(table, operation.name, bound.columns);
    }
    context.model.TakeRelationName(operation.name);
    if (table.IsCreated()) return AddCreatedIndex(index, table, context);
    table.added_indexes.push_back(std::move(index));
}

void Apply(const DropIndex &operation, PlanContext &context) {
    for (PlannedTable &table : context.model.tables) {
        if (DropCreatedIndex(operation.name, table, context)) return;
        for (Followed<CatalogIndex> &index : table.indexes) {
            if (index.dropped || index.name != operation.name) continue;
            if (!index.origin->constraint.empty())
                ThrowIndexOfConstraint(operation.name, index.origin->constraint, table);
            index.dropped = true;
            return;
        }
    }
    throw Error(
        sqlstates::kUndefinedObject,
        {.message = fmt::format("index \"{}\" does not exist", operation.name),
         .detail = fmt::format("No table of schema \"{}\" has an index of this name.", context.model.catalog.name),
         .hint = "Names are case-sensitive, as stored in the catalog."});
}

}  // namespace pgmigrate
