// SPDX-License-Identifier: PostgreSQL
// add_column, rename_column, drop_column, alter_column.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "plan/context.h"

namespace pgmigrate {
namespace {

Step Direct(const PlannedTable &table, const PlanContext &context, std::string statement, std::string undo = {}) {
    return {.phase = Phase::kExpand,
            .statement = std::move(statement),
            .undo = std::move(undo),
            .table = context.model.Qualified(table),
            .lock = "ACCESS EXCLUSIVE",
            .object = {}};
}

/// The integer type behind serial, bigserial and smallserial; empty for any other type.
std::string IntegerTypeOfSerial(const std::string &type) {
    std::string lower = type;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (lower == "serial" || lower == "serial4") return "integer";
    if (lower == "bigserial" || lower == "serial8") return "bigint";
    if (lower == "smallserial" || lower == "serial2") return "smallint";
    return {};
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

/// What a new column starts from: its default and the expression that fills existing rows.
struct Origin {
    std::optional<BoundExpression> default_value;
    std::optional<std::string> up;
};

Origin OriginOf(const AddColumn &operation, const std::string &type, PlannedTable &table, PlanContext &context) {
    const ColumnDefinition &column = operation.column;
    Origin origin{.default_value = {}, .up = operation.up};
    if (!column.default_value) return origin;
    origin.default_value = context.model.binder.Bind(*column.default_value, {}, type);
    if (!origin.default_value->is_volatile) return origin;
    if (operation.up && *operation.up != *column.default_value)
        throw Error(sqlstates::kInvalidMigration,
                    {.message = fmt::format("\"up\" of column \"{}\" must be the same as its volatile default", column.name),
                     .detail = fmt::format("The default of the new column of table \"{}\" is volatile, so existing rows get "
                                           "their values by evaluating it.", table.name),
                     .hint = "Leave \"up\" out, or repeat the text of \"default\" in it."});
    origin.up = column.default_value;
    return origin;
}

/// The check and foreign key of a column on a table nobody else can see yet.
void AddConstraintsDirectly(const ColumnDefinition &column, const PlannedTable &table, PlanContext &context) {
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
    for (const ConstraintDefinition &constraint : constraints)
        context.expand.push_back(Direct(table, context,
                                        fmt::format("ALTER TABLE {} ADD {}", context.model.Qualified(table),
                                                    ConstraintClause(constraint, ScopeOf(table), context))));
}

/// Plans the default of a new column. True if ADD COLUMN stores it for the existing rows, which then need no fill and can be
/// NOT NULL at once. A column that is to be filled must not have one at that time: after a rewrite of the table only a NULL
/// shows that a row is unfilled.
bool PlanDefault(const Origin &origin, PlannedColumn &planned, AddedColumn &added) {
    if (!origin.default_value) {
        planned.default_in_view = planned.default_value.has_value();  // of a serial column
        return false;
    }
    const BoundExpression &bound = *origin.default_value;
    planned.default_value = bound.text;
    planned.default_in_view = bound.is_volatile;
    if (bound.is_volatile) return false;
    if (origin.up) {
        added.later_default = bound.text;
        return false;
    }
    added.constant_default = bound.text;
    added.not_null = !planned.nullable;
    return true;
}

/// add_column on a table nobody else can see yet: one plain statement.
void AddColumnDirectly(const AddColumn &operation, PlannedTable &table, const std::string &type, PlanContext &context) {
    const ColumnDefinition &column = operation.column;
    std::string clause = fmt::format("ADD COLUMN {} {}", QuoteIdentifier(column.name), type);
    if (column.default_value) clause += " DEFAULT " + context.model.binder.Bind(*column.default_value, {}, type).text;
    if (!column.nullable) clause += " NOT NULL";
    if (column.unique) clause += " UNIQUE";
    context.expand.push_back(Direct(table, context, fmt::format("ALTER TABLE {} {}", context.model.Qualified(table), clause)));

    PlannedColumn planned;
    planned.id = context.model.NextColumnId();
    planned.name = planned.physical = column.name;
    const std::string integer_type = IntegerTypeOfSerial(type);
    planned.type = integer_type.empty() ? type : integer_type;
    planned.nullable = column.nullable;
    planned.comment = column.comment;
    table.columns.push_back(planned);
    AddConstraintsDirectly(column, table, context);
    if (column.comment)
        context.expand.push_back(Direct(table, context,
                                        fmt::format("COMMENT ON COLUMN {}.{} IS {}", context.model.Qualified(table),
                                                    QuoteIdentifier(column.name), QuoteLiteral(*column.comment))));
}

/// serial on an existing table: the sequence is made first, and existing rows are numbered by the fill instead of a rewrite.
void PlanSequence(AddColumn &operation, const PlannedTable &table, const std::string &integer_type, PlanContext &context,
                  PlannedColumn &planned) {
    const std::string name =
        context.model.FreeRelationName(DerivedName("", table.name + '_' + operation.column.name, "_seq"));
    const std::string sequence = QualifiedName(context.model.catalog.name, name);
    context.expand.push_back({.phase = Phase::kExpand,
                              .statement = fmt::format("CREATE SEQUENCE {} AS {}", sequence, integer_type),
                              .undo = "DROP SEQUENCE IF EXISTS " + sequence,
                              .table = {},
                              .lock = {},
                              .object = {}});
    planned.owned_sequence = sequence;
    planned.default_value = fmt::format("nextval({}::regclass)", QuoteLiteral(sequence));
    operation.column.nullable = false;
}

}  // namespace

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

void Apply(const AddColumn &given, PlanContext &context) {
    AddColumn operation = given;
    ColumnDefinition &column = operation.column;
    PlannedTable &table = context.model.FindTable(operation.table);
    Model::RequireNoColumn(table, column.name);
    const std::string integer_type = IntegerTypeOfSerial(column.type);
    const bool serial = !integer_type.empty();
    if (table.IsCreated())
        return AddColumnDirectly(operation, table, serial ? column.type : context.model.binder.CanonicalType(column.type), context);

    PlannedColumn planned;
    planned.id = context.model.NextColumnId();
    planned.name = column.name;
    planned.physical = Model::FreeNameOn(table, DerivedName("_pgmigrate_new_", column.name));
    planned.type = serial ? integer_type : context.model.binder.CanonicalType(column.type);
    planned.comment = column.comment;
    AddedColumn added{.name = planned.physical, .type = planned.type, .collation = {}, .constant_default = {},
                      .later_default = {}, .not_null = false, .comment = column.comment, .properties = nullptr};

    Origin origin = serial ? Origin{} : OriginOf(operation, planned.type, table, context);
    if (serial) PlanSequence(operation, table, integer_type, context, planned);
    planned.nullable = column.nullable;
    const bool is_stored = PlanDefault(origin, planned, added);

    if (serial) {
        // Bound already: it reads no column.
        table.up.push_back({.target = planned.physical, .expression = *planned.default_value, .parameters = {}, .is_immutable = false});
    } else if (origin.up) {
        const BoundExpression up = context.model.binder.Bind(*origin.up, ScopeOf(table), planned.type);
        table.up.push_back({.target = planned.physical,
                            .expression = up.text,
                            .parameters = PhysicalColumns(table, up.parameters),
                            .is_immutable = up.is_immutable});
    } else if (!column.nullable && !is_stored) {
        throw Error(sqlstates::kInvalidMigration,
                    {.message = fmt::format("column \"{}\" is not nullable and has neither \"default\" nor \"up\"", column.name),
                     .hint = "Add \"up\" to give existing rows of the table a value, or a default, or \"nullable\": true."});
    }
    table.added_columns.push_back(std::move(added));
    table.columns.push_back(planned);
    if (!is_stored) PlanNullability(table, planned);
    if (column.unique)
        AddUniqueConstraint(table, planned,
                            context.model.FreeRelationName(DerivedName("", table.name + '_' + column.name, "_key")));
    if (column.check) AddCheckConstraint(table, *column.check, context);
    if (column.references) AddForeignKey(table, planned, *column.references, context);
}

void Apply(const RenameColumn &operation, PlanContext &context) {
    PlannedTable &table = context.model.FindTable(operation.table);
    PlannedColumn &column = Model::FindColumn(table, operation.from);
    Model::RequireNoColumn(table, operation.to);
    if (table.IsCreated())
        context.expand.push_back(Direct(table, context,
                                        fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", context.model.Qualified(table),
                                                    QuoteIdentifier(column.physical), QuoteIdentifier(operation.to))));
    if (table.IsCreated()) column.physical = operation.to;
    column.name = operation.to;
}

namespace {

/// As PostgreSQL does for what exists already: the constraints and indexes that this migration adds go with their column.
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
        context.model.warnings.push_back(
            fmt::format("\"down\" of dropped column \"{}\" of table \"{}\" cannot be used: {}; new-version inserts leave the "
                        "old column to its default", column.name, table.name, failure.text().message));
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

void AlterCreatedColumn(const AlterColumn &operation, const PlannedTable &table, PlannedColumn &column, PlanContext &context) {
    const std::string name = context.model.Qualified(table);
    const std::string physical = QuoteIdentifier(column.physical);
    if (operation.default_value) {
        const std::optional<std::string> &text = operation.default_value->value;
        const std::string action =
            text ? "SET DEFAULT " + context.model.binder.Bind(*text, {}, column.type).text : std::string("DROP DEFAULT");
        context.expand.push_back(
            Direct(table, context, fmt::format("ALTER TABLE {} ALTER COLUMN {} {}", name, physical, action)));
    }
    if (!operation.comment) return;
    column.comment = operation.comment->value;
    context.expand.push_back(Direct(table, context,
                                    fmt::format("COMMENT ON COLUMN {}.{} IS {}", name, physical,
                                                column.comment ? QuoteLiteral(*column.comment) : "NULL")));
}

/// A new default or comment alone: the view has it at once, the table at completion.
void AlterInPlace(const AlterColumn &operation, const PlannedTable &table, PlannedColumn &column, PlanContext &context) {
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
    if (table.IsCreated()) {
        context.expand.push_back(Direct(table, context,
                                        fmt::format("ALTER TABLE {} DROP COLUMN {}", context.model.Qualified(table),
                                                    QuoteIdentifier(column.physical))));
        return;
    }
    DropWhatIsOn(table, column.id);
    if (operation.down) {
        PlanDown(*operation.down, table, column, context);
    } else if (!column.nullable && !column.default_value && column.origin && column.origin->identity.empty() &&
               !column.origin->generated) {
        context.model.warnings.push_back(
            fmt::format("new-version inserts into table \"{}\" will fail until completion: dropped column \"{}\" is NOT NULL "
                        "and the migration has no \"down\" for it", table.name, column.name));
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
    const bool needs_shadow = operation.type || operation.nullable || operation.unique || operation.check || operation.references;
    if (table.IsCreated() && needs_shadow)
        throw Error(sqlstates::kFeatureNotSupported,
                    {.message = fmt::format("cannot alter column \"{}\" of a table that the same migration creates", before.name),
                     .hint = "Put the final definition of the column into create_table."});
    if (!needs_shadow) {
        PlannedColumn &column = Model::FindColumn(table, operation.column);
        return table.IsCreated() ? AlterCreatedColumn(operation, table, column, context)
                                 : AlterInPlace(operation, table, column, context);
    }
    const PlannedColumn &column = AddShadow(table,
                                            {.column = operation.column,
                                             .type = operation.type.value_or(""),
                                             .up = operation.up,
                                             .down = operation.down,
                                             .nullable = operation.nullable.value_or(before.nullable),
                                             .default_value = operation.default_value,
                                             .comment = operation.comment},
                                            context);
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
