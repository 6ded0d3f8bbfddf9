// SPDX-License-Identifier: PostgreSQL
// migrate_check(name text, migration text, schema_name name) → rows: what could go wrong, and what to do about it.
#include <fmt/format.h>

#include "api/drift.h"
#include "api/preflight.h"
#include "api/raw_sql.h"
#include "core/identifier.h"
#include "core/sqlstates.h"
#include "pg/boundary.h"
#include "pg/scopes.h"
#include "pg/result_rows.h"

namespace pgmigrate::api {
namespace {

Finding Refusal(const SqlState &state, const ErrorText &text, const std::string &name) {
    std::string message = fmt::format("{} (SQLSTATE {})", text.message, state.code);
    if (!text.detail.empty()) message += ": " + text.detail;
    return {.severity = Severity::kError,
            .check = "plan",
            .object = name,
            .message = std::move(message),
            .hint = text.hint.empty() ? "Correct the migration and check it again." : text.hint,
            .state = state};
}

/// Errors that say something about the migration. Others (the query was cancelled, no memory is left, the server goes
/// down, a deadlock) say something about this call.
bool IsAboutMigration(const SqlState &state) {
    const std::string_view kind(state.code, 2);
    return kind != "57" && kind != "53" && kind != "40" && kind != "58" && kind != "XX";
}

/// Plans as migrate_start would. Empty, and a finding more, if it is refused.
std::optional<Prepared> Plan(Session &session, const std::string &name, const std::string &text,
                             std::vector<Finding> &findings) {
    Prepared prepared;
    try {
        session.catalog().InSubtransaction([&] {
            prepared = Prepare(session, name, text);
            if (HasOperationsBehindRawSql(prepared.migration)) TryRawSql(session, prepared);
        });
    } catch (const Error &error) {
        if (!IsAboutMigration(error.state())) throw;
        findings.push_back(Refusal(error.state(), error.text(), name));
        return std::nullopt;
    } catch (const DatabaseError &error) {
        if (!IsAboutMigration(error.state())) throw;
        findings.push_back(Refusal(error.state(), error.text(), name));
        return std::nullopt;
    }
    for (const std::string &warning : prepared.plan.warnings)
        findings.push_back({.severity = Severity::kWarning,
                            .check = "plan",
                            .object = name,
                            .message = warning,
                            .hint = "The migration can be started, but look at it again."});
    return prepared;
}

void CheckActive(Session &session, bool for_migration, std::vector<Finding> &findings) {
    const std::optional<MigrationRecord> active = session.store().FindActive(session.schema_name());
    if (!active) return;
    findings.push_back({.severity = for_migration ? Severity::kError : Severity::kInfo,
                        .check = "active migration",
                        .object = active->name,
                        .message = fmt::format("migration \"{}\" is active in schema \"{}\" ({})", active->name,
                                               session.schema_name(), StateName(active->state)),
                        .hint = "End it with migrate_complete() or migrate_rollback() before another one starts.",
                        .state = sqlstates::kInUse});
}

void CheckDrift(Session &session, std::vector<Finding> &findings) {
    for (const SchemaDifference &difference : FindDrift(session))
        findings.push_back(
            {.severity = Severity::kWarning,
             .check = "drift",
             .object = QualifiedName(session.schema_name(), difference.table),
             .message = "changed outside of migrations: " + Describe(difference),
             .hint = "The next migration to be completed takes it over; migrate_drift() shows all of it."});
}

std::vector<Finding> FindAll(Session &session, const std::optional<std::string> &name,
                             const std::optional<std::string> &text) {
    std::vector<Finding> findings;
    CheckActive(session, text.has_value(), findings);
    CheckDrift(session, findings);
    std::vector<Finding> found;
    if (!text) {
        found = FindObstacles(session, ReadCatalog(session), nullptr);
    } else if (const std::optional<Prepared> prepared = Plan(session, *name, *text, findings)) {
        found = FindObstacles(session, prepared->catalog, &prepared->plan);
    } else {  // what can be said without knowing what it touches
        CatalogSchema unknown;
        unknown.name = session.schema_name();
        const pgmigrate::Plan nothing;
        found = FindObstacles(session, unknown, &nothing);
    }
    std::ranges::move(found, std::back_inserter(findings));
    SortBySeverity(findings);
    return findings;
}

Datum Check(pg::Arguments arguments) {
    Session session(arguments.RequiredName(2, "schema_name"));
    const auto name = arguments.Optional<std::string>(0);
    const auto text = arguments.Optional<std::string>(1);
    if (name.has_value() != text.has_value())
        throw Error(sqlstates::kNullArgument,
                    {.message = "name and migration belong together",
                     .hint = "Pass both to check a migration, or neither to check the whole schema."});
    pg::SettingsScope patience;
    LimitWaits(patience);
    Rows rows;
    for (const Finding &finding : FindAll(session, name, text))
        rows.values.push_back({std::string(SeverityName(finding.severity)), finding.check,
                               finding.object.empty() ? Value() : Value(finding.object), finding.message,
                               finding.hint});
    return pg::ReturnRows(arguments.call(), rows);
}

}  // namespace
}  // namespace pgmigrate::api

PGMIGRATE_FUNCTION(migrate_check, pgmigrate::api::Check)
