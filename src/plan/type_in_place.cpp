// SPDX-License-Identifier: PostgreSQL
// A type change that leaves every stored value as it is: completion changes the catalog, and there is nothing to fill.
#include <algorithm>

#include "core/error.h"
#include "core/identifier.h"
#include "plan/context.h"
#include "plan/index_definition.h"

namespace pgmigrate {
namespace {

bool IsTypeAlone(const AlterColumn &operation) {
    return operation.type && !operation.nullable && !operation.unique && !operation.check && !operation.references;
}

/// Is the column still what the catalog says, apart from its name?
bool IsUntouched(const PlannedColumn &column) {
    return column.origin != nullptr && column.physical == column.origin->name && !column.origin->generated &&
           column.origin->identity.empty();
}

bool Contains(const std::vector<std::string> &names, const std::string &name) {
    return std::ranges::find(names, name) != names.end();
}

/// ALTER COLUMN TYPE checks such a constraint again on all rows, under its ACCESS EXCLUSIVE lock.
bool HasCheckedConstraint(const PlannedTable &table, const PlannedColumn &column) {
    const bool in_catalog = std::ranges::any_of(table.origin->constraints, [&](const CatalogConstraint &constraint) {
        return std::string_view("cfx").find(constraint.type) != std::string_view::npos &&
               Contains(constraint.columns, column.physical);
    });
    const bool referenced = std::ranges::any_of(
        table.origin->incoming_foreign_keys,
        [&](const IncomingForeignKey &key) { return Contains(key.referenced_columns, column.physical); });
    const auto has = [&](const std::vector<int> &ids) { return std::ranges::find(ids, column.id) != ids.end(); };
    const bool added = std::ranges::any_of(table.added_constraints, [&](const AddedConstraint &constraint) {
        return has(constraint.columns) || has(constraint.check_columns);
    });
    return in_catalog || referenced || added;
}

/// Do the options of an index key say more than its order, which no type changes?
bool HasOperatorClassOrCollation(std::string options) {
    for (const std::string_view order : {" DESC", " NULLS FIRST", " NULLS LAST"})
        if (options.ends_with(order)) options.resize(options.size() - order.size());
    return !options.empty() && options != " DESC";
}

/// PostgreSQL keeps an index as it is only if it is on plain columns with the operator class that both types share.
bool HasIndexToRebuild(const PlannedTable &table, const PlannedColumn &column, PlanContext &context) {
    return std::ranges::any_of(table.origin->indexes, [&](const CatalogIndex &index) {
        const bool special =
            !index.predicate.empty() || std::ranges::any_of(index.keys, [&](const CatalogIndexKey &key) {
                return key.column.empty() ||
                       (key.column == column.physical && HasOperatorClassOrCollation(key.options));
            });
        return special && Contains(ColumnsOfIndex(table, index, context), column.physical);
    });
}

/// PostgreSQL refuses to change the type: under a generated column, and in a table whose row type is a column's type.
bool IsTypeHeld(const PlannedTable &table, const PlannedColumn &column, PlanContext &context) {
    const bool row_type_used = std::ranges::count(table.origin->dependents, "row type", &Dependent::kind) > 0;
    return row_type_used || std::ranges::any_of(table.origin->columns, [&](const CatalogColumn &other) {
               return other.generated && other.default_value &&
                      Contains(ColumnsOfExpression(table, *other.default_value, context), column.physical);
           });
}

bool IsStoredAlike(const std::string &from, const std::string &to, PlanContext &context) {
    try {
        return !context.model.binder.NeedsRewrite(from, to);
    } catch (const DatabaseError &) {
        return false;  // there is no cast; `up` may know how to convert
    }
}

/// Is the expression the column itself?
bool IsItself(const std::optional<std::string> &expression, const PlannedColumn &column, const std::string &type,
              const PlannedTable &table, PlanContext &context) {
    if (!expression) return true;
    try {
        const BoundExpression bound = context.model.binder.Bind(*expression, ScopeOf(table), type);
        return bound.is_bare_parameter && bound.parameters.front() == column.name;
    } catch (const DatabaseError &) {
        return false;  // planning the shadow says what is wrong with it
    }
}

}  // namespace

bool ChangesTypeInPlace(const AlterColumn &operation, const PlannedTable &table, const PlannedColumn &column,
                        PlanContext &context) {
    if (!IsTypeAlone(operation) || table.IsCreated() || table.origin->partitioned || !IsUntouched(column)) return false;
    if (HasCheckedConstraint(table, column) || HasIndexToRebuild(table, column, context) ||
        IsTypeHeld(table, column, context))
        return false;
    const auto [type, collation] = context.model.binder.DescribeType(*operation.type);
    if (!collation.empty() && collation != column.collation) return false;
    return IsStoredAlike(column.type, type, context) && IsItself(operation.up, column, type, table, context) &&
           IsItself(operation.down, column, column.type, table, context);
}

void ChangeTypeInPlace(const AlterColumn &operation, PlannedColumn &column, PlanContext &context) {
    column.type = context.model.binder.DescribeType(*operation.type).type;
    column.retyped = true;
}

bool IsRetyped(const PlannedColumn &column) {
    return column.retyped && column.origin != nullptr && column.physical == column.origin->name;
}

}  // namespace pgmigrate
