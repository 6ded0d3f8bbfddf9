// SPDX-License-Identifier: PostgreSQL
// add_column: every way a new column gets its values.
#include <fmt/format.h>

#include <algorithm>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "plan/context.h"
#include "plan/created_table.h"

namespace pgmigrate {
namespace {

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
        throw Error(
            sqlstates::kInvalidMigration,
            {.message = fmt::format("\"up\" of column \"{}\" must be the same as its volatile default", column.name),
             .detail = fmt::format("The default of the new column of table \"{}\" is volatile, so existing rows get "
                                   "their values by evaluating it.",
                                   table.name),
             .hint = "Leave \"up\" out, or repeat the text of \"default\" in it."});
    origin.up = column.default_value;
    return origin;
}

/// Plans the default of a new column. True if ADD COLUMN stores it for the existing rows, which then need no fill and
/// can be NOT NULL at once. A column that is to be filled must not have one at that time: after a rewrite of the table
/// only a NULL shows that a row is unfilled.
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

/// serial on an existing table: the sequence is made first, and existing rows are numbered by the fill instead of a
/// rewrite.
void PlanSequence(AddColumn &operation, const PlannedTable &table, const std::string &integer_type,
                  PlanContext &context, PlannedColumn &planned) {
    const std::string name =
        context.model.FreeRelationName(DerivedName("", table.name + '_' + operation.column.name, "_seq"));
    const std::string sequence = QualifiedName(context.model.catalog.name, name);
    context.prepare.push_back({.phase = Phase::kExpand,
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

void Apply(const AddColumn &given, PlanContext &context) {
    AddColumn operation = given;
    ColumnDefinition &column = operation.column;
    PlannedTable &table = context.model.FindTable(operation.table);
    Model::RequireNoColumn(table, column.name);
    if (table.IsCreated()) return AddCreatedColumn(operation, table, context);
    const std::string integer_type(IntegerTypeOfSerial(column.type));
    const bool serial = !integer_type.empty();

    PlannedColumn planned;
    planned.id = context.model.NextColumnId();
    planned.name = column.name;
    planned.physical = Model::FreeNameOn(table, DerivedName("_pgmigrate_new_", column.name));
    const TypeText type =
        serial ? TypeText{.type = integer_type, .collation = {}} : context.model.binder.DescribeType(column.type);
    planned.type = type.type;
    planned.collation = type.collation;
    planned.comment = column.comment;
    if (!serial) CheckDomain(table, column.name, planned.type, context);
    AddedColumn added{.name = planned.physical,
                      .type = planned.type,
                      .collation = planned.collation,
                      .constant_default = {},
                      .later_default = {},
                      .not_null = false,
                      .comment = column.comment,
                      .properties = nullptr};

    Origin origin = serial ? Origin{} : OriginOf(operation, planned.type, table, context);
    if (serial) PlanSequence(operation, table, integer_type, context, planned);
    planned.nullable = column.nullable;
    const bool is_stored = PlanDefault(origin, planned, added);

    if (serial && !operation.up) {
        // Bound already: it reads no column.
        table.up.push_back({.target = planned.physical,
                            .expression = *planned.default_value,
                            .parameters = {},
                            .is_immutable = false});
    } else if (operation.up || origin.up) {
        const BoundExpression up =
            context.model.binder.Bind(operation.up ? *operation.up : *origin.up, ScopeOf(table), planned.type);
        table.up.push_back({.target = planned.physical,
                            .expression = up.text,
                            .parameters = PhysicalColumns(table, up.parameters),
                            .is_immutable = up.is_immutable,
                            .may_write = up.may_write});
    } else if (!column.nullable && !is_stored) {
        throw Error(
            sqlstates::kInvalidMigration,
            {.message =
                 fmt::format("column \"{}\" is not nullable and has neither \"default\" nor \"up\"", column.name),
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

}  // namespace pgmigrate
