// SPDX-License-Identifier: PostgreSQL
#include "catalog/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "catalog/dependents.h"
#include "catalog/load_partitions.h"
#include "core/sqlstates.h"

namespace pgmigrate {
namespace {

/// The tables read so far, found by OID while their parts are read.
using TablesByOid = std::unordered_map<std::int64_t, CatalogTable *>;

constexpr const char *kTables = R"sql(
SELECT c.oid::bigint AS oid, c.relname, c.relkind = 'p' AS partitioned, r.rolname AS owner,
       pg_has_role(c.relowner, 'USAGE') AS owned, obj_description(c.oid, 'pg_class') AS comment,
       coalesce(pg_relation_filenode(c.oid), 0)::bigint AS filenode, c.reltuples::bigint AS reltuples,
       coalesce(pg_table_size(c.oid), 0) AS bytes,
       CASE c.relreplident
            WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING'
            WHEN 'i' THEN coalesce((SELECT 'USING INDEX ' || quote_ident(x.relname) FROM pg_index i
                                      JOIN pg_class x ON x.oid = i.indexrelid
                                     WHERE i.indrelid = c.oid AND i.indisreplident), 'NOTHING')
            ELSE 'DEFAULT' END AS replica_identity,
       CASE WHEN c.reloftype <> 0 THEN c.reloftype::regtype::text END AS of_type
  FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
 WHERE c.relnamespace = $1::oid AND c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND ($2::text IS NULL OR c.oid = ANY ($2::oid[]))
 ORDER BY c.relname)sql";

constexpr const char *kColumns = R"sql(
SELECT a.attrelid::bigint AS relation, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) AS type,
       CASE WHEN a.attcollation <> t.typcollation
            THEN (SELECT quote_ident(n.nspname) || '.' || quote_ident(l.collname)
                    FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace WHERE l.oid = a.attcollation)
       END AS collation,
       a.attnotnull, pg_get_expr(d.adbin, d.adrelid) AS default_value, a.attidentity, a.attgenerated <> '' AS generated,
       col_description(a.attrelid, a.attnum) AS comment,
       (SELECT s.objid::regclass::text FROM pg_depend s JOIN pg_class q ON q.oid = s.objid AND q.relkind = 'S'
         WHERE s.classid = 'pg_class'::regclass AND s.refclassid = 'pg_class'::regclass AND s.refobjid = a.attrelid
           AND s.refobjsubid = a.attnum AND s.deptype IN ('a', 'i') LIMIT 1) AS sequence,
       CASE WHEN a.attidentity <> '' THEN
         (SELECT concat_ws(' ', 'START WITH', q.seqstart, 'INCREMENT BY', q.seqincrement,
                           CASE WHEN q.seqmin <> CASE WHEN q.seqincrement > 0 THEN 1 ELSE -l.most - 1 END THEN 'MINVALUE ' || q.seqmin END,
                           CASE WHEN q.seqmax <> CASE WHEN q.seqincrement > 0 THEN l.most ELSE -1 END THEN 'MAXVALUE ' || q.seqmax END,
                           'CACHE', q.seqcache, CASE WHEN q.seqcycle THEN 'CYCLE' END)
            FROM pg_sequence q
           CROSS JOIN LATERAL (SELECT CASE q.seqtypid WHEN 'smallint'::regtype THEN 32767 WHEN 'integer'::regtype THEN 2147483647
                                                      ELSE 9223372036854775807 END AS most) l
           WHERE q.seqrelid = pg_get_serial_sequence(a.attrelid::regclass::text, a.attname)::regclass)
       END AS sequence_options,
       CASE WHEN a.attstorage <> t.typstorage
            THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END
       END AS storage,
       CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
       coalesce(a.attstattarget, -1) AS statistics_target,
       (SELECT string_agg(o.option_name || ' = ' || o.option_value, ', ' ORDER BY o.option_name)
          FROM pg_options_to_table(a.attoptions) o WHERE o.option_name IN ('n_distinct', 'n_distinct_inherited')) AS options
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE c.oid IN (SELECT unnest($1::oid[])) AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attrelid, a.attnum)sql";

