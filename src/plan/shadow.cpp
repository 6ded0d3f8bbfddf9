// SPDX-License-Identifier: PostgreSQL
// A column replaced by a shadow: the new physical column, its default, and the expressions that keep both in step.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "plan/context.h"

namespace pgmigrate {
namespace {

void RequireReplaceable(const PlannedTable &table, const PlannedColumn &column) {
    if (column.origin != nullptr && column.origin->generated)
        throw Error(
            sqlstates::kFeatureNotSupported,
            {.message = fmt::format("cannot alter generated column \"{}\" of table \"{}\"", column.name, table.name),
             .detail = "Its value is computed from other columns, so it cannot be kept in step with a new form.",
             .hint = "Drop the column and add it anew in a migration of its own."});
}

SyncExpression Synchronize(const std::string &target, const BoundExpression &bound, PlannedTable &table) {
    return {.target = target,
            .expression = bound.text,
            .parameters = PhysicalColumns(table, bound.parameters),
            .is_immutable = bound.is_immutable,
            .may_write = bound.may_write};
}

/// The collation goes with the column unless its new type has none.
std::string CollationOf(const PlannedColumn &column, const std::string &type, ExpressionBinder &binder) {
    if (column.collation.empty() || type == column.type) return column.collation;
    try {
        (void)binder.Bind(fmt::format("CAST(NULL AS {}) COLLATE {}", type, column.collation), {}, "");
        return column.collation;
    } catch (const DatabaseError &) {
        return {};
    }
}

/// `down` is allowed to be wrong, because pgroll never looks at it before a new-version write: a warning, and the new
/// value itself takes its place.
BoundExpression BindDown(const std::string &text, const PlannedTable &table, const PlannedColumn &column,
                         const std::string &old_type, PlanContext &context) {
    ExpressionBinder &binder = context.model.binder;
    try {
        return binder.Bind(text, ScopeOf(table), old_type);
    } catch (const DatabaseError &failure) {
        context.model.warnings.push_back(fmt::format(
            "\"down\" of column \"{}\" of table \"{}\" cannot be used: {}; the new value itself is written to the "
            "old column",
            column.name, table.name, failure.text().message));
    }
    return binder.Bind(QuoteIdentifier(column.name), ScopeOf(table), old_type);
}

/// The column's default in the new version: the one asked for, or the old one as far as it fits the new type.
std::optional<BoundExpression> NewDefault(const ShadowRequest &request, const PlannedTable &table,
                                          const PlannedColumn &column, const std::string &type, PlanContext &context) {
    ExpressionBinder &binder = context.model.binder;
    if (request.default_value) {
        if (!request.default_value->value) return std::nullopt;
        return binder.Bind(*request.default_value->value, {}, type);
    }
    if (!column.default_value) return std::nullopt;
    try {
        return binder.Bind(*column.default_value, {}, type);
    } catch (const DatabaseError &failure) {
        context.model.warnings.push_back(fmt::format("default of column \"{}\" of table \"{}\" is not kept: {}",
                                                     column.name, table.name, failure.text().message));
        return std::nullopt;
    }
}

/// A kept default is what it was, word for word, unless it has to be converted: PostgreSQL finds the sequence of a
/// serial column by it.
std::string TextOfDefault(const BoundExpression &bound, const PlannedColumn &column, const std::string &old_type,
                          bool is_kept) {
    const bool is_serial = column.origin != nullptr && !column.owned_sequence.empty();
    return is_kept && (is_serial || column.type == old_type) ? *column.default_value : bound.text;
}

void PlanDefault(const ShadowRequest &request, const std::string &old_type, PlannedTable &table, PlannedColumn &column,
                 AddedColumn &added, PlanContext &context) {
    std::optional<BoundExpression> bound = NewDefault(request, table, column, added.type, context);
    const bool is_identity = column.origin != nullptr && !column.origin->identity.empty();
    const bool is_kept = !request.default_value;
    if (bound) bound->text = TextOfDefault(*bound, column, old_type, is_kept);
    column.default_value.reset();
    if (bound) column.default_value = bound->text;
    if (is_kept && (is_identity || (bound && bound->is_volatile))) {
        // The old column's default is evaluated for every insert anyway; a second evaluation would skip a sequence
        // value.
        table.default_from_source.push_back(added.name);
    } else if (bound && bound->is_volatile) {
        column.default_in_view = true;
    } else if (bound) {
        added.later_default = bound->text;
    }
}

/// Do the values stay what they were, as a foreign key compares them? The integer types and numeric have one btree
/// operator family or casts that lose nothing.
bool KeepsValue(const PlannedColumn &column, const BoundExpression &up, const std::string &type,
                const PlannedTable &table, PlanContext &context) {
    static constexpr std::array kIntegers = std::to_array<std::string_view>({"smallint", "integer", "bigint"});
    const auto is_integer = [](const std::string &name) { return std::ranges::count(kIntegers, name) > 0; };
    if (up.is_bare_parameter) return up.parameters.front() == column.name;
    if (!is_integer(column.type) || !is_integer(type)) return false;
    return up.text == context.model.binder.Bind(QuoteIdentifier(column.name), ScopeOf(table), type).text &&
           up.parameters == std::vector{column.name};
}

/// Remembers what becomes of the values. Only an expression of the column alone can be compared with another column's.
void NoteConversion(PlannedColumn &column, const BoundExpression &up, bool keeps_value) {
    const bool is_own = up.parameters == std::vector{column.name} && !up.is_volatile && !up.has_subquery;
    column.conversion += is_own ? up.text : fmt::format("{} of {}", up.text, column.id);
    column.conversion += '\n';
    column.keeps_value = column.keeps_value && keeps_value;
}

}  // namespace

PlannedColumn &AddShadow(PlannedTable &table, const ShadowRequest &request, PlanContext &context) {
    PlannedColumn &column = Model::FindColumn(table, request.column);
    RequireReplaceable(table, column);
    ExpressionBinder &binder = context.model.binder;
    const std::string old_type = column.type;
    const std::string old_physical = column.physical;
    const TypeText wanted =
        request.type.empty() ? TypeText{.type = old_type, .collation = {}} : binder.DescribeType(request.type);
    AddedColumn added{.name = Model::FreeNameOn(table, DerivedName("_pgmigrate_new_", column.name)),
                      .type = wanted.type,
                      .collation = wanted.collation,
                      .constant_default = {},
                      .later_default = {},
                      .not_null = false,
                      .comment = request.comment ? request.comment->value : column.comment,
                      .properties = column.origin};

    CheckDomain(table, column.name, added.type, context);
    if (added.collation.empty()) added.collation = CollationOf(column, added.type, binder);
    const BoundExpression up =
        binder.Bind(request.up.value_or(QuoteIdentifier(column.name)), ScopeOf(table), added.type);
    table.up.push_back(Synchronize(added.name, up, table));
    NoteConversion(column, up, KeepsValue(column, up, added.type, table, context));

    column.physical = added.name;
    column.type = added.type;
    column.collation = added.collation;
    column.nullable = request.nullable;
    column.comment = added.comment;
    const std::string down_text = request.down.value_or(QuoteIdentifier(column.name));
    const BoundExpression down = BindDown(down_text, table, column, old_type, context);
    // Later operations are undone first on the way back to the old shape.
    table.down.insert(table.down.begin(), Synchronize(old_physical, down, table));

    PlanDefault(request, old_type, table, column, added, context);
    table.added_columns.push_back(std::move(added));
    return column;
}

}  // namespace pgmigrate
