// SPDX-License-Identifier: PostgreSQL
// What ties the tables to each other: foreign keys, constraints, indexes, and what reads them.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "lifecycle/preflight.h"
#include "lifecycle/reference_cycles.h"

namespace pgmigrate {
namespace {

std::set<std::string> QualifiedNames(const PreflightInput &input) {
    std::set<std::string> names;
    for (const TableFacts &table : input.tables) names.insert(QualifiedName(input.catalog.name, table.name));
    return names;
}

void CheckForeignKeys(const PreflightInput &input, std::vector<Finding> &findings) {
    const std::set<std::string> tables = QualifiedNames(input);
    for (const ForeignKeyEdge &edge : input.foreign_keys) {
        if (!tables.contains(edge.from) && !tables.contains(edge.to)) continue;
        findings.push_back(
            {.severity = Severity::kInfo,
             .check = "foreign keys",
             .object = edge.from,
             .message = fmt::format("foreign key {} refers to {}", QuoteIdentifier(edge.name), edge.to),
             .hint = "A change of its columns, or of those it refers to, locks both tables for a moment."});
    }
}

void CheckCycles(const PreflightInput &input, std::vector<Finding> &findings) {
    const std::set<std::string> tables = QualifiedNames(input);
    for (const std::vector<std::string> &cycle : FindReferenceCycles(input.foreign_keys)) {
        if (std::ranges::none_of(cycle, [&](const std::string &table) { return tables.contains(table); })) continue;
        const bool risk = input.plan != nullptr && cycle.size() > 2;
        findings.push_back({.severity = risk ? Severity::kWarning : Severity::kInfo,
                            .check = "foreign key cycles",
                            .object = cycle.front(),
                            .message = fmt::format("foreign keys form a cycle: {}", NameOfCycle(cycle)),
                            .hint =
                                "Changes of a key in a cycle need the locks of all its tables: change one key in one "
                                "migration, and load data with deferrable constraints."});
    }
}

void CheckIndex(const CatalogIndex &index, const std::string &table, const TableChange *change,
                std::vector<Finding> &findings) {
    if (index.valid) return;
    const bool lost =
        index.unique && change != nullptr && std::ranges::any_of(index.keys, [&](const CatalogIndexKey &key) {
            return std::ranges::find(change->gone_columns, key.column) != change->gone_columns.end();
        });
    findings.push_back({.severity = lost ? Severity::kError : Severity::kWarning,
                        .check = "invalid indexes",
                        .object = table,
                        .message = lost ? fmt::format("unique index {} of table {} is not valid, and the migration "
                                                      "replaces or drops one of its columns",
                                                      QuoteIdentifier(index.name), table)
                                        : fmt::format("index {} is not valid", QuoteIdentifier(index.name)),
                        .hint = "Build it anew (REINDEX INDEX CONCURRENTLY) or drop it (DROP INDEX CONCURRENTLY).",
                        .state = sqlstates::kWrongState});
}

/// What reads the table. Planning refuses a change that it would not survive; triggers and the like are listed anyway.
void CheckDependent(const Dependent &dependent, const std::string &table, std::vector<Finding> &findings) {
    const bool listed = dependent.kind == "trigger" || dependent.kind == "policy" || dependent.kind == "publication";
    // A child table depends on its parent; CheckTables tells of it.
    if ((listed && dependent.obstacle.empty()) ||
        (dependent.kind == "other" && dependent.identity.starts_with("table ")))
        return;
    std::string message = dependent.identity + " reads ";
    message += dependent.columns.empty() ? "it" : QuoteIdentifiers(dependent.columns);
    std::string hint =
        "Completion makes it anew when a migration replaces one of the columns; none of them can be dropped.";
    if (!dependent.obstacle.empty()) {
        message += "; " + dependent.obstacle;
        hint =
            "Drop it before a migration that replaces or drops one of the columns, and create it anew after "
            "completion.";
    }
    findings.push_back({.severity = Severity::kInfo,
                        .check = "dependent objects",
                        .object = table,
                        .message = std::move(message),
                        .hint = std::move(hint)});
}

void CheckParts(const CatalogTable &table, const PreflightInput &input, std::vector<Finding> &findings) {
    const std::string name = QualifiedName(input.catalog.name, table.name);
    const TableChange *change = nullptr;
    if (input.plan != nullptr) {
        const auto found = std::ranges::find(input.plan->table_changes, table.name, &TableChange::table);
        if (found != input.plan->table_changes.end()) change = &*found;
    }
    for (const CatalogIndex &index : table.indexes) CheckIndex(index, name, change, findings);
    for (const CatalogConstraint &constraint : table.constraints)
        if (!constraint.validated)
            findings.push_back(
                {.severity = Severity::kInfo,
                 .check = "constraints",
                 .object = name,
                 .message = fmt::format("constraint {} is not validated", QuoteIdentifier(constraint.name)),
                 .hint = fmt::format("Existing rows may break it. ALTER TABLE {} VALIDATE CONSTRAINT {};", name,
                                     QuoteIdentifier(constraint.name))});
    for (const Dependent &dependent : table.dependents) CheckDependent(dependent, name, findings);
}

}  // namespace

void CheckKeys(const PreflightInput &input, std::vector<Finding> &findings) {
    CheckForeignKeys(input, findings);
    CheckCycles(input, findings);
    for (const TableFacts &facts : input.tables) {
        const auto table = std::ranges::find(input.catalog.tables, facts.name, &CatalogTable::name);
        if (table != input.catalog.tables.end()) CheckParts(*table, input, findings);
    }
}

}  // namespace pgmigrate