// Fields of pg_constraint k that are read of a table's own constraints and of foreign keys that point to it.
constexpr std::string_view kForeignKeyFields = R"sql(
       coalesce((SELECT json_agg(a.attname ORDER BY u.position) FROM unnest(k.conkey) WITH ORDINALITY u(attnum, position)
          JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum), '[]') AS columns,
       k.condeferrable, k.condeferred, k.convalidated,
       coalesce((SELECT json_agg(a.attname ORDER BY u.position) FROM unnest(k.confkey) WITH ORDINALITY u(attnum, position)
          JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum), '[]') AS referenced_columns,
       CASE WHEN k.contype = 'f' THEN concat(
         CASE k.confmatchtype WHEN 'f' THEN ' MATCH FULL' END,
         CASE k.confupdtype WHEN 'r' THEN ' ON UPDATE RESTRICT' WHEN 'c' THEN ' ON UPDATE CASCADE'
                            WHEN 'n' THEN ' ON UPDATE SET NULL' WHEN 'd' THEN ' ON UPDATE SET DEFAULT' END,
         CASE k.confdeltype WHEN 'r' THEN ' ON DELETE RESTRICT' WHEN 'c' THEN ' ON DELETE CASCADE'
                            WHEN 'n' THEN ' ON DELETE SET NULL' WHEN 'd' THEN ' ON DELETE SET DEFAULT' END)
       END AS foreign_key_options,
       coalesce((SELECT json_agg(a.attname ORDER BY u.position) FROM unnest(k.confdelsetcols) WITH ORDINALITY u(attnum, position)
          JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum), '[]') AS delete_set_columns,
)sql";

constexpr std::string_view kConstraintsBefore = R"sql(
SELECT k.conrelid::bigint AS relation, k.conname, k.contype,
       pg_get_expr(k.conbin, k.conrelid) AS check_expression, pg_get_constraintdef(k.oid) AS definition,
       (SELECT relname FROM pg_class WHERE oid = k.conindid) AS index, k.connoinherit,
       coalesce((SELECT json_agg(format('OPERATOR(%I.%s)', n.nspname, o.oprname) ORDER BY u.position)
          FROM unnest(k.conexclop) WITH ORDINALITY u(operator, position)
          JOIN pg_operator o ON o.oid = u.operator JOIN pg_namespace n ON n.oid = o.oprnamespace), '[]') AS exclusion_operators,
       nullif(k.confrelid, 0)::regclass::text AS referenced_table,)sql";
constexpr std::string_view kConstraintsAfter = R"sql(
       obj_description(k.oid, 'pg_constraint') AS comment
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
 WHERE c.oid IN (SELECT unnest($1::oid[])) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND k.contype IN ('c', 'u', 'p', 'f', 'x')
 ORDER BY k.conrelid, k.conname)sql";

