// SPDX-License-Identifier: PostgreSQL
#include "plan/created_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/identifier.h"
#include "core/sqlstates.h"

namespace pgmigrate {
namespace {

void Alter(const PlannedTable &table, PlanContext &context, const std::string &action) {
    context.expand.push_back(
        DirectStep(table, context, fmt::format("ALTER TABLE {} {}", context.model.Qualified(table), action)));
}

void Comment(const PlannedTable &table, const PlannedColumn &column, PlanContext &context) {
    context.expand.push_back(
        DirectStep(table, context,
                   fmt::format("COMMENT ON COLUMN {}.{} IS {}", context.model.Qualified(table),
                               QuoteIdentifier(column.name), column.comment ? QuoteLiteral(*column.comment) : "NULL")));
}

bool HasIndex(ConstraintType type) { return type != ConstraintType::kCheck && type != ConstraintType::kForeignKey; }

bool IsIndexOfDroppedTable(const std::string &name, const Model &model) {
    return std::ranges::any_of(model.dropped_tables, [&](const CatalogTable *table) {
        return std::ranges::count(table->indexes, name, &CatalogIndex::name) > 0;
    });
}

/// The columns PostgreSQL ties the constraint to, so that it goes with them. Those of an exclusion constraint only
/// PostgreSQL knows.
std::vector<int> ColumnsOf(const ConstraintDefinition &constraint, PlannedTable &table, PlanContext &context) {
    if (constraint.type == ConstraintType::kCheck)
        return BindCheck(table, constraint.check.value_or(""), context).columns;
    std::vector<std::string> names = constraint.columns;
    const std::vector<std::string> &included = constraint.index_parameters.include_columns;
    names.insert(names.end(), included.begin(), included.end());
    return ColumnIds(table, names);
}

/// A default that has no meaning for the new type goes, with a warning, as on a table that was there before.
std::optional<std::string> DefaultFor(const std::string &type, const PlannedTable &table, const PlannedColumn &column,
                                      PlanContext &context) {
    try {
        return context.model.binder.Bind(*column.default_value, {}, type).text;
    } catch (const DatabaseError &failure) {
        context.model.warnings.push_back(fmt::format("default of column \"{}\" of table \"{}\" is not kept: {}",
                                                     column.name, table.name, failure.text().message));
        return std::nullopt;
    }
}

/// An `up` that is never run must still be one.
void RequireValidUp(const std::optional<std::string> &up, const PlannedTable &table, const std::string &type,
                    PlanContext &context) {
    if (up) (void)context.model.binder.Bind(*up, ScopeOf(table), type);
}

/// There is no row to convert: `up` is only looked at, so that a wrong one is an error as everywhere. USING allows a
/// change that PostgreSQL has no cast for; a generated column takes none.
void ChangeType(const AlterColumn &operation, PlannedTable &table, PlannedColumn &column, PlanContext &context) {
    const auto [type, collation] = context.model.binder.DescribeType(*operation.type);
    RequireValidUp(operation.up, table, type, context);
    const std::string name = QuoteIdentifier(column.name);
    std::string action = fmt::format("ALTER COLUMN {} TYPE {}", name, type);
    if (!collation.empty()) action += " COLLATE " + collation;
    if (!column.is_generated) action += " USING NULL";
    if (column.default_value) {
        // PostgreSQL would want a cast for the old default as well.
        action = fmt::format("ALTER COLUMN {} DROP DEFAULT, {}", name, action);
        column.default_value = DefaultFor(type, table, column, context);
        if (column.default_value)
            action += fmt::format(", ALTER COLUMN {} SET DEFAULT {}", name, *column.default_value);
    }
    Alter(table, context, action);
    column.type = type;
    column.collation = collation;
}

void ChangeDefault(const Change &change, PlannedTable &table, PlannedColumn &column, PlanContext &context) {
    column.default_value.reset();
    if (change.value) column.default_value = context.model.binder.Bind(*change.value, {}, column.type).text;
    Alter(table, context,
          fmt::format("ALTER COLUMN {} {}", QuoteIdentifier(column.name),
                      column.default_value ? "SET DEFAULT " + *column.default_value : "DROP DEFAULT"));
}

ConstraintDefinition UniqueOn(const std::string &column, const std::string &name) {
    ConstraintDefinition unique;
    unique.name = name;
    unique.columns = {column};
    return unique;
}

}  // namespace

bool HasRelationName(const CreatedPart &part) { return !part.constraint || HasIndex(*part.constraint); }

std::vector<ConstraintDefinition> ConstraintsOfColumn(const ColumnDefinition &column) {
    std::vector<ConstraintDefinition> constraints;
    if (column.check) {
        ConstraintDefinition &check = constraints.emplace_back();
        check.name = column.check->name;
        check.type = ConstraintType::kCheck;
        check.check = column.check->expression;
        check.no_inherit = column.check->no_inherit;
    }
    if (column.references) {
        ConstraintDefinition &key = constraints.emplace_back();
        key.name = column.references->name;
        key.type = ConstraintType::kForeignKey;
        key.columns = {column.name};
        key.references = column.references;
        key.deferrable = column.references->deferrable;
        key.initially_deferred = column.references->initially_deferred;
    }
    return constraints;
}

ConstraintDefinition NoteConstraint(const ConstraintDefinition &constraint, PlannedTable &table, PlanContext &context) {
    Model &model = context.model;
    RequireNoConstraint(table, constraint.name);
    ConstraintDefinition named = constraint;
    if (HasIndex(constraint.type)) {
        if (IsIndexOfDroppedTable(constraint.name, model)) {
            named.name = model.FreeRelationName(DerivedName("_pgmigrate_new_", constraint.name));
        } else {
            RequireNoRelation(model, constraint.name);
            model.TakeRelationName(constraint.name);
        }
    }
    table.created_parts.push_back({.name = constraint.name,
                                   .physical = named.name,
                                   .constraint = constraint.type,
                                   .columns = ColumnsOf(constraint, table, context)});
    return named;
}

void AddCreatedConstraint(const ConstraintDefinition &constraint, PlannedTable &table, PlanContext &context) {
    const bool has_key = std::ranges::any_of(
        table.created_parts, [](const CreatedPart &part) { return part.constraint == ConstraintType::kPrimaryKey; });
    if (has_key && constraint.type == ConstraintType::kPrimaryKey)
        throw Error(sqlstates::kDuplicateObject,
                    {.message = fmt::format("table \"{}\" has a primary key already", table.name),
                     .hint = "Use a constraint of type \"unique\"."});
    const ConstraintDefinition named = NoteConstraint(constraint, table, context);
    Alter(table, context, "ADD " + ConstraintClause(named, ScopeOf(table), context));
    if (constraint.type != ConstraintType::kPrimaryKey) return;
    for (const std::string &name : constraint.columns) Model::FindColumn(table, name).nullable = false;
}

void AddCreatedColumn(const AddColumn &operation, PlannedTable &table, PlanContext &context) {
    const ColumnDefinition &column = operation.column;
    ExpressionBinder &binder = context.model.binder;
    const std::string integer_type(IntegerTypeOfSerial(column.type));
    const bool serial = !integer_type.empty();
    PlannedColumn planned;
    planned.id = context.model.NextColumnId();
    planned.name = planned.physical = column.name;
    const TypeText type = serial ? TypeText{.type = integer_type, .collation = {}} : binder.DescribeType(column.type);
    planned.type = type.type;
    planned.collation = type.collation;
    planned.nullable = column.nullable && !serial;
    planned.comment = column.comment;
    if (column.default_value) planned.default_value = binder.Bind(*column.default_value, {}, planned.type).text;
    RequireValidUp(operation.up, table, planned.type, context);

    std::string action =
        fmt::format("ADD COLUMN {} {}", QuoteIdentifier(column.name), serial ? column.type : planned.type);
    if (!planned.collation.empty()) action += " COLLATE " + planned.collation;
    if (planned.default_value) action += " DEFAULT " + *planned.default_value;
    if (!planned.nullable) action += " NOT NULL";
    Alter(table, context, action);
    table.columns.push_back(planned);
    if (serial) NameSequenceLater(table, column.name, context.model);
    if (column.unique) {
        const std::string name =
            context.model.FreeRelationName(DerivedName("", table.name + '_' + column.name, "_key"));
        context.model.ReleaseRelationName(name);
        AddCreatedConstraint(UniqueOn(column.name, name), table, context);
    }
    for (const ConstraintDefinition &constraint : ConstraintsOfColumn(column))
        AddCreatedConstraint(constraint, table, context);
    if (column.comment) Comment(table, planned, context);
}

void AlterCreatedColumn(const AlterColumn &operation, PlannedTable &table, PlanContext &context) {
    PlannedColumn &column = Model::FindColumn(table, operation.column);
    if (operation.type)
        ChangeType(operation, table, column, context);
    else
        RequireValidUp(operation.up, table, column.type, context);
    if (operation.default_value) ChangeDefault(*operation.default_value, table, column, context);
    if (operation.nullable) {
        column.nullable = *operation.nullable;
        Alter(
            table, context,
            fmt::format("ALTER COLUMN {} {} NOT NULL", QuoteIdentifier(column.name), column.nullable ? "DROP" : "SET"));
    }
    if (operation.unique) AddCreatedConstraint(UniqueOn(column.name, *operation.unique), table, context);
    ColumnDefinition wanted;
    wanted.name = column.name;
    wanted.check = operation.check;
    wanted.references = operation.references;
    for (const ConstraintDefinition &constraint : ConstraintsOfColumn(wanted))
        AddCreatedConstraint(constraint, table, context);
    if (!operation.comment) return;
    column.comment = operation.comment->value;
    Comment(table, column, context);
}

void RenameCreatedColumn(PlannedTable &table, PlannedColumn &column, const std::string &to, PlanContext &context) {
    Alter(table, context, fmt::format("RENAME COLUMN {} TO {}", QuoteIdentifier(column.physical), QuoteIdentifier(to)));
    column.name = column.physical = to;
}

void DropCreatedColumn(PlannedTable &table, const PlannedColumn &column, PlanContext &context) {
    Alter(table, context, "DROP COLUMN " + QuoteIdentifier(column.physical));
    const auto goes = [&](const CreatedPart &part) {
        return std::ranges::find(part.columns, column.id) != part.columns.end();
    };
    for (const CreatedPart &part : table.created_parts)
        if (goes(part) && HasRelationName(part)) context.model.ReleaseRelationName(part.physical);
    std::erase_if(table.created_parts, goes);
}

CreatedPart &FindCreatedConstraint(PlannedTable &table, const std::string &name) {
    const auto found = std::ranges::find_if(
        table.created_parts, [&](const CreatedPart &part) { return part.constraint.has_value() && part.name == name; });
    if (found != table.created_parts.end()) return *found;
    ThrowNoConstraint(table, name);
}

void DropCreatedConstraint(const CreatedPart &constraint, PlannedTable &table, PlanContext &context) {
    Alter(table, context, "DROP CONSTRAINT " + QuoteIdentifier(constraint.physical));
    if (HasRelationName(constraint)) context.model.ReleaseRelationName(constraint.physical);
    std::erase_if(table.created_parts, [&](const CreatedPart &part) { return &part == &constraint; });
}

void RenameCreatedConstraint(CreatedPart &constraint, const std::string &to, PlannedTable &table,
                             PlanContext &context) {
    RequireNoConstraint(table, to);
    if (HasRelationName(constraint)) {
        RequireNoRelation(context.model, to);
        context.model.ReleaseRelationName(constraint.physical);
        context.model.TakeRelationName(to);
    }
    Alter(table, context,
          fmt::format("RENAME CONSTRAINT {} TO {}", QuoteIdentifier(constraint.physical), QuoteIdentifier(to)));
    constraint.name = constraint.physical = to;
}

void AddCreatedIndex(const AddedIndex &index, PlannedTable &table, PlanContext &context) {
    CreatedPart part{.name = index.name, .physical = index.name, .constraint = {}, .columns = index.predicate_columns};
    std::vector<std::string> keys;
    for (const auto &[id, options] : index.keys) {
        keys.push_back(QuoteIdentifier(Model::ColumnById(table, id).physical) + options);
        part.columns.push_back(id);
    }
    std::string statement =
        fmt::format("CREATE {}INDEX {} ON {} USING {} ({})", index.unique ? "UNIQUE " : "", QuoteIdentifier(index.name),
                    context.model.Qualified(table), QuoteIdentifier(index.method), fmt::join(keys, ", "));
    if (!index.storage_parameters.empty()) statement += fmt::format(" WITH ({})", index.storage_parameters);
    if (!index.predicate.empty()) {
        std::vector<std::string> names;
        for (const int id : index.predicate_columns)
            names.push_back(QuoteIdentifier(Model::ColumnById(table, id).physical));
        statement += fmt::format(" WHERE {}", ReplaceParameters(index.predicate, names));
    }
    context.expand.push_back(DirectStep(table, context, std::move(statement)));
    context.expand.back().lock = "SHARE";
    table.created_parts.push_back(std::move(part));
}

bool DropCreatedIndex(const std::string &name, PlannedTable &table, PlanContext &context) {
    const auto found = std::ranges::find_if(
        table.created_parts, [&](const CreatedPart &part) { return HasRelationName(part) && part.name == name; });
    if (found == table.created_parts.end()) return false;
    if (found->constraint) ThrowIndexOfConstraint(name, name, table);
    context.expand.push_back(
        DirectStep(table, context, "DROP INDEX " + QualifiedName(context.model.catalog.name, found->physical)));
    context.model.ReleaseRelationName(found->physical);
    table.created_parts.erase(found);
    return true;
}

void ReleaseNames(const PlannedTable &table, Model &model) {
    model.ReleaseRelationName(table.physical);
    for (const CreatedPart &part : table.created_parts)
        if (HasRelationName(part)) model.ReleaseRelationName(part.physical);
}

std::vector<std::string> FinalConstraintNames(const PlannedTable &table, const PlanContext &context) {
    std::vector<std::string> statements;
    for (const CreatedPart &part : table.created_parts)
        if (part.physical != part.name)
            statements.push_back(fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}",
                                             context.model.Qualified(table), QuoteIdentifier(part.physical),
                                             QuoteIdentifier(part.name)));
    return statements;
}

}  // namespace pgmigrate
