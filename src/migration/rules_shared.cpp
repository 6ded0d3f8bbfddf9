// SPDX-License-Identifier: PostgreSQL
// Rules about what several operations share: names, references, constraints.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "migration/problem.h"
#include "migration/rules.h"
#include "migration/sql_clause.h"

namespace pgmigrate {
namespace {

bool IsSet(const IndexParameters &parameters) { return parameters != IndexParameters{}; }

std::string_view NameType(ConstraintType type) {
    switch (type) {
        case ConstraintType::kUnique:
            return "unique";
        case ConstraintType::kCheck:
            return "check";
        case ConstraintType::kPrimaryKey:
            return "primary_key";
        case ConstraintType::kForeignKey:
            return "foreign_key";
        case ConstraintType::kExclude:
            return "exclude";
    }
    return {};
}

/// What the types of constraint need and know.
struct TypeRules {
    bool needs_columns = false;
    bool knows_columns = true;
    bool has_check = false;
    bool has_references = false;
    bool has_exclude = false;
    bool has_index = false;
    bool is_deferrable = false;
    bool has_nulls = false;
};

TypeRules RulesOf(ConstraintType type) {
    switch (type) {
        case ConstraintType::kUnique:
            return {.needs_columns = true, .has_index = true, .is_deferrable = true, .has_nulls = true};
        case ConstraintType::kCheck:
            return {.has_check = true};
        case ConstraintType::kPrimaryKey:
            return {.needs_columns = true, .has_index = true, .is_deferrable = true};
        case ConstraintType::kForeignKey:
            return {.needs_columns = true, .has_references = true, .is_deferrable = true};
        case ConstraintType::kExclude:
            return {.knows_columns = false, .has_exclude = true, .has_index = true, .is_deferrable = true};
    }
    return {};
}

void CheckNeeded(const ConstraintDefinition &constraint, const TypeRules &rules, const std::string &path) {
    const auto require = [&](bool needed, bool given, std::string_view field) {
        if (!needed || given) return;
        ThrowMissing(FieldPath(path, field),
                     fmt::format("A constraint of type \"{}\" needs it.", NameType(constraint.type)),
                     fmt::format("Add \"{}\".", field));
    };
    require(rules.needs_columns, !constraint.columns.empty(), "columns");
    require(rules.has_check, constraint.check.has_value(), "check");
    require(rules.has_references, constraint.references.has_value(), "references");
    require(rules.has_exclude, constraint.exclude.has_value(), "exclude");
}

void CheckKnown(const ConstraintDefinition &constraint, const TypeRules &rules, const std::string &path) {
    const auto refuse = [&](bool known, bool given, std::string_view field) {
        if (known || !given) return;
        ThrowInvalid({.message = fmt::format("field \"{}\" does not apply to a constraint of type \"{}\"",
                                             FieldPath(path, field), NameType(constraint.type)),
                      .hint = "Remove the field, or change \"type\"."});
    };
    refuse(rules.knows_columns, !constraint.columns.empty(), "columns");
    refuse(rules.has_check, constraint.check.has_value(), "check");
    refuse(rules.has_references, constraint.references.has_value(), "references");
    refuse(rules.has_exclude, constraint.exclude.has_value(), "exclude");
    refuse(rules.has_index, IsSet(constraint.index_parameters), "index_parameters");
    refuse(rules.is_deferrable, constraint.deferrable, "deferrable");
    refuse(rules.is_deferrable, constraint.initially_deferred, "initially_deferred");
    refuse(rules.has_nulls, constraint.nulls_not_distinct, "nulls_not_distinct");
    refuse(rules.has_check, constraint.no_inherit, "no_inherit");
}

void CheckDeferral(bool deferrable, bool initially_deferred, const std::string &path) {
    if (deferrable || !initially_deferred) return;
    ThrowInvalid(
        {.message = fmt::format("field \"{}\" needs a deferrable constraint", FieldPath(path, "initially_deferred")),
         .hint = "Set \"deferrable\" to true as well."});
}

/// `columns` are the constraint's own, of which those to set must be some.
void CheckSetColumns(const ForeignKeyReference &reference, const std::vector<std::string> &columns,
                     const std::string &path) {
    if (reference.on_delete_set_columns.empty()) return;
    const std::string field = FieldPath(path, "on_delete_set_columns");
    if (reference.on_delete != ReferentialAction::kSetNull && reference.on_delete != ReferentialAction::kSetDefault) {
        ThrowInvalid({.message = fmt::format("field \"{}\" needs an action that sets columns", field),
                      .detail = fmt::format("The \"on_delete\" action is {}.", SqlText(reference.on_delete)),
                      .hint = "Make \"on_delete\" SET NULL or SET DEFAULT, or remove the field."});
    }
    for (std::size_t at = 0; at < reference.on_delete_set_columns.size(); ++at) {
        const std::string &column = reference.on_delete_set_columns[at];
        if (std::ranges::find(columns, column) != columns.end()) continue;
        ThrowInvalid({.message = fmt::format("field \"{}\" names \"{}\", which is not a column of the foreign key",
                                             ItemPath(field, at), MakePrintable(column)),
                      .hint = "Name only columns listed in \"columns\"."});
    }
}

void CheckColumnCounts(const ConstraintDefinition &constraint, const std::string &path) {
    const std::size_t own = constraint.columns.size();
    const std::size_t theirs = constraint.references->columns.size();
    if (own == theirs) return;
    ThrowInvalid(
        {.message = fmt::format("field \"{}.references.columns\" must have as many columns as \"columns\"", path),
         .detail = fmt::format("They have {} and {}.", theirs, own),
         .hint = "Name a referenced column for each column, in the same order."});
}

}  // namespace

void CheckName(std::string_view name, const std::string &path) {
    if (name.size() <= kLongestName) return;
    throw Error(sqlstates::kNameTooLong, {.message = fmt::format("name in field \"{}\" is too long", path),
                                          .detail = fmt::format("\"{}\" has {} bytes; PostgreSQL keeps at most {}.",
                                                                MakePrintable(name), name.size(), kLongestName),
                                          .hint = "Choose a shorter name."});
}

void CheckNamesDiffer(const std::vector<std::string> &names, const std::string &path) {
    std::set<std::string_view> seen;
    for (std::size_t at = 0; at < names.size(); ++at) {
        if (seen.insert(names[at]).second) continue;
        throw Error(sqlstates::kDuplicateColumn, {.message = fmt::format("field \"{}\" names column \"{}\" again",
                                                                         ItemPath(path, at), MakePrintable(names[at])),
                                                  .hint = "Name each column once."});
    }
}

void CheckCheck(const CheckConstraint &check, const std::string &path) {
    CheckName(check.name, FieldPath(path, "name"));
}

void CheckReference(const ForeignKeyReference &reference, const std::string &path) {
    CheckName(reference.name, FieldPath(path, "name"));
    CheckDeferral(reference.deferrable, reference.initially_deferred, path);
    CheckNamesDiffer(reference.columns, FieldPath(path, "columns"));
    if (reference.match_type != MatchType::kPartial) return;
    throw Error(sqlstates::kFeatureNotSupported,
                {.message = fmt::format("field \"{}\" asks for MATCH PARTIAL", FieldPath(path, "match_type")),
                 .detail = "PostgreSQL does not implement it.",
                 .hint = "Use SIMPLE or FULL."});
}

void CheckGenerated(const Generated &generated, const std::string &path) {
    if (generated.identity)
        CheckClause(std::string_view(generated.identity->sequence_options),
                    FieldPath(path, "identity.sequence_options"));
    if (generated.expression.has_value() != generated.identity.has_value()) return;
    ThrowInvalid({.message = fmt::format("field \"{}\" must have either \"expression\" or \"identity\"", path),
                  .detail = generated.identity ? "It has both." : "It has neither.",
                  .hint = generated.identity ? "Remove one of them." : "Add one of them."});
}

void CheckConstraintFields(const ConstraintDefinition &constraint, const std::string &path) {
    CheckName(constraint.name, FieldPath(path, "name"));
    const TypeRules rules = RulesOf(constraint.type);
    CheckNeeded(constraint, rules, path);
    CheckKnown(constraint, rules, path);
    CheckDeferral(constraint.deferrable, constraint.initially_deferred, path);
    CheckNamesDiffer(constraint.columns, FieldPath(path, "columns"));
    CheckClause(constraint.index_parameters.storage_parameters, FieldPath(path, "index_parameters.storage_parameters"));
    if (constraint.exclude) {
        CheckClause(std::string_view(constraint.exclude->elements), FieldPath(path, "exclude.elements"));
        CheckClause(constraint.exclude->predicate, FieldPath(path, "exclude.predicate"));
    }
    if (!constraint.references) return;
    CheckReference(*constraint.references, FieldPath(path, "references"));
    CheckColumnCounts(constraint, path);
    CheckSetColumns(*constraint.references, constraint.columns, FieldPath(path, "references"));
}

}  // namespace pgmigrate