constexpr const char *kIndexes = R"sql(
SELECT i.indrelid::bigint AS relation, x.relname, m.amname, i.indisunique, i.indnullsnotdistinct, i.indisvalid,
       i.indisreplident, i.indisclustered, i.indnkeyatts,
       pg_get_expr(i.indpred, i.indrelid) AS predicate, array_to_string(x.reloptions, ', ') AS storage_parameters,
       s.spcname AS tablespace, k.conname AS constraint_name, obj_description(x.oid, 'pg_class') AS comment,
       (SELECT json_agg(json_build_object(
                 'column', a.attname,
                 'expression', CASE WHEN u.attnum = 0 THEN pg_get_indexdef(i.indexrelid, u.position::integer, false) END,
                 'statistics', CASE WHEN u.attnum = 0 THEN coalesce(x2.attstattarget, -1) ELSE -1 END,
                 'options', concat(
                   CASE WHEN l.oid IS NOT NULL THEN ' COLLATE ' || quote_ident(ln.nspname) || '.' || quote_ident(l.collname) END,
                   CASE WHEN NOT o.opcdefault OR x2.attoptions IS NOT NULL
                        THEN ' ' || quote_ident(pn.nspname) || '.' || quote_ident(o.opcname)
                             || coalesce('(' || array_to_string(x2.attoptions, ', ') || ')', '') END,
                   CASE WHEN i.indoption[u.position - 1] & 1 = 1 THEN ' DESC' END,
                   CASE WHEN i.indoption[u.position - 1] = 2 THEN ' NULLS FIRST'
                        WHEN i.indoption[u.position - 1] = 1 THEN ' NULLS LAST' END)) ORDER BY u.position)
          FROM unnest(i.indkey::smallint[]) WITH ORDINALITY u(attnum, position)
          LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum AND u.attnum <> 0
          LEFT JOIN pg_attribute x2 ON x2.attrelid = i.indexrelid AND x2.attnum = u.position
          LEFT JOIN pg_opclass o ON o.oid = i.indclass[u.position - 1]
          LEFT JOIN pg_namespace pn ON pn.oid = o.opcnamespace
          LEFT JOIN pg_collation l ON l.oid = i.indcollation[u.position - 1] AND l.collname <> 'default'
                                  AND (a.attnum IS NULL OR l.oid <> a.attcollation)
          LEFT JOIN pg_namespace ln ON ln.oid = l.collnamespace) AS keys
  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid JOIN pg_am m ON m.oid = x.relam
  LEFT JOIN pg_tablespace s ON s.oid = x.reltablespace
  LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('u', 'p', 'x')
 WHERE c.oid IN (SELECT unnest($1::oid[])) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
 ORDER BY i.indrelid, x.relname)sql";

constexpr std::string_view kIncomingBefore = R"sql(
SELECT k.confrelid::bigint AS relation, k.conname, k.conrelid::regclass::text AS table_name,
       pg_has_role(o.relowner, 'USAGE') AS owned, o.relkind = 'p' AS partitioned,)sql";
constexpr std::string_view kIncomingAfter = R"sql(
       obj_description(k.oid, 'pg_constraint') AS comment
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid JOIN pg_class o ON o.oid = k.conrelid
 WHERE c.oid IN (SELECT unnest($1::oid[])) AND k.contype = 'f' AND k.conparentid = 0
 ORDER BY k.conname, k.conrelid)sql";

constexpr const char *kTriggers = R"sql(
SELECT t.tgrelid::bigint AS relation, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE c.oid IN (SELECT unnest($1::oid[])) AND NOT t.tgisinternal
   AND t.tgtype & 3 = 3  -- TRIGGER_TYPE_ROW | TRIGGER_TYPE_BEFORE
 ORDER BY t.tgname)sql";

// Without those of the caller, who will own the views of the new version.
constexpr const char *kGrants = R"sql(
SELECT c.oid::bigint AS relation, 0 AS attnum, coalesce(r.rolname, '') AS grantee, x.privilege_type, x.is_grantable
  FROM pg_class c CROSS JOIN aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) x
  LEFT JOIN pg_roles r ON r.oid = x.grantee
 WHERE c.oid IN (SELECT unnest($1::oid[])) AND c.relkind IN ('r', 'p') AND x.grantee <> (SELECT oid FROM pg_roles WHERE rolname = current_user)
UNION ALL
SELECT c.oid::bigint, a.attnum, coalesce(r.rolname, ''), x.privilege_type, x.is_grantable
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid CROSS JOIN aclexplode(a.attacl) x
  LEFT JOIN pg_roles r ON r.oid = x.grantee
 WHERE c.oid IN (SELECT unnest($1::oid[])) AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
ORDER BY 1, 2, 3, 4)sql";

