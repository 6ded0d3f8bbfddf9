// SPDX-License-Identifier: PostgreSQL
#include "api/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/raw_sql.h"
#include "api/rehearsal.h"
#include "catalog/load.h"
#include "catalog/partitions.h"
#include "catalog/view_order.h"
#include "core/identifier.h"
#include "core/sqlstates.h"
#include "migration/parse.h"
#include "migration/problem.h"
#include "pg/locks.h"
#include "pg/scopes.h"
#include "pg/settings.h"
#include "sync/expression.h"
#include "worker/workers.h"

namespace pgmigrate::api {
namespace {

class PlanningBinder : public ExpressionBinder {
  public:
    explicit PlanningBinder(std::string search_path) : search_path_(std::move(search_path)) {}

    BoundExpression Bind(const std::string &text, const Scope &scope, const std::string &target_type) override {
        pg::SettingsScope settings;
        settings.Set("search_path", search_path_);
        return binder_.Bind(text, scope, target_type);
    }
    std::string CanonicalType(const std::string &type) override {
        pg::SettingsScope settings;
        settings.Set("search_path", search_path_);
        return binder_.CanonicalType(type);
    }
    TypeText DescribeType(const std::string &type) override {
        pg::SettingsScope settings;
        settings.Set("search_path", search_path_);
        return binder_.DescribeType(type);
    }
    void CheckStatements(const std::string &sql, bool as_of_now) override {
        pg::SettingsScope settings;
        settings.Set("search_path", search_path_);
        binder_.CheckStatements(sql, as_of_now);
    }
    bool NeedsRewrite(const std::string &from, const std::string &to) override {
        return binder_.NeedsRewrite(from, to);  // canonical types are qualified
    }
    bool IsToastable(const std::string &type) override { return binder_.IsToastable(type); }
    DomainRules RulesOfDomain(const std::string &type) override { return binder_.RulesOfDomain(type); }

