// SPDX-License-Identifier: PostgreSQL
// migrate_adopt_pgroll(schema_name name, pgroll_schema name) → text: pgroll's history of a schema becomes ours, in the
// caller's transaction. pgroll's own table is read, not changed.
#include <fmt/format.h>

#include <utility>

#include "api/session.h"
#include "core/identifier.h"
#include "core/sqlstates.h"
#include "lifecycle/adoption.h"
#include "monitor/drift.h"
#include "pg/boundary.h"

namespace pgmigrate::api {
namespace {

void RequireSchemaOwner(Session &session) {
    const Rows rows = session.catalog().Query(
        "SELECT pg_has_role(nspowner, 'USAGE') AS allowed, pg_get_userbyid(nspowner) AS owner FROM pg_namespace"
        " WHERE nspname = $1",
        {session.schema_name()});
    if (rows.Bool(0, "allowed")) return;
    throw Error(sqlstates::kNotOwner,
                {.message = fmt::format("must be owner of schema {}", session.schema_name()),
                 .detail = fmt::format("The schema belongs to role \"{}\".", rows.Text(0, "owner")),
                 .hint = "Run it as the owner, for example after SET ROLE."});
}

void RequireNoHistory(Session &session) {
    const Rows rows = session.state().Query(
        "SELECT name, (SELECT count(*) FROM pgmigrate.migration WHERE schema_name = $1::name) AS count"
        " FROM pgmigrate.migration WHERE schema_name = $1::name ORDER BY id DESC LIMIT 1",
        {session.schema_name()});
    if (rows.empty()) return;
    throw Error(
        sqlstates::kWrongState,
        {.message = fmt::format("schema \"{}\" has a history already", session.schema_name()),
         .detail = fmt::format("Migrations: {}, the latest is \"{}\".", rows.Int(0, "count"), rows.Text(0, "name")),
         .hint = "A history of pgroll can only be adopted before the first migration of the schema. "
                 "SELECT * FROM migrate_history() lists what is there."});
}

/// Throws unless there is a table that looks like pgroll's and the caller may read it.
void RequirePgrollTable(Session &session, const std::string &pgroll_schema) {
    const std::string table = QualifiedName(pgroll_schema, "migrations");
    const Rows rows = session.catalog().Query(
        "SELECT c.relname, has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS readable,"
        " (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped"
        "   AND a.attname IN ('schema', 'name', 'migration', 'parent', 'done')) = 5 AS fits"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = $1 AND c.relname = 'migrations' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')",
        {pgroll_schema});
    if (rows.empty())
        throw Error(sqlstates::kUndefinedTable, {.message = fmt::format("relation {} does not exist", table),
                                                 .detail = "pgroll keeps its history in this table.",
                                                 .hint = "Pass the schema of pgroll's state as pgroll_schema."});
    if (!rows.Bool(0, "fits"))
        throw Error(sqlstates::kWrongObjectType,
                    {.message = fmt::format("relation {} is not a history of pgroll", table),
                     .detail = "It lacks one of the columns schema, name, migration, parent and done.",
                     .hint = "Pass the schema of pgroll's state as pgroll_schema."});
    if (!rows.Bool(0, "readable"))
        throw Error(sqlstates::kNotOwner,
                    {.message = fmt::format("permission denied for relation {}", table),
                     .hint = fmt::format("Grant USAGE on schema {} and SELECT on the table to the role that adopts it.",
                                         QuoteIdentifier(pgroll_schema))});
}

/// Releases of pgroll differ in the columns they have: a row is read as one value.
std::vector<PgrollMigration> ReadPgroll(Session &session, const std::string &pgroll_schema) {
    const Rows rows = session.catalog().Query(
        fmt::format(
            "SELECT m.v ->> 'name' AS name, coalesce(m.v ->> 'parent', '') AS parent,"
            " CASE WHEN m.v ->> 'migration_type' IN ('baseline', 'inferred') THEN m.v ->> 'migration_type'"
            "      ELSE 'pgroll' END AS kind,"
            " coalesce(m.v #>> '{{migration,version_schema}}', m.v ->> 'name') AS version,"
            " coalesce(m.v -> 'migration', '{{}}') AS definition, coalesce(m.v ->> 'done' = 'true', false) AS done,"
            " coalesce(m.v ->> 'created_at', now()::text) AS created_at,"
            " coalesce(m.v ->> 'updated_at', m.v ->> 'created_at', now()::text) AS updated_at,"
            " nullif(m.v -> 'resulting_schema', '{{}}') AS resulting_schema"
            " FROM (SELECT to_jsonb(t) AS v FROM {} t) m WHERE m.v ->> 'schema' = $1 ORDER BY 1",
            QualifiedName(pgroll_schema, "migrations")),
        {session.schema_name()});
    std::vector<PgrollMigration> migrations;
    for (std::size_t row = 0; row < rows.size(); ++row)
        migrations.push_back({.name = rows.Text(row, "name"),
                              .parent = rows.Text(row, "parent"),
                              .kind = rows.Text(row, "kind"),
                              .version = rows.Text(row, "version"),
                              .definition = rows.Text(row, "definition"),
                              .done = rows.Bool(row, "done"),
                              .created_at = rows.Text(row, "created_at"),
                              .updated_at = rows.Text(row, "updated_at"),
                              .resulting_schema = rows.At(row, "resulting_schema")});
    if (!migrations.empty()) return migrations;
    throw Error(sqlstates::kUndefinedObject,
                {.message = fmt::format("pgroll has no history of schema \"{}\"", session.schema_name()),
                 .hint = "There is nothing to adopt: migrate_start() needs no preparation. For another schema, pass "
                         "schema_name."});
}

void WarnOf(const std::string &message, const std::string &detail, const std::string &hint) {
    const char *const texts[] = {message.c_str(), detail.c_str(), hint.c_str()};
    pg::Call(
        [&texts] { ereport(WARNING, (errmsg("%s", texts[0]), errdetail("%s", texts[1]), errhint("%s", texts[2]))); });
}

/// Compares what pgroll's latest migration left with the tables of now, which the history goes on from.
void WarnOfDifferences(Session &session, const PgrollMigration &latest) {
    if (!latest.resulting_schema) return;
    const Rows now =
        session.catalog().Query("SELECT pgmigrate.read_schema($1::name) AS schema", {session.schema_name()});
    std::string lines;
    for (const SchemaDifference &difference :
         CompareSchemas(*latest.resulting_schema, now.Text(0, "schema"), DefinitionBy::kPgroll))
        lines += (lines.empty() ? "" : "\n") + Describe(difference);
    if (lines.empty()) return;
    WarnOf(fmt::format("schema \"{}\" is not as pgroll left it", session.schema_name()), lines,
           "The history goes on from the tables as they are now.");
}

/// The next completion drops the version schema with the rights of its caller.
void WarnOfForeignVersion(Session &session, const std::string &version_schema) {
    const Rows rows = session.catalog().Query(
        "SELECT DISTINCT pg_get_userbyid(o.owner) AS owner FROM pg_namespace n"
        " CROSS JOIN LATERAL (SELECT n.nspowner AS owner UNION SELECT c.relowner FROM pg_class c"
        "                      WHERE c.relnamespace = n.oid AND c.relkind = 'v') o"
        " WHERE n.nspname = $1 AND NOT pg_has_role(o.owner, 'USAGE') ORDER BY 1 LIMIT 1",
        {version_schema});
    if (rows.empty()) return;
    WarnOf(fmt::format("version schema \"{}\" belongs to role \"{}\"", version_schema, rows.Text(0, "owner")),
           "It is dropped when the next migration is completed.",
           "Complete that migration as a member of this role, or change the owner of the schema and its views.");
}

void WarnOfEventTriggers(Session &session) {
    const Rows rows = session.catalog().Query(
        "SELECT string_agg(quote_ident(evtname), ', ' ORDER BY evtname) AS names FROM pg_event_trigger"
        " WHERE evtname IN ('pg_roll_handle_ddl', 'pg_roll_handle_drop')");
    const Value &names = rows.At(0, "names");
    if (!names) return;
    WarnOf("event triggers of pgroll still watch this database",
           "They record each statement that changes a schema, those of migrations too, in pgroll's history.",
           "Unless pgroll is still used for other schemas, run as a superuser: DROP EVENT TRIGGER " + *names + ";");
}

std::int64_t Insert(Session &session, const std::vector<PgrollMigration> &history) {
    const std::string caller = session.catalog().Query("SELECT current_user AS role").Text(0, "role");
    MigrationRecord record{.id = 0,
                           .schema_name = session.schema_name(),
                           .name = {},
                           .version_schema = {},
                           .previous_version = {},
                           .definition = {},
                           .state = State::kCompleted,
                           .phase = State::kCompleted,
                           .paused = false,
                           .started_by = caller,
                           .search_path = QuoteIdentifier(session.schema_name())};
    for (const PgrollMigration &migration : history) {
        record.name = migration.name;
        record.previous_version = std::exchange(record.version_schema, session.schema_name() + '_' + migration.version);
        record.definition = migration.definition;
        record.id = session.store().InsertAdopted(record, migration);
    }
    return record.id;
}

Datum AdoptPgroll(pg::Arguments arguments) {
    Session session(arguments.RequiredName(0, "schema_name"));
    const std::string pgroll_schema = arguments.RequiredName(1, "pgroll_schema");
    session.Lock();
    RequireSchemaOwner(session);
    RequireNoHistory(session);
    RequirePgrollTable(session, pgroll_schema);
    const std::vector<PgrollMigration> history = OrderHistory(ReadPgroll(session, pgroll_schema));
    WarnOfDifferences(session, history.back());
    const std::int64_t id = Insert(session, history);
    session.store().SaveResultingSchema(id);
    session.store().RecordEvent(*session.store().FindById(id), "adopted",
                                fmt::format("{} migrations of pgroll", history.size()));
    WarnOfEventTriggers(session);
    const std::optional<MigrationRecord> latest = session.store().FindLatestCompleted(session.schema_name());
    if (!latest) return arguments.ReturnNull();
    WarnOfForeignVersion(session, latest->version_schema);
    return pg::Arguments::Return(latest->version_schema);
}

}  // namespace
}  // namespace pgmigrate::api

PGMIGRATE_FUNCTION(migrate_adopt_pgroll, pgmigrate::api::AdoptPgroll)
