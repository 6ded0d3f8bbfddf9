// SPDX-License-Identifier: PostgreSQL
// Pieces of constraint DDL that several operations share.
#include <fmt/format.h>

#include <algorithm>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "plan/context.h"

namespace pgmigrate {
namespace {

std::string IndexParametersClause(const IndexParameters &parameters) {
    std::string clause;
    if (!parameters.include_columns.empty())
        clause += fmt::format(" INCLUDE ({})", QuoteIdentifiers(parameters.include_columns));
    if (parameters.storage_parameters) clause += fmt::format(" WITH ({})", *parameters.storage_parameters);
    if (parameters.tablespace)
        clause += fmt::format(" USING INDEX TABLESPACE {}", QuoteIdentifier(*parameters.tablespace));
    return clause;
}

std::string CheckClause(const ConstraintDefinition &constraint, const Scope &scope, PlanContext &context) {
    const BoundExpression bound = BindCondition(constraint.check.value_or(""), scope, context);
    std::vector<std::string> names;
    for (const std::string &name : bound.parameters) names.push_back(QuoteIdentifier(name));
    return fmt::format("CHECK ({}){}", ReplaceParameters(bound.text, names),
                       constraint.no_inherit ? " NO INHERIT" : "");
}

std::string ForeignKeyClause(const ConstraintDefinition &constraint, PlanContext &context) {
    return fmt::format("FOREIGN KEY ({}) {}", QuoteIdentifiers(constraint.columns),
                       ReferencesClause(ResolveReference(*constraint.references, context)));
}

void RequireUnchanged(const PlannedTable &table, const PlannedColumn &column) {
    if (column.origin != nullptr && column.physical == column.origin->name) return;
    throw Error(sqlstates::kFeatureNotSupported,
                {.message = fmt::format(
                     "foreign key cannot refer to column \"{}\" of table \"{}\", which the same migration adds "
                     "or replaces",
                     column.name, table.name),
                 .hint = "Add the foreign key in a later migration."});
}

std::string ExcludeClause(const ConstraintDefinition &constraint) {
    const Exclusion &exclude = *constraint.exclude;
    std::string clause = fmt::format("EXCLUDE USING {} ({}){}",
                                     exclude.index_method.empty() ? "gist" : QuoteIdentifier(exclude.index_method),
                                     exclude.elements, IndexParametersClause(constraint.index_parameters));
    if (exclude.predicate) clause += fmt::format(" WHERE ({})", *exclude.predicate);
    return clause;
}

}  // namespace

std::string ReferencesClause(const ForeignKeyReference &reference) {
    std::string clause = "REFERENCES " + reference.table;
    if (!reference.columns.empty()) clause += fmt::format(" ({})", QuoteIdentifiers(reference.columns));
    if (reference.match_type != MatchType::kSimple) clause += fmt::format(" MATCH {}", SqlText(reference.match_type));
    if (reference.on_update != ReferentialAction::kNoAction)
        clause += fmt::format(" ON UPDATE {}", SqlText(reference.on_update));
    if (reference.on_delete != ReferentialAction::kNoAction)
        clause += fmt::format(" ON DELETE {}", SqlText(reference.on_delete));
    if (!reference.on_delete_set_columns.empty())
        clause += fmt::format(" ({})", QuoteIdentifiers(reference.on_delete_set_columns));
    return clause;
}

std::string DeferrableClause(bool deferrable, bool initially_deferred) {
    if (initially_deferred) return " DEFERRABLE INITIALLY DEFERRED";
    return deferrable ? " DEFERRABLE" : "";
}

std::string ConstraintClause(const ConstraintDefinition &constraint, const Scope &scope, PlanContext &context) {
    std::string body;
    switch (constraint.type) {
        case ConstraintType::kUnique:
            body =
                fmt::format("UNIQUE{} ({}){}", constraint.nulls_not_distinct ? " NULLS NOT DISTINCT" : "",
                            QuoteIdentifiers(constraint.columns), IndexParametersClause(constraint.index_parameters));
            break;
        case ConstraintType::kPrimaryKey:
            body = fmt::format("PRIMARY KEY ({}){}", QuoteIdentifiers(constraint.columns),
                               IndexParametersClause(constraint.index_parameters));
            break;
        case ConstraintType::kCheck:
            body = CheckClause(constraint, scope, context);
            break;
        case ConstraintType::kForeignKey:
            body = ForeignKeyClause(constraint, context);
            break;
        case ConstraintType::kExclude:
            body = ExcludeClause(constraint);
            break;
    }
    return fmt::format("CONSTRAINT {} {}{}", QuoteIdentifier(constraint.name), body,
                       DeferrableClause(constraint.deferrable, constraint.initially_deferred));
}

ForeignKeyReference ResolveReference(const ForeignKeyReference &reference, PlanContext &context) {
    PlannedTable &table = context.model.FindTable(reference.table);
    ForeignKeyReference resolved = reference;
    resolved.table = context.model.Qualified(table);
    resolved.columns = PhysicalColumns(table, reference.columns);
    if (!table.IsCreated()) {
        for (const std::string &column : reference.columns) RequireUnchanged(table, Model::FindColumn(table, column));
        context.referenced.push_back(resolved.table);
    }
    context.references.push_back(resolved);
    return resolved;
}

void RequireShortName(const std::string &name) {
    if (name.size() > kLongestName)
        throw Error(sqlstates::kNameTooLong,
                    {.message = fmt::format("name \"{}\" is too long", name),
                     .detail = fmt::format("It has {} bytes; PostgreSQL stores at most {}.", name.size(), kLongestName),
                     .hint = "Choose a shorter name."});
}

void RequireNoConstraint(const PlannedTable &table, const std::string &name) {
    const bool followed = std::ranges::any_of(table.constraints, [&](const Followed<CatalogConstraint> &constraint) {
        return !constraint.dropped && constraint.name == name && FollowAll(table, *constraint.origin).survives;
    });
    const bool added = std::ranges::any_of(table.added_constraints,
                                           [&](const AddedConstraint &constraint) { return constraint.name == name; });
    const bool created = std::ranges::any_of(
        table.created_parts, [&](const CreatedPart &part) { return part.constraint.has_value() && part.name == name; });
    if (followed || added || created)
        throw Error(sqlstates::kDuplicateObject,
                    {.message = fmt::format("constraint \"{}\" for table \"{}\" already exists", name, table.name),
                     .hint = "Choose another name, or drop the constraint first."});
}

void ThrowNoConstraint(const PlannedTable &table, const std::string &name) {
    throw Error(
        sqlstates::kUndefinedObject,
        {.message = fmt::format("constraint \"{}\" for table \"{}\" does not exist", name, table.name),
         .hint = "Names are case-sensitive, and are those the new version has at this point of the migration."});
}

void ThrowIndexOfConstraint(const std::string &index, const std::string &constraint, const PlannedTable &table) {
    throw Error(sqlstates::kDependentObjects,
                {.message = fmt::format("index \"{}\" belongs to constraint \"{}\" of table \"{}\"", index, constraint,
                                        table.name),
                 .hint = "Drop the constraint instead (drop_constraint, drop_multicolumn_constraint)."});
}

void RequireNoRelation(const Model &model, const std::string &name) {
    RequireShortName(name);
    if (model.IsRelationNameTaken(name))
        throw Error(sqlstates::kDuplicateTable,
                    {.message = fmt::format("relation \"{}\" already exists", name),
                     .detail = fmt::format("Schema \"{}\" has a table, index, view or sequence of this name.",
                                           model.catalog.name),
                     .hint = "Choose another name."});
}

BoundExpression BindCondition(const std::string &expression, const Scope &scope, PlanContext &context) {
    // Without a target type: assigned to a boolean, as PL/pgSQL does it, 1 would count as a condition.
    BoundExpression bound = context.model.binder.Bind(expression, scope, "");
    if (bound.type != "boolean")
        throw Error(sqlstates::kDatatypeMismatch,
                    {.message = fmt::format("condition must be of type boolean, not {}", bound.type),
                     .detail = fmt::format("The condition is \"{}\".", expression)});
    return bound;
}

BoundCheck BindCheck(PlannedTable &table, const std::string &expression, PlanContext &context) {
    const BoundExpression bound = BindCondition(expression, ScopeOf(table), context);
    return {.text = bound.text, .columns = ColumnIds(table, bound.parameters)};
}

/// `name` has been taken for the constraint's index.
void AddUniqueConstraint(PlannedTable &table, const PlannedColumn &column, const std::string &name) {
    AddedConstraint constraint;
    constraint.name = name;
    constraint.type = ConstraintType::kUnique;
    constraint.columns = {column.id};
    table.added_constraints.push_back(std::move(constraint));
}

void AddCheckConstraint(PlannedTable &table, const CheckConstraint &check, PlanContext &context) {
    RequireNoConstraint(table, check.name);
    const BoundCheck bound = BindCheck(table, check.expression, context);
    AddedConstraint constraint;
    constraint.name = check.name;
    constraint.check = bound.text;
    constraint.check_columns = bound.columns;
    constraint.definition.no_inherit = check.no_inherit;
    table.added_constraints.push_back(std::move(constraint));
}

void AddForeignKey(PlannedTable &table, const PlannedColumn &column, const ForeignKeyReference &reference,
                   PlanContext &context) {
    RequireNoConstraint(table, reference.name);
    AddedConstraint constraint;
    constraint.name = reference.name;
    constraint.type = ConstraintType::kForeignKey;
    constraint.columns = {column.id};
    constraint.references = ResolveReference(reference, context);
    constraint.delete_set_columns = ColumnIds(table, reference.on_delete_set_columns);
    constraint.definition.deferrable = reference.deferrable;
    constraint.definition.initially_deferred = reference.initially_deferred;
    table.added_constraints.push_back(std::move(constraint));
}

void PlanNullability(PlannedTable &table, const PlannedColumn &column) {
    // The column may have been through this before: the last operation decides, and one helper is enough.
    const auto is_helper = [&](const AddedConstraint &constraint) {
        return constraint.is_not_null_helper && constraint.check_columns.front() == column.id;
    };
    if (column.nullable) std::erase_if(table.added_constraints, is_helper);
    if (column.nullable || std::ranges::any_of(table.added_constraints, is_helper)) return;
    AddedConstraint helper;
    helper.name = Model::FreeNameOn(table, DerivedName("_pgmigrate_not_null_", column.name));
    helper.check = "$1 IS NOT NULL";
    helper.check_columns = {column.id};
    helper.is_not_null_helper = true;
    table.added_constraints.push_back(std::move(helper));
}

}  // namespace pgmigrate