// Of identity columns alone: the sequence of a serial column is moved as it is.
constexpr const char *kSequences = R"sql(
SELECT d.refobjid::bigint AS relation, d.refobjsubid AS attnum, obj_description(s.oid, 'pg_class') AS comment,
       (SELECT json_agg(json_build_array(coalesce(r.rolname, ''), x.privilege_type, x.is_grantable) ORDER BY r.rolname, 2)
          FROM aclexplode(s.relacl) x LEFT JOIN pg_roles r ON r.oid = x.grantee WHERE x.grantee <> s.relowner) AS grants
  FROM pg_class s JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.deptype = 'i'
                                  AND d.refclassid = 'pg_class'::regclass
  JOIN pg_class c ON c.oid = d.refobjid
 WHERE s.relkind = 'S' AND c.oid IN (SELECT unnest($1::oid[])) AND (s.relacl IS NOT NULL OR obj_description(s.oid, 'pg_class') IS NOT NULL)
 ORDER BY 1, 2)sql";

constexpr const char *kSchema = R"sql(
SELECT n.oid::bigint AS oid,
       (SELECT json_agg(relname) FROM pg_class WHERE relnamespace = n.oid) AS relation_names,
       (SELECT json_agg(json_build_array(coalesce(r.rolname, ''), x.privilege_type, x.is_grantable) ORDER BY r.rolname, 2)
          FROM aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) x LEFT JOIN pg_roles r ON r.oid = x.grantee
         WHERE x.grantee <> (SELECT oid FROM pg_roles WHERE rolname = current_user) AND x.privilege_type = 'USAGE') AS grants
  FROM pg_namespace n WHERE n.nspname = $1)sql";

std::vector<std::string> Names(const Rows &rows, std::size_t row, std::string_view column) {
    return nlohmann::json::parse(rows.Text(row, column)).get<std::vector<std::string>>();
}

std::string StringOr(const nlohmann::json &value, const char *key) {
    return value.at(key).is_null() ? std::string() : value.at(key).get<std::string>();
}

void AddColumn(CatalogTable &table, const Rows &rows, std::size_t row) {
    table.columns.push_back({.number = static_cast<int>(rows.Int(row, "attnum")),
                             .name = rows.Text(row, "attname"),
                             .type = rows.Text(row, "type"),
                             .collation = rows.TextOr(row, "collation", ""),
                             .not_null = rows.Bool(row, "attnotnull"),
                             .default_value = rows.At(row, "default_value"),
                             .identity = rows.TextOr(row, "attidentity", ""),
                             .generated = rows.Bool(row, "generated"),
                             .comment = rows.At(row, "comment"),
                             .owned_sequence = rows.TextOr(row, "sequence", ""),
                             .sequence_options = rows.TextOr(row, "sequence_options", ""),
                             .storage = rows.TextOr(row, "storage", ""),
                             .compression = rows.TextOr(row, "compression", ""),
                             .statistics_target = static_cast<int>(rows.Int(row, "statistics_target")),
                             .options = rows.TextOr(row, "options", ""),
                             .grants = {}});
}

void AddConstraint(CatalogTable &table, const Rows &rows, std::size_t row) {
    table.constraints.push_back({.name = rows.Text(row, "conname"),
                                 .type = rows.Text(row, "contype").front(),
                                 .columns = Names(rows, row, "columns"),
                                 .check = rows.TextOr(row, "check_expression", ""),
                                 .definition = rows.Text(row, "definition"),
                                 .index = rows.TextOr(row, "index", ""),
                                 .exclusion_operators = Names(rows, row, "exclusion_operators"),
                                 .deferrable = rows.Bool(row, "condeferrable"),
                                 .initially_deferred = rows.Bool(row, "condeferred"),
                                 .no_inherit = rows.Bool(row, "connoinherit"),
                                 .validated = rows.Bool(row, "convalidated"),
                                 .referenced_table = rows.TextOr(row, "referenced_table", ""),
                                 .referenced_columns = Names(rows, row, "referenced_columns"),
                                 .foreign_key_options = rows.TextOr(row, "foreign_key_options", ""),
                                 .delete_set_columns = Names(rows, row, "delete_set_columns"),
                                 .comment = rows.At(row, "comment")});
}

