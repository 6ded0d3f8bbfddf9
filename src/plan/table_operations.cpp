// SPDX-License-Identifier: PostgreSQL
// create_table, rename_table, drop_table, sql, set_replica_identity.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "plan/context.h"
#include "plan/created_table.h"

namespace pgmigrate {
namespace {

std::string IdentityClause(const Identity &identity) {
    std::string clause = fmt::format(" GENERATED {} AS IDENTITY", identity.always ? "ALWAYS" : "BY DEFAULT");
    if (!identity.sequence_options.empty()) clause += fmt::format(" ({})", identity.sequence_options);
    return clause;
}

std::string BoundDefault(const ColumnDefinition &column, const std::string &type, PlanContext &context) {
    return context.model.binder.Bind(*column.default_value, {}, type).text;
}

std::string ColumnClause(const ColumnDefinition &column, const Scope &scope, PlanContext &context) {
    const bool serial = !IntegerTypeOfSerial(column.type).empty();
    const auto [type, collation] =
        serial ? TypeText{.type = column.type, .collation = {}} : context.model.binder.DescribeType(column.type);
    std::string clause = fmt::format("{} {}", QuoteIdentifier(column.name), type);
    if (!collation.empty()) clause += " COLLATE " + collation;
    if (column.generated && column.generated->expression) {
        const BoundExpression bound = context.model.binder.Bind(*column.generated->expression, scope, type);
        std::vector<std::string> names;
        for (const std::string &name : bound.parameters) names.push_back(QuoteIdentifier(name));
        clause += fmt::format(" GENERATED ALWAYS AS ({}) STORED", ReplaceParameters(bound.text, names));
    } else if (column.generated && column.generated->identity) {
        clause += IdentityClause(*column.generated->identity);
    } else if (column.default_value) {
        clause += " DEFAULT " + BoundDefault(column, type, context);
    }
    if (!column.nullable) clause += " NOT NULL";
    if (column.check) {
        const ConstraintDefinition check{.name = column.check->name,
                                         .type = ConstraintType::kCheck,
                                         .columns = {},
                                         .check = column.check->expression,
                                         .references = {},
                                         .exclude = {},
                                         .index_parameters = {},
                                         .no_inherit = column.check->no_inherit};
        clause += ' ' + ConstraintClause(check, scope, context);
    }
    if (column.references) {
        const ForeignKeyReference reference = ResolveReference(*column.references, context);
        clause +=
            fmt::format(" CONSTRAINT {} {}{}", QuoteIdentifier(column.references->name), ReferencesClause(reference),
                        DeferrableClause(reference.deferrable, reference.initially_deferred));
    }
    return clause;
}

Scope ScopeOfDefinition(const CreateTable &operation, PlanContext &context) {
    Scope scope{.table = operation.name, .variables = {}};
    for (const ColumnDefinition &column : operation.columns) {
        const auto [type, collation] = !IntegerTypeOfSerial(column.type).empty()
                                           ? TypeText{.type = "bigint", .collation = {}}
                                           : context.model.binder.DescribeType(column.type);
        scope.variables.push_back({.name = column.name, .type = type, .collation = collation});
    }
    return scope;
}

void AddComments(const CreateTable &operation, const std::string &table, PlanContext &context) {
    const auto comment = [&](const std::string &target, const std::string &text) {
        context.expand.push_back({.phase = Phase::kExpand,
                                  .statement = fmt::format("COMMENT ON {} IS {}", target, QuoteLiteral(text)),
                                  .undo = {},
                                  .table = table,
                                  .lock = {},
                                  .object = {}});
    };
    if (operation.comment) comment("TABLE " + table, *operation.comment);
    for (const ColumnDefinition &column : operation.columns)
        if (column.comment) comment(fmt::format("COLUMN {}.{}", table, QuoteIdentifier(column.name)), *column.comment);
}

/// A table that this migration drops or renames keeps its name on disk until completion, and the new one waits.
std::string PhysicalNameOfNewTable(const std::string &name, Model &model) {
    const bool held = std::ranges::count(model.catalog.tables, name, &CatalogTable::name) > 0;
    if (held) return model.FreeRelationName(DerivedName("_pgmigrate_new_", name));
    RequireNoRelation(model, name);
    model.TakeRelationName(name);
    return name;
}

bool IsInPrimaryKey(const ColumnDefinition &column, const CreateTable &operation) {
    return column.primary_key ||
           std::ranges::any_of(operation.constraints, [&](const ConstraintDefinition &constraint) {
               return constraint.type == ConstraintType::kPrimaryKey &&
                      std::ranges::count(constraint.columns, column.name) > 0;
           });
}

PlannedTable ModelOf(const CreateTable &operation, const std::string &physical, const Scope &scope,
                     PlanContext &context) {
    PlannedTable table;
    table.name = operation.name;
    table.physical = physical;
    table.provisional = physical != operation.name;
    table.comment = operation.comment;
    for (std::size_t i = 0; i < operation.columns.size(); ++i) {
        const ColumnDefinition &column = operation.columns[i];
        PlannedColumn planned;
        planned.id = context.model.NextColumnId();
        planned.name = planned.physical = column.name;
        planned.type = scope.variables[i].type;
        planned.collation = scope.variables[i].collation;
        const bool is_identity = column.generated && column.generated->identity;
        planned.nullable = column.nullable && !is_identity && IntegerTypeOfSerial(column.type).empty() &&
                           !IsInPrimaryKey(column, operation);
        planned.is_generated = column.generated && column.generated->expression;
        if (column.default_value && !column.generated)
            planned.default_value = BoundDefault(column, planned.type, context);
        planned.comment = column.comment;
        table.columns.push_back(std::move(planned));
    }
    return table;
}

/// The table's constraints; keys that the columns ask for come first, under the names PostgreSQL would choose.
std::vector<ConstraintDefinition> ConstraintsOf(const CreateTable &operation) {
    std::vector<ConstraintDefinition> constraints;
    ConstraintDefinition key;
    key.name = DerivedName("", operation.name, "_pkey");
    key.type = ConstraintType::kPrimaryKey;
    for (const ColumnDefinition &column : operation.columns) {
        if (column.primary_key) key.columns.push_back(column.name);
        if (!column.unique) continue;
        ConstraintDefinition &unique = constraints.emplace_back();
        unique.name = DerivedName("", operation.name + '_' + column.name, "_key");
        unique.columns = {column.name};
    }
    if (!key.columns.empty()) constraints.insert(constraints.begin(), key);
    constraints.insert(constraints.end(), operation.constraints.begin(), operation.constraints.end());
    return constraints;
}

bool IsSequenceOfDroppedTable(const std::string &name, const Model &model) {
    const std::string sequence = QualifiedName(model.catalog.name, name);
    return std::ranges::any_of(model.dropped_tables, [&](const CatalogTable *table) {
        return std::ranges::count(table->columns, sequence, &CatalogColumn::owned_sequence) > 0;
    });
}

}  // namespace

void NameSequenceLater(PlannedTable &table, const std::string &column, Model &model) {
    if (table.physical == table.name) return;
    const std::string made = DerivedName("", table.physical + '_' + column, "_seq");
    const std::string wanted = DerivedName("", table.name + '_' + column, "_seq");
    // A table that is renamed keeps its sequence.
    if (model.IsRelationNameTaken(wanted) && !IsSequenceOfDroppedTable(wanted, model)) return;
    model.TakeRelationName(wanted);
    table.final_names.push_back(fmt::format("ALTER SEQUENCE IF EXISTS {} RENAME TO {}",
                                            QualifiedName(model.catalog.name, made), QuoteIdentifier(wanted)));
}

Step DirectStep(const PlannedTable &table, const PlanContext &context, std::string statement, std::string undo) {
    return {.phase = Phase::kExpand,
            .statement = std::move(statement),
            .undo = std::move(undo),
            .table = context.model.Qualified(table),
            .lock = "ACCESS EXCLUSIVE",
            .object = {}};
}

void Apply(const CreateTable &operation, PlanContext &context) {
    Model &model = context.model;
    model.RequireNoTable(operation.name);
    const std::string physical = PhysicalNameOfNewTable(operation.name, model);
    const std::string table = QualifiedName(model.catalog.name, physical);
    const Scope scope = ScopeOfDefinition(operation, context);
    // First, because a foreign key may refer to its own table.
    PlannedTable &planned = model.AddTable(ModelOf(operation, physical, scope, context));

    std::vector<std::string> clauses;
    for (const ColumnDefinition &column : operation.columns) {
        clauses.push_back(ColumnClause(column, scope, context));
        if (!IntegerTypeOfSerial(column.type).empty()) NameSequenceLater(planned, column.name, model);
    }
    for (const ColumnDefinition &column : operation.columns)
        for (const ConstraintDefinition &constraint : ConstraintsOfColumn(column))
            NoteConstraint(constraint, planned, context);
    for (const ConstraintDefinition &constraint : ConstraintsOf(operation))
        clauses.push_back(ConstraintClause(NoteConstraint(constraint, planned, context), scope, context));
    context.expand.push_back({.phase = Phase::kExpand,
                              .statement = fmt::format("CREATE TABLE {} ({})", table, fmt::join(clauses, ", ")),
                              .undo = "DROP TABLE IF EXISTS " + table,
                              .table = table,
                              .lock = "ACCESS EXCLUSIVE",
                              .object = {}});
    AddComments(operation, table, context);
}

void Apply(const RenameTable &operation, PlanContext &context) {
    PlannedTable &table = context.model.FindTable(operation.from);
    context.model.RequireNoTable(operation.to);
    const bool own_name_again = table.physical == operation.to;
    const bool held_by_dropped = std::ranges::any_of(
        context.model.catalog.tables, [&](const CatalogTable &other) { return other.name == operation.to; });
    if (!own_name_again && !held_by_dropped) RequireNoRelation(context.model, operation.to);
    context.model.TakeRelationName(operation.to);
    table.name = operation.to;
}

void Apply(const DropTable &operation, PlanContext &context) {
    PlannedTable &table = context.model.FindTable(operation.name);
    if (table.IsCreated()) {
        context.expand.push_back({.phase = Phase::kExpand,
                                  .statement = "DROP TABLE " + context.model.Qualified(table),
                                  .undo = {},
                                  .table = context.model.Qualified(table),
                                  .lock = "ACCESS EXCLUSIVE",
                                  .object = {}});
        ReleaseNames(table, context.model);
    } else {
        context.model.dropped_tables.push_back(table.origin);
    }
    context.model.RemoveTable(table);
}

void Apply(const RawSql &operation, PlanContext &context) {
    // Nothing but the start shows whether it works; but a query that is all there is can be understood now.
    const bool is_first = context.expand.empty() && context.contract.empty() && context.model.touched.empty();
    context.model.binder.CheckStatements(operation.up, is_first && !operation.on_complete);
    if (operation.down) context.model.binder.CheckStatements(*operation.down, false);
    const Phase phase = operation.on_complete ? Phase::kContract : Phase::kExpand;
    std::vector<Step> &steps = operation.on_complete ? context.contract : context.expand;
    steps.push_back({.phase = phase,
                     .statement = operation.up,
                     .undo = operation.down.value_or(""),
                     .table = {},
                     .lock = {},
                     .object = "sql"});
}

void Apply(const SetReplicaIdentity &operation, PlanContext &context) {
    PlannedTable &table = context.model.FindTable(operation.table);
    std::string clause = operation.type;
    std::ranges::transform(clause, clause.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (operation.type == "index") {
        const std::string index = operation.index.value_or("");
        const bool exists = std::ranges::any_of(table.indexes, [&](const Followed<CatalogIndex> &followed) {
            return !followed.dropped && followed.name == index;
        });
        if (!exists && !table.IsCreated())  // the indexes of a table it creates PostgreSQL knows
            throw Error(sqlstates::kUndefinedObject,
                        {.message = fmt::format("index \"{}\" of table \"{}\" does not exist", index, table.name),
                         .hint = "Name a unique index of the table over NOT NULL columns."});
        clause = "USING INDEX " + QuoteIdentifier(index);
    }
    if (!table.IsCreated()) {
        table.replica_identity = clause;
        return;
    }
    const std::string name = context.model.Qualified(table);
    context.expand.push_back({.phase = Phase::kExpand,
                              .statement = fmt::format("ALTER TABLE {} REPLICA IDENTITY {}", name, clause),
                              .undo = {},
                              .table = name,
                              .lock = "ACCESS EXCLUSIVE",
                              .object = {}});
}

}  // namespace pgmigrate
