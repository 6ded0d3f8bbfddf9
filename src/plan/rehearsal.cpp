// SPDX-License-Identifier: PostgreSQL
#include "plan/rehearsal.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/replace.hpp>
#include <set>

#include "core/identifier.h"
#include "plan/index_definition.h"

namespace pgmigrate {
namespace {

/// The tables that take part: those the operations name or change, and those that foreign keys on them point to.
std::set<std::string> NamesOnStage(const CatalogSchema &catalog, const Plan &plan) {
    std::set<std::string> names = plan.touched_tables;
    names.insert(plan.changed_tables.begin(), plan.changed_tables.end());
    std::set<std::string> referenced;
    for (const CatalogTable &table : catalog.tables) {
        if (!names.contains(table.name)) continue;
        for (const CatalogConstraint &constraint : table.constraints) referenced.insert(constraint.referenced_table);
    }
    for (const CatalogTable &table : catalog.tables)
        if (referenced.contains(QualifiedName(catalog.name, table.name))) names.insert(table.name);
    return names;
}

/// What stands around the table stays at home: it is locked, dropped and made anew at completion only.
void MoveToStage(CatalogTable &table, const CatalogSchema &home, const std::string &stage) {
    table.dependents.clear();
    table.incoming_foreign_keys.clear();
    table.partitioned = false;
    table.partitions.clear();
    table.partition_key.clear();
    std::erase_if(table.constraints, [&](CatalogConstraint &constraint) {
        if (constraint.type != 'f') return false;
        const auto referenced = std::ranges::find_if(home.tables, [&](const CatalogTable &candidate) {
            return QualifiedName(home.name, candidate.name) == constraint.referenced_table;
        });
        if (referenced == home.tables.end()) return true;
        constraint.referenced_table = QualifiedName(stage, referenced->name);
        return false;
    });
}

CatalogSchema OnStage(const CatalogSchema &home, const std::set<std::string> &names, const std::string &stage) {
    CatalogSchema copy{.oid = 0, .name = stage, .tables = {}, .relation_names = home.relation_names, .grants = {}};
    for (const CatalogTable &table : home.tables) {
        if (!names.contains(table.name)) continue;
        copy.tables.push_back(table);
        MoveToStage(copy.tables.back(), home, stage);
    }
    return copy;
}

std::string CreateCopy(const CatalogTable &table, const std::string &name) {
    std::vector<std::string> columns;
    for (const CatalogColumn &column : table.columns)
        columns.push_back(fmt::format("{} {}{}{}", QuoteIdentifier(column.name), column.type,
                                      column.collation.empty() ? "" : " COLLATE " + column.collation,
                                      column.not_null ? " NOT NULL" : ""));
    return fmt::format("CREATE TABLE {} ({})", name, fmt::join(columns, ", "));
}

/// An index that a foreign key or a replica identity may need.
std::string CreateIndexOfCopy(const CatalogIndex &index, const std::string &table) {
    std::vector<std::string> keys;
    for (const CatalogIndexKey &key : index.keys)
        keys.push_back((key.column.empty() ? fmt::format("({})", key.expression) : QuoteIdentifier(key.column)) +
                       key.options);
    return fmt::format("CREATE {}INDEX {} ON {} USING {} ({}){}", index.unique ? "UNIQUE " : "",
                       QuoteIdentifier(index.name), table, QuoteIdentifier(index.method), fmt::join(keys, ", "),
                       index.predicate.empty() ? "" : fmt::format(" WHERE {}", index.predicate));
}

void Furnish(const CatalogTable &table, const std::string &name, bool all_indexes, std::vector<std::string> &stage) {
    for (const CatalogIndex &index : table.indexes) {
        if (!index.valid || !(index.unique || all_indexes)) continue;
        stage.push_back(CreateIndexOfCopy(index, name));
        const auto constraint = std::ranges::find(table.constraints, index.constraint, &CatalogConstraint::name);
        if (constraint != table.constraints.end() && constraint->deferrable && constraint->type != 'x')
            stage.push_back(fmt::format("ALTER TABLE {0} ADD CONSTRAINT {1} UNIQUE USING INDEX {1} DEFERRABLE", name,
                                        QuoteIdentifier(index.name)));
    }
}

/// CREATE INDEX CONCURRENTLY cannot be run in a transaction; on an empty table it is the same without.
std::string InTransaction(const Step &step) {
    if (!step.statement.starts_with("CREATE ") || step.phase != Phase::kIndex) return step.statement;
    return boost::replace_first_copy(step.statement, " CONCURRENTLY", "");
}

bool IsRehearsed(const Step &step) {
    const bool is_raw_sql = step.table.empty() && step.object == "sql";
    return (step.phase == Phase::kExpand && !is_raw_sql) || step.phase == Phase::kIndex;
}

}  // namespace

Rehearsal PlanRehearsal(const Migration &migration, const PlanRequest &request, const CatalogSchema &catalog,
                        const Plan &plan, const std::string &stage, ExpressionBinder &binder) {
    Rehearsal rehearsal;
    if (!std::ranges::any_of(plan.steps, IsRehearsed)) return rehearsal;
    const CatalogSchema copy = OnStage(catalog, NamesOnStage(catalog, plan), stage);
    PlanRequest on_stage = request;
    on_stage.schema_name = stage;
    on_stage.sync_function.clear();  // no trigger
    Plan rehearsed = PlanMigration(migration, on_stage, copy, binder);
    for (const Step &step : rehearsed.steps)
        if (IsRehearsed(step))
            rehearsal.statements.push_back({.statement = InTransaction(step), .operation = step.operation});
    rehearsal.owner_queries = std::move(rehearsed.owner_queries);

    const bool all_indexes = std::ranges::any_of(migration.operations, [](const Operation &operation) {
        return std::holds_alternative<SetReplicaIdentity>(operation);
    });
    rehearsal.stage.push_back("CREATE SCHEMA " + QuoteIdentifier(stage));
    std::set<std::string> owners;
    for (const OwnerQuery &query : rehearsal.owner_queries) owners.insert(query.owner);
    for (const std::string &owner : owners)
        rehearsal.stage.push_back(
            fmt::format("GRANT USAGE ON SCHEMA {} TO {}", QuoteIdentifier(stage), QuoteIdentifier(owner)));
    for (const CatalogTable &table : copy.tables) {
        const std::string name = QualifiedName(stage, table.name);
        rehearsal.stage.push_back(CreateCopy(table, name));
        if (owners.contains(table.owner))
            rehearsal.stage.push_back(fmt::format("GRANT SELECT ON {} TO {}", name, QuoteIdentifier(table.owner)));
        Furnish(table, name, all_indexes, rehearsal.stage);
    }
    return rehearsal;
}

ErrorText WithoutStage(ErrorText text, const std::string &stage, const std::string &schema_name) {
    for (std::string *words : {&text.message, &text.detail})
        boost::replace_all(*words, stage, QuoteIdentifier(schema_name));
    return text;
}

ErrorText OfRehearsal(const Migration &migration, const RehearsedStatement &failed, ErrorText text,
                      const std::string &stage, const std::string &schema_name) {
    std::string place;
    if (failed.operation) {
        place = fmt::format("It is in {}.", PlaceOf(migration, *failed.operation));
    } else {
        place = fmt::format("The new version of the table needs: {}.", failed.statement);
        if (text.hint.empty())
            text.hint = "Drop the index or constraint in the same migration, or choose a type that it can be on.";
    }
    if (!text.detail.empty() && !text.detail.ends_with('.')) text.detail += '.';
    text.detail = text.detail.empty() ? place : text.detail + ' ' + place;
    if (text.hint.empty()) text.hint = "Correct this part of the migration and start it again.";
    return WithoutStage(std::move(text), stage, schema_name);
}

}  // namespace pgmigrate
