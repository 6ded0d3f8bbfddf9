// SPDX-License-Identifier: PostgreSQL
// rename_column, drop_column, alter_column.
#include <fmt/format.h>

#include <algorithm>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "plan/context.h"
#include "plan/created_table.h"

namespace pgmigrate {

void Apply(const RenameColumn &operation, PlanContext &context) {
    PlannedTable &table = context.model.FindTable(operation.table);
    PlannedColumn &column = Model::FindColumn(table, operation.from);
    Model::RequireNoColumn(table, operation.to);
    if (table.IsCreated()) return RenameCreatedColumn(table, column, operation.to, context);
    column.name = operation.to;
}

namespace {

/// As PostgreSQL does for what exists already: the constraints and indexes that this migration adds go with their
/// column.
void DropWhatIsOn(PlannedTable &table, int id) {
    const auto has = [id](const std::vector<int> &ids) { return std::ranges::find(ids, id) != ids.end(); };
    std::erase_if(table.added_constraints, [&](const AddedConstraint &constraint) {
        return has(constraint.columns) || has(constraint.check_columns) || has(constraint.included);
    });
    std::erase_if(table.added_indexes, [&](const AddedIndex &index) {
        const bool is_key = std::ranges::any_of(index.keys, [id](const auto &key) { return key.first == id; });
        return is_key || has(index.predicate_columns);
    });
}

/// A `down` that cannot be used is a warning, as with alter_column: the old column then gets its default.
void PlanDown(const std::string &text, PlannedTable &table, const PlannedColumn &column, PlanContext &context) {
    try {
        const BoundExpression down = context.model.binder.Bind(text, ScopeOf(table), column.type);
        table.down.insert(table.down.begin(), {.target = column.physical,
                                               .expression = down.text,
                                               .parameters = PhysicalColumns(table, down.parameters),
                                               .is_immutable = down.is_immutable});
    } catch (const DatabaseError &failure) {
        context.model.warnings.push_back(fmt::format(
            "\"down\" of dropped column \"{}\" of table \"{}\" cannot be used: {}; new-version inserts leave the "
            "old column to its default",
            column.name, table.name, failure.text().message));
    }
}

/// Identity and generated columns take no default; PostgreSQL would say so at completion only.
void RequireDefaultPossible(const PlannedTable &table, const PlannedColumn &column) {
    if (column.origin == nullptr || (column.origin->identity.empty() && !column.origin->generated)) return;
    throw Error(sqlstates::kInvalidMigration,
                {.message = fmt::format("column \"{}\" of table \"{}\" is {}", column.name, table.name,
                                        column.origin->generated ? "a generated column" : "an identity column"),
                 .detail = "PostgreSQL gives such a column no default.",
                 .hint = "Leave \"default\" out."});
}

/// A new default or comment alone: the view has it at once, the table at completion.
void AlterInPlace(const AlterColumn &operation, const PlannedTable &table, PlannedColumn &column,
                  PlanContext &context) {
    if (operation.comment) column.comment = operation.comment->value;
    column.comment_changed |= operation.comment.has_value();
    if (!operation.default_value) return;
    RequireDefaultPossible(table, column);
    column.default_value.reset();
    if (operation.default_value->value)
        column.default_value = context.model.binder.Bind(*operation.default_value->value, {}, column.type).text;
    column.default_in_view = true;
}

}  // namespace

void Apply(const DropColumn &operation, PlanContext &context) {
    PlannedTable &table = context.model.FindTable(operation.table);
    const PlannedColumn column = Model::FindColumn(table, operation.column);
    std::erase_if(table.columns, [&](const PlannedColumn &other) { return other.id == column.id; });
    if (table.IsCreated()) return DropCreatedColumn(table, column, context);
    DropWhatIsOn(table, column.id);
    if (operation.down) {
        PlanDown(*operation.down, table, column, context);
    } else if (!column.nullable && !column.default_value && column.origin && column.origin->identity.empty() &&
               !column.origin->generated) {
        context.model.warnings.push_back(fmt::format(
            "new-version inserts into table \"{}\" will fail until completion: dropped column \"{}\" is NOT NULL "
            "and the migration has no \"down\" for it",
            table.name, column.name));
    }
}

void Apply(const AlterColumn &operation, PlanContext &context) {
    PlannedTable &table = context.model.FindTable(operation.table);
    const PlannedColumn before = Model::FindColumn(table, operation.column);
    if (operation.nullable && *operation.nullable == before.nullable)
        throw Error(sqlstates::kInvalidMigration,
                    {.message = fmt::format("column \"{}\" of table \"{}\" is {} already", before.name, table.name,
                                            before.nullable ? "nullable" : "NOT NULL"),
                     .hint = "Leave \"nullable\" out."});
    if (operation.unique) RequireNoConstraint(table, *operation.unique);
    if (table.IsCreated()) return AlterCreatedColumn(operation, table, context);
    const bool needs_shadow =
        operation.type || operation.nullable || operation.unique || operation.check || operation.references;
    if (!needs_shadow) return AlterInPlace(operation, table, Model::FindColumn(table, operation.column), context);
    if (PlannedColumn &column = Model::FindColumn(table, operation.column);
        ChangesTypeInPlace(operation, table, column, context)) {
        ChangeTypeInPlace(operation, column, context);
        return AlterInPlace(operation, table, column, context);
    }
    const ShadowRequest request{.column = operation.column,
                                .type = operation.type.value_or(""),
                                .up = operation.up,
                                .down = operation.down,
                                .nullable = operation.nullable.value_or(before.nullable),
                                .default_value = operation.default_value,
                                .comment = operation.comment};
    const PlannedColumn &column = AddShadow(table, request, context);
    PlanNullability(table, column);
    if (operation.unique) {
        RequireNoRelation(context.model, *operation.unique);  // its index has the same name
        context.model.TakeRelationName(*operation.unique);
        AddUniqueConstraint(table, column, *operation.unique);
    }
    if (operation.check) AddCheckConstraint(table, *operation.check, context);
    if (operation.references) AddForeignKey(table, column, *operation.references, context);
}

}  // namespace pgmigrate