void AddIncoming(CatalogTable &table, const Rows &rows, std::size_t row) {
    table.incoming_foreign_keys.push_back({.name = rows.Text(row, "conname"),
                                           .table = rows.Text(row, "table_name"),
                                           .columns = Names(rows, row, "columns"),
                                           .referenced_columns = Names(rows, row, "referenced_columns"),
                                           .options = rows.TextOr(row, "foreign_key_options", ""),
                                           .delete_set_columns = Names(rows, row, "delete_set_columns"),
                                           .deferrable = rows.Bool(row, "condeferrable"),
                                           .initially_deferred = rows.Bool(row, "condeferred"),
                                           .validated = rows.Bool(row, "convalidated"),
                                           .owned_by_caller = rows.Bool(row, "owned"),
                                           .partitioned = rows.Bool(row, "partitioned"),
                                           .comment = rows.At(row, "comment")});
}

void AddIndex(CatalogTable &table, const Rows &rows, std::size_t row) {
    CatalogIndex index{.name = rows.Text(row, "relname"),
                       .method = rows.Text(row, "amname"),
                       .unique = rows.Bool(row, "indisunique"),
                       .nulls_not_distinct = rows.Bool(row, "indnullsnotdistinct"),
                       .valid = rows.Bool(row, "indisvalid"),
                       .is_replica_identity = rows.Bool(row, "indisreplident"),
                       .is_clustered = rows.Bool(row, "indisclustered"),
                       .keys = {},
                       .included = {},
                       .predicate = rows.TextOr(row, "predicate", ""),
                       .storage_parameters = rows.TextOr(row, "storage_parameters", ""),
                       .tablespace = rows.TextOr(row, "tablespace", ""),
                       .constraint = rows.TextOr(row, "constraint_name", ""),
                       .comment = rows.At(row, "comment")};
    const auto key_count = static_cast<std::size_t>(rows.Int(row, "indnkeyatts"));
    for (const nlohmann::json &key : nlohmann::json::parse(rows.Text(row, "keys"))) {
        if (index.keys.size() < key_count)
            index.keys.push_back({.column = StringOr(key, "column"),
                                  .expression = StringOr(key, "expression"),
                                  .options = StringOr(key, "options"),
                                  .statistics_target = key.value("statistics", -1)});
        else
            index.included.push_back(StringOr(key, "column"));
    }
    table.indexes.push_back(std::move(index));
}

void AddGrant(CatalogTable &table, const Rows &rows, std::size_t row) {
    const Grant grant{.grantee = rows.Text(row, "grantee"),
                      .privilege = rows.Text(row, "privilege_type"),
                      .grantable = rows.Bool(row, "is_grantable")};
    const std::int64_t number = rows.Int(row, "attnum");
    if (number == 0) {
        table.grants.push_back(grant);
        return;
    }
    for (CatalogColumn &column : table.columns)
        if (column.number == number) column.grants.push_back(grant);
}

std::vector<Grant> GrantList(const Value &json) {
    std::vector<Grant> grants;
    if (json)
        for (const nlohmann::json &grant : nlohmann::json::parse(*json))
            grants.push_back({.grantee = grant.at(0), .privilege = grant.at(1), .grantable = grant.at(2)});
    return grants;
}

void AddSequence(CatalogTable &table, const Rows &rows, std::size_t row) {
    for (CatalogColumn &column : table.columns) {
        if (column.number != rows.Int(row, "attnum")) continue;
        column.sequence_comment = rows.At(row, "comment");
        column.sequence_grants = GrantList(rows.At(row, "grants"));
    }
}

std::string WithForeignKeyFields(std::string_view before, std::string_view after) {
    return std::string(before) + std::string(kForeignKeyFields) + std::string(after);
}

/// Runs a query whose rows name the table they belong to, and hands each row to `add`.
template <typename Add>
void ReadParts(Database &database, const std::string &query, const Parameters &parameters, const TablesByOid &tables,
               Add add) {
    const Rows rows = database.Query(query, parameters);
    for (std::size_t row = 0; row < rows.size(); ++row)
        if (const auto found = tables.find(rows.Int(row, "relation")); found != tables.end())
            add(*found->second, rows, row);
}

