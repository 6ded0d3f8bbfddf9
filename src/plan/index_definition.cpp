// SPDX-License-Identifier: PostgreSQL
#include "plan/index_definition.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/identifier.h"
#include "core/sqlstates.h"

namespace pgmigrate {
namespace {

/// The table's columns as the catalog has them.
Scope CatalogScope(const CatalogTable &table) {
    Scope scope{.table = table.name, .variables = {}};
    for (const CatalogColumn &column : table.columns)
        scope.variables.push_back({.name = column.name, .type = column.type, .collation = column.collation});
    return scope;
}

/// The same names, with the types they have in the new version.
Scope FollowedScope(const PlannedTable &table) {
    Scope scope{.table = table.origin->name, .variables = {}};
    for (const PlannedColumn &column : table.columns)
        if (column.origin != nullptr)
            scope.variables.push_back(
                {.name = column.origin->name, .type = column.type, .collation = column.collation});
    return scope;
}

void AppendColumnsOf(const std::string &expression, const PlannedTable &table, PlanContext &context,
                     std::vector<std::string> &columns) {
    if (expression.empty()) return;
    const std::vector<std::string> read = ColumnsOfExpression(table, expression, context);
    columns.insert(columns.end(), read.begin(), read.end());
}

/// Is it the index of an exclusion constraint?
bool Excludes(const CatalogIndex &index, const PlannedTable &table) {
    return std::ranges::any_of(table.origin->constraints, [&](const CatalogConstraint &constraint) {
        return constraint.type == 'x' && constraint.name == index.constraint;
    });
}

/// For messages.
std::string Called(const CatalogIndex &index, const PlannedTable &table) {
    return fmt::format("{} \"{}\"", Excludes(index, table) ? "exclusion constraint" : "index", index.name);
}

std::optional<std::vector<std::string>> KeysInNewVersion(PlannedTable &table, const CatalogIndex &index,
                                                         PlanContext &context) {
    std::vector<std::string> keys;
    for (const CatalogIndexKey &key : index.keys) {
        if (!key.column.empty()) {
            keys.push_back(QuoteIdentifier(Follow(table, {key.column}).columns.front()->physical) + key.options);
            continue;
        }
        const std::optional<std::string> expression =
            RebindToNewVersion(table, key.expression, "", context, Called(index, table));
        if (!expression) return std::nullopt;
        keys.push_back(fmt::format("({}){}", *expression, key.options));
    }
    return keys;
}

std::string Statement(const IndexDefinition &index, std::string_view concurrently, const std::string &on) {
    std::string statement =
        fmt::format("CREATE {}INDEX {}{} ON {} USING {} ({})", index.unique ? "UNIQUE " : "", concurrently,
                    QuoteIdentifier(index.name), on, QuoteIdentifier(index.method), fmt::join(index.keys, ", "));
    if (!index.included.empty()) statement += fmt::format(" INCLUDE ({})", QuoteIdentifiers(index.included));
    if (index.nulls_not_distinct) statement += " NULLS NOT DISTINCT";
    if (!index.storage_parameters.empty()) statement += fmt::format(" WITH ({})", index.storage_parameters);
    if (!index.tablespace.empty()) statement += fmt::format(" TABLESPACE {}", QuoteIdentifier(index.tablespace));
    if (!index.predicate.empty()) statement += fmt::format(" WHERE {}", index.predicate);
    return statement;
}

void RequireNotPartitioned(const PlannedTable &table, const std::string &exclusion) {
    if (!table.origin->partitioned) return;
    throw Error(sqlstates::kFeatureNotSupported,
                {.message = fmt::format("cannot alter a column of exclusion constraint \"{}\" of partitioned table "
                                        "\"{}\"",
                                        exclusion, table.name),
                 .detail = "The new constraint would have to be built on all partitions under one lock.",
                 .hint = "Drop the constraint first, run the migration, and add the constraint again."});
}

}  // namespace

std::string ExclusionBody(const IndexDefinition &index) {
    std::vector<std::string> elements;
    for (std::size_t i = 0; i < index.keys.size(); ++i)
        elements.push_back(fmt::format("{} WITH {}", index.keys[i], index.exclusion_operators.at(i)));
    std::string body = fmt::format("EXCLUDE USING {} ({})", QuoteIdentifier(index.method), fmt::join(elements, ", "));
    if (!index.included.empty()) body += fmt::format(" INCLUDE ({})", QuoteIdentifiers(index.included));
    if (!index.storage_parameters.empty()) body += fmt::format(" WITH ({})", index.storage_parameters);
    if (!index.tablespace.empty()) body += fmt::format(" USING INDEX TABLESPACE {}", QuoteIdentifier(index.tablespace));
    if (!index.predicate.empty()) body += fmt::format(" WHERE ({})", index.predicate);
    return body;
}

std::string CreateIndexStatement(const IndexDefinition &index, const std::string &table) {
    return Statement(index, "CONCURRENTLY ", table);
}

std::string CreateIndexOnlyStatement(const IndexDefinition &index, const std::string &table) {
    return Statement(index, "", "ONLY " + table);
}

std::vector<std::string> ColumnsOfExpression(const PlannedTable &table, const std::string &expression,
                                             PlanContext &context) {
    return context.model.binder.Bind(expression, CatalogScope(*table.origin), "").parameters;
}

std::vector<std::string> ColumnsOfIndex(const PlannedTable &table, const CatalogIndex &index, PlanContext &context) {
    std::vector<std::string> columns = index.included;
    for (const CatalogIndexKey &key : index.keys) {
        if (!key.column.empty()) columns.push_back(key.column);
        AppendColumnsOf(key.expression, table, context, columns);
    }
    AppendColumnsOf(index.predicate, table, context, columns);
    return columns;
}

std::optional<IndexDefinition> DuplicateOfIndex(PlannedTable &table, const Followed<CatalogIndex> &index,
                                                PlanContext &context) {
    const CatalogIndex &origin = *index.origin;
    if (index.dropped || !origin.valid || table.added_columns.empty()) return std::nullopt;
    const Followers followers = Follow(table, ColumnsOfIndex(table, origin, context));
    if (!followers.survives || !followers.moves) return std::nullopt;
    const auto constraint = std::ranges::find_if(table.constraints, [&](const Followed<CatalogConstraint> &candidate) {
        return candidate.origin->name == origin.constraint;
    });
    IndexDefinition duplicate;
    if (constraint != table.constraints.end() && constraint->origin->type == 'x') {
        RequireNotPartitioned(table, origin.constraint);
        duplicate.exclusion_operators = constraint->origin->exclusion_operators;
    }
    duplicate.method = origin.method;
    duplicate.unique = origin.unique;
    duplicate.nulls_not_distinct = origin.nulls_not_distinct;
    duplicate.storage_parameters = origin.storage_parameters;
    duplicate.tablespace = origin.tablespace;
    for (const std::string &column : origin.included)
        duplicate.included.push_back(Follow(table, {column}).columns.front()->physical);
    const std::optional<std::vector<std::string>> keys = KeysInNewVersion(table, origin, context);
    if (!keys) return std::nullopt;
    duplicate.keys = *keys;
    if (!origin.predicate.empty()) {
        const std::optional<std::string> predicate =
            RebindToNewVersion(table, origin.predicate, "boolean", context, Called(origin, table));
        if (!predicate) return std::nullopt;
        duplicate.predicate = *predicate;
    }
    duplicate.name = context.model.FreeRelationName(DuplicateName(origin.name));
    return duplicate;
}

std::optional<std::string> RebindToNewVersion(PlannedTable &table, const std::string &expression,
                                              const std::string &type, PlanContext &context, const std::string &what) {
    try {
        const BoundExpression bound = context.model.binder.Bind(expression, FollowedScope(table), type);
        std::vector<std::string> names;
        for (const PlannedColumn *column : Follow(table, bound.parameters).columns)
            names.push_back(QuoteIdentifier(column->physical));
        return ReplaceParameters(bound.text, names);
    } catch (const DatabaseError &failure) {
        context.model.warnings.push_back(
            fmt::format("{} of table \"{}\" is not kept: {}", what, table.name, failure.text().message));
        return std::nullopt;
    }
}

std::vector<std::string> PhysicalNames(PlannedTable &table, const std::vector<int> &ids) {
    std::vector<std::string> names;
    for (const int id : ids) names.push_back(Model::ColumnById(table, id).physical);
    return names;
}

std::string WithPhysicalColumns(PlannedTable &table, const std::string &bound_text, const std::vector<int> &ids) {
    std::vector<std::string> names;
    for (const std::string &name : PhysicalNames(table, ids)) names.push_back(QuoteIdentifier(name));
    return ReplaceParameters(bound_text, names);
}

}  // namespace pgmigrate