  private:
    sync::ServerExpressionBinder binder_;
    const std::string search_path_;
};

std::vector<std::string> VersionSchemas(Session &session) {
    const Rows rows = session.state().Query(
        "SELECT version_schema FROM pgmigrate.migration WHERE schema_name = $1::name", {session.schema_name()});
    std::vector<std::string> schemas;
    for (std::size_t row = 0; row < rows.size(); ++row) schemas.push_back(rows.Text(row, "version_schema"));
    return schemas;
}

std::vector<std::string> ViewsOf(Database &catalog, const std::string &schema) {
    const Rows rows = catalog.Query(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = $1 AND c.relkind = 'v' ORDER BY 1",
        {schema});
    std::vector<std::string> views;
    for (std::size_t row = 0; row < rows.size(); ++row) views.push_back(rows.Text(row, "relname"));
    return views;
}

void RequireNewName(Session &session, const std::string &name) {
    if (name.empty())
        throw Error(sqlstates::kInvalidMigration,
                    {.message = "name of the migration must not be empty",
                     .hint = "Pass the file's name without its extension, for example '02_email'."});
    if (const std::optional<MigrationRecord> used = session.store().FindByName(session.schema_name(), name))
        throw Error(
            sqlstates::kDuplicateObject,
            {.message = fmt::format("migration \"{}\" already exists in schema \"{}\"", name, session.schema_name()),
             .detail = fmt::format("It is {}.", StateName(used->state)),
             .hint = "Choose another name; SELECT * FROM migrate_history() lists those used."});
}

void RequireNewVersionSchema(Database &catalog, const std::string &version_schema) {
    if (version_schema.size() > kLongestName)
        throw Error(sqlstates::kNameTooLong,
                    {.message = fmt::format("name of version schema \"{}\" is too long", MakePrintable(version_schema)),
                     .detail = fmt::format("It has {} bytes; PostgreSQL stores at most {}.", version_schema.size(),
                                           kLongestName),
                     .hint = "Set a shorter \"version_schema\" in the migration."});
    if (!catalog.Query("SELECT 1 FROM pg_namespace WHERE nspname = $1", {version_schema}).empty())
        throw Error(sqlstates::kDuplicateSchema,
                    {.message = fmt::format("schema \"{}\" already exists", version_schema),
                     .hint = "Choose another name or \"version_schema\" for the migration, or drop the schema."});
}

/// Whoever has nothing in the schema and may put nothing there must not occupy it with a migration.
void RequireRightInSchema(Database &catalog, const std::string &schema_name) {
    const Rows rows = catalog.Query(
        "SELECT has_schema_privilege(n.oid, 'CREATE') OR EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid"
        " AND c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'USAGE')) AS allowed,"
        " quote_ident(n.nspname) AS schema, quote_ident(current_user) AS role FROM pg_namespace n WHERE n.nspname = $1",
        {schema_name});
    if (rows.empty() || rows.Bool(0, "allowed")) return;
    throw Error(sqlstates::kNotOwner,
                {.message = fmt::format("permission denied for schema {}", rows.Text(0, "schema")),
                 .detail = "A schema is migrated by roles that own tables in it or may create some.",
                 .hint = fmt::format("GRANT CREATE ON SCHEMA {} TO {}", rows.Text(0, "schema"), rows.Text(0, "role"))});
}

void RequireRightToCreateSchemas(Database &catalog) {
    const Rows rows = catalog.Query(
        "SELECT has_database_privilege(current_database(), 'CREATE') AS allowed, quote_ident(current_database()) AS "
        "database,"
        " quote_ident(current_user) AS role");
    if (rows.Bool(0, "allowed")) return;
    throw Error(
        sqlstates::kNotOwner,
        {.message = fmt::format("permission denied for database {}", rows.Text(0, "database")),
         .detail = "A migration creates a version schema.",
         .hint = fmt::format("GRANT CREATE ON DATABASE {} TO {}", rows.Text(0, "database"), rows.Text(0, "role"))});
}

}  // namespace

Session::Session(std::string schema_name)
    : schema_name_(std::move(schema_name)),
      state_(pg::StateDatabase()),
      store_(state_),
      catalog_({.user = InvalidOid, .restricted = false, .search_path = pg::kSafeSearchPath}) {
    worker::StartMissingWorkers();
}

void Session::Lock() {
    const Rows rows = catalog_.Query("SELECT oid::bigint AS oid FROM pg_namespace WHERE nspname = $1", {schema_name_});
    if (rows.empty())
        throw Error(sqlstates::kUndefinedSchema, {.message = fmt::format("schema \"{}\" does not exist", schema_name_),
                                                  .hint = "Pass the schema of the tables to change as schema_name."});
    pg::LockTargetSchema(static_cast<Oid>(rows.Int(0, "oid")));
}

MigrationRecord Session::RequireActive() {
    if (std::optional<MigrationRecord> active = store_.FindActive(schema_name_)) return *std::move(active);
    throw Error(sqlstates::kWrongState,
                {.message = fmt::format("no migration is active in schema \"{}\"", schema_name_),
                 .hint = "Start one with migrate_start(), or pass another schema_name."});
}

void Session::RequireStarter(const MigrationRecord &record) {
    const Rows rows = catalog_.Query(
        "SELECT coalesce((SELECT pg_has_role(current_user, r.oid, 'USAGE') FROM pg_roles r WHERE r.rolname = $1),"
        " (SELECT pg_has_role(current_user, n.nspowner, 'USAGE') FROM pg_namespace n WHERE n.nspname = $2)) AS allowed",
        {record.started_by, schema_name_});
    if (rows.Bool(0, "allowed")) return;
    throw Error(sqlstates::kNotOwner,
                {.message = fmt::format("must be a member of role \"{}\" to change migration \"{}\"", record.started_by,
                                        record.name),
                 .hint = "Run it as the role that started the migration, for example after SET ROLE."});
}

std::unique_ptr<ExpressionBinder> MakeBinder(const std::string &search_path) {
    return std::make_unique<PlanningBinder>(search_path);
}

std::string PlanningSearchPath(const std::string &schema_name) {
    const Rows rows =
        pg::SpiDatabase().Query("SELECT s AS schema FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) s");
    std::string path = QuoteIdentifier(schema_name);
    for (std::size_t row = 0; row < rows.size(); ++row)
        if (rows.Text(row, "schema") != schema_name) path += ", " + QuoteIdentifier(rows.Text(row, "schema"));
    return path + ", pg_temp";
}

void LimitWaits(pg::SettingsScope &settings) {
    settings.Set("lock_timeout", fmt::format("{}ms", std::max(pg::LockDeadline(), pg::LockBudget()).count()));
}

CatalogSchema ReadCatalog(Session &session, const std::string &latest_version, const std::vector<std::int64_t> *only) {
    pg::SettingsScope portable;  // the constants in definitions are to be read under any settings
    LimitWaits(portable);
    portable.Set("datestyle", "ISO");
    portable.Set("intervalstyle", "postgres");
    portable.Set("extra_float_digits", "1");
    CatalogSchema schema = LoadSchema(session.catalog(), session.schema_name(), VersionSchemas(session), only);
    OrderColumnsAsInViews(session.catalog(), latest_version, schema);
    return schema;
}

Prepared Prepare(Session &session, const std::string &name, const std::string &text) {
    Prepared prepared;
    prepared.migration = ParseMigration(text);
    RequireNewName(session, name);
    PlanRequest &request = prepared.request;
    request.schema_name = session.schema_name();
    request.name = name;
    request.version_schema = session.schema_name() + '_' + prepared.migration.version_schema.value_or(name);
    RequireNewVersionSchema(session.catalog(), request.version_schema);
    if (const std::optional<MigrationRecord> previous = session.store().FindLatestCompleted(session.schema_name())) {
        request.previous_version = previous->version_schema;
        request.previous_views = ViewsOf(session.catalog(), previous->version_schema);
    }
    request.search_path = PlanningSearchPath(session.schema_name());
    request.sync_function = QualifiedName(pg::ExtensionSchema(), "pgmigrate_sync");
    if (HasOperationsBehindRawSql(prepared.migration)) request.until = 0;  // nothing is known before it has run
    PlanAgain(session, prepared);
    RequireRightInSchema(session.catalog(), session.schema_name());
    RequireRightToCreateSchemas(session.catalog());
    Rehearse(prepared);
    return prepared;
}

void PlanAgain(Session &session, Prepared &prepared) {
    PlanRequest &request = prepared.request;
    prepared.catalog = ReadCatalog(session, request.previous_version);
    request.previous_rights = ReadVersionRights(session.catalog(), request.previous_version, session.schema_name());
    const std::unique_ptr<ExpressionBinder> binder = MakeBinder(request.search_path);
    prepared.plan = PlanMigration(prepared.migration, request, prepared.catalog, *binder);
}

void LockByName(Session &session, const std::vector<NeededLock> &locks, bool force) {
    std::vector<pg::TableLock> wanted;
    for (const NeededLock &lock : locks)
        for (const std::int64_t oid : FindWithPartitions(session.catalog(), lock.table))
            wanted.push_back({.relation = static_cast<Oid>(oid),
                              .mode = lock.exclusive ? AccessExclusiveLock : ShareRowExclusiveLock});
    pg::LockTables(std::move(wanted), force);
}

void Warn(const std::vector<std::string> &warnings) {
    for (const std::string &warning : warnings) {
        const char *const text = warning.c_str();
        pg::Call([text] { ereport(WARNING, (errmsg("%s", text))); });
    }
}

}  // namespace pgmigrate::api