CatalogSchema LoadSchemaItself(Database &database, const std::string &name) {
    const Rows rows = database.Query(kSchema, {name});
    if (rows.empty())
        throw Error(sqlstates::kUndefinedSchema, {.message = fmt::format("schema \"{}\" does not exist", name),
                                                  .hint = "Pass the schema of the tables to change as schema_name."});
    CatalogSchema schema{.oid = rows.Int(0, "oid"), .name = name, .tables = {}, .relation_names = {}, .grants = {}};
    if (rows.At(0, "relation_names"))
        schema.relation_names = nlohmann::json::parse(rows.Text(0, "relation_names")).get<std::set<std::string>>();
    schema.grants = GrantList(rows.At(0, "grants"));
    return schema;
}

std::string OidArray(const std::vector<std::int64_t> &oids) { return fmt::format("{{{}}}", fmt::join(oids, ",")); }

void LoadTables(Database &database, const std::vector<std::int64_t> *only, CatalogSchema &schema) {
    const Rows rows =
        database.Query(kTables, {std::to_string(schema.oid), only == nullptr ? Value() : Value(OidArray(*only))});
    for (std::size_t row = 0; row < rows.size(); ++row)
        schema.tables.push_back({.oid = rows.Int(row, "oid"),
                                 .name = rows.Text(row, "relname"),
                                 .partitioned = rows.Bool(row, "partitioned"),
                                 .owner = rows.Text(row, "owner"),
                                 .owned_by_caller = rows.Bool(row, "owned"),
                                 .comment = rows.At(row, "comment"),
                                 .filenode = rows.Int(row, "filenode"),
                                 .rows = static_cast<double>(rows.Int(row, "reltuples")),
                                 .bytes = rows.Int(row, "bytes"),
                                 .columns = {},
                                 .constraints = {},
                                 .indexes = {},
                                 .incoming_foreign_keys = {},
                                 .dependents = {},
                                 .before_row_triggers = {},
                                 .grants = {},
                                 .of_type = rows.TextOr(row, "of_type", ""),
                                 .replica_identity = rows.Text(row, "replica_identity")});
}

}  // namespace

std::string OidsOfTables(const CatalogSchema &schema) {
    std::vector<std::int64_t> oids;
    for (const CatalogTable &table : schema.tables) oids.push_back(table.oid);
    return OidArray(oids);
}

CatalogSchema LoadSchema(Database &database, const std::string &name, const std::vector<std::string> &version_schemas,
                         const std::vector<std::int64_t> *only) {
    CatalogSchema schema = LoadSchemaItself(database, name);
    LoadTables(database, only, schema);
    const Parameters oids{OidsOfTables(schema)};

    TablesByOid tables;
    for (CatalogTable &table : schema.tables) tables.emplace(table.oid, &table);
    ReadParts(database, kColumns, oids, tables, AddColumn);
    ReadParts(database, WithForeignKeyFields(kConstraintsBefore, kConstraintsAfter), oids, tables, AddConstraint);
    ReadParts(database, kIndexes, oids, tables, AddIndex);
    ReadParts(database, kGrants, oids, tables, AddGrant);
    ReadParts(database, kSequences, oids, tables, AddSequence);
    ReadParts(database, WithForeignKeyFields(kIncomingBefore, kIncomingAfter), oids, tables, AddIncoming);
    ReadParts(database, kTriggers, oids, tables, [](CatalogTable &table, const Rows &rows, std::size_t row) {
        table.before_row_triggers.push_back(rows.Text(row, "tgname"));
    });
    LoadDependents(database, version_schemas, schema);
    LoadPartitions(database, schema);
    return schema;
}

bool SameDefinition(const CatalogTable &left, const CatalogTable &right) {
    const auto definition = [](const CatalogTable &table) {
        return std::tie(table.oid, table.name, table.partitioned, table.owner, table.columns, table.constraints,
                        table.indexes, table.incoming_foreign_keys, table.dependents, table.before_row_triggers);
    };
    return definition(left) == definition(right) && left.partition_key == right.partition_key &&
           std::ranges::equal(
               left.partitions, right.partitions,
               [](const CatalogPartition &one, const CatalogPartition &other) { return one.SameDefinition(other); });
}

}  // namespace pgmigrate
