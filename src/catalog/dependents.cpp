// SPDX-License-Identifier: PostgreSQL
// PostgreSQL records in pg_depend what an object reads, column by column; its own functions print the definitions.
#include "catalog/dependents.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "catalog/dependent_views.h"
#include "catalog/load.h"

namespace pgmigrate {
namespace {

// UPDATE OF columns and the columns of a WHEN condition are recorded alike.
constexpr const char *kTriggers = R"sql(
SELECT t.tgrelid::bigint AS relation, 'trigger' AS kind, format('trigger %I on %s', t.tgname, t.tgrelid::regclass) AS identity,
       r.columns, 0 AS depth, false AS groups_by_key, t.tgrelid::regclass::text AS on_table, '' AS obstacle,
       format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass) AS drop_statement,
       (SELECT json_agg(s.statement ORDER BY s.position)
          FROM (SELECT 1, pg_get_triggerdef(t.oid)
                UNION ALL
                SELECT 2, format('ALTER TABLE %s %s TRIGGER %I', t.tgrelid::regclass,
                                 CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, t.tgname)
                 WHERE t.tgenabled <> 'O'
                UNION ALL
                SELECT 3, format('COMMENT ON TRIGGER %I ON %s IS %L', t.tgname, t.tgrelid::regclass, o.text)
                  FROM obj_description(t.oid, 'pg_trigger') o(text) WHERE o.text IS NOT NULL) s(position, statement)) AS create_statements
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 CROSS JOIN LATERAL (SELECT json_agg(DISTINCT a.attname) AS columns
                       FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                      WHERE d.classid = 'pg_trigger'::regclass AND d.objid = t.oid AND d.refclassid = 'pg_class'::regclass
                        AND d.refobjid = t.tgrelid AND d.refobjsubid > 0) r
 WHERE c.oid IN (SELECT unnest($1::oid[])) AND NOT t.tgisinternal AND r.columns IS NOT NULL
 ORDER BY t.tgrelid, t.tgname)sql";

// A policy may read other tables than its own.
constexpr const char *kPolicies = R"sql(
SELECT r.relation::bigint AS relation, 'policy' AS kind, format('policy %I on %s', p.polname, p.polrelid::regclass) AS identity,
       r.columns, 0 AS depth, false AS groups_by_key, p.polrelid::regclass::text AS on_table,
       CASE WHEN NOT pg_has_role(c.relowner, 'USAGE') THEN format('its table belongs to role %I', pg_get_userbyid(c.relowner)) ELSE '' END AS obstacle,
       format('DROP POLICY %I ON %s', p.polname, p.polrelid::regclass) AS drop_statement,
       (SELECT json_agg(s.statement ORDER BY s.position)
          FROM (SELECT 1, format('CREATE POLICY %I ON %s AS %s FOR %s TO %s', p.polname, p.polrelid::regclass,
                                 CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
                                 CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
                                 (SELECT string_agg(CASE WHEN m.role = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(m.role)) END, ', ' ORDER BY m.position)
                                    FROM unnest(p.polroles) WITH ORDINALITY m(role, position)))
                          || coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
                          || coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')
                UNION ALL
                SELECT 2, format('COMMENT ON POLICY %I ON %s IS %L', p.polname, p.polrelid::regclass, o.text)
                  FROM obj_description(p.oid, 'pg_policy') o(text) WHERE o.text IS NOT NULL) s(position, statement)) AS create_statements
  FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
 CROSS JOIN LATERAL (SELECT d.refobjid AS relation, coalesce(json_agg(DISTINCT a.attname) FILTER (WHERE a.attname IS NOT NULL), '[]') AS columns
                       FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid AND t.oid IN (SELECT unnest($1::oid[]))
                       LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = nullif(d.refobjsubid, 0)
                      WHERE d.classid = 'pg_policy'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_class'::regclass
                        AND (d.refobjsubid > 0 OR d.refobjid <> p.polrelid)
                      GROUP BY d.refobjid) r
 ORDER BY p.polrelid, p.polname)sql";

// PostgreSQL drops them silently with any of their columns.
constexpr const char *kStatistics = R"sql(
SELECT e.stxrelid::bigint AS relation, 'statistics' AS kind, 'statistics ' || n.name AS identity,
       r.columns, 0 AS depth, false AS groups_by_key, e.stxrelid::regclass::text AS on_table,
       CASE WHEN NOT pg_has_role(e.stxowner, 'USAGE') THEN format('it belongs to role %I', pg_get_userbyid(e.stxowner)) ELSE '' END AS obstacle,
       'DROP STATISTICS ' || n.name AS drop_statement,
       (SELECT json_agg(s.statement ORDER BY s.position)
          FROM (SELECT 1, pg_get_statisticsobjdef(e.oid)
                UNION ALL
                SELECT 2, format('ALTER STATISTICS %s SET STATISTICS %s', n.name, e.stxstattarget) WHERE e.stxstattarget >= 0
                UNION ALL
                SELECT 3, format('COMMENT ON STATISTICS %s IS %L', n.name, o.text)
                  FROM obj_description(e.oid, 'pg_statistic_ext') o(text) WHERE o.text IS NOT NULL
                UNION ALL
                SELECT 4, format('ALTER STATISTICS %s OWNER TO %I', n.name, pg_get_userbyid(e.stxowner))
                 WHERE pg_get_userbyid(e.stxowner) <> current_user) s(position, statement)) AS create_statements
  FROM pg_statistic_ext e JOIN pg_class c ON c.oid = e.stxrelid
  JOIN LATERAL (SELECT format('%I.%I', s.nspname, e.stxname) AS name FROM pg_namespace s WHERE s.oid = e.stxnamespace) n ON true
 CROSS JOIN LATERAL (SELECT json_agg(DISTINCT a.attname) AS columns
                       FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                      WHERE d.classid = 'pg_statistic_ext'::regclass AND d.objid = e.oid AND d.refclassid = 'pg_class'::regclass
                        AND d.refobjsubid > 0) r
 WHERE c.oid IN (SELECT unnest($1::oid[])) AND r.columns IS NOT NULL
 ORDER BY n.name)sql";

// Publications with a list of columns or a condition on rows; plain membership is the table's and stays.
constexpr const char *kPublications = R"sql(
SELECT m.prrelid::bigint AS relation, 'publication' AS kind, format('table %s in publication %I', m.prrelid::regclass, p.pubname) AS identity,
       r.columns, 0 AS depth, false AS groups_by_key, m.prrelid::regclass::text AS on_table,
       CASE WHEN NOT pg_has_role(p.pubowner, 'USAGE') THEN format('the publication belongs to role %I', pg_get_userbyid(p.pubowner)) ELSE '' END AS obstacle,
       format('ALTER PUBLICATION %I DROP TABLE ONLY %s', p.pubname, m.prrelid::regclass) AS drop_statement,
       json_build_array(format('ALTER PUBLICATION %I ADD TABLE ONLY %s%s%s', p.pubname, m.prrelid::regclass,
         (SELECT ' (' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')'
            FROM pg_attribute a WHERE a.attrelid = m.prrelid AND a.attnum = ANY (m.prattrs::smallint[])),
         ' WHERE (' || pg_get_expr(m.prqual, m.prrelid) || ')')) AS create_statements
  FROM pg_publication_rel m JOIN pg_publication p ON p.oid = m.prpubid JOIN pg_class c ON c.oid = m.prrelid
 CROSS JOIN LATERAL (SELECT json_agg(DISTINCT a.attname) AS columns
                       FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                      WHERE d.classid = 'pg_publication_rel'::regclass AND d.objid = m.oid AND d.refclassid = 'pg_class'::regclass
                        AND d.refobjsubid > 0) r
 WHERE c.oid IN (SELECT unnest($1::oid[])) AND r.columns IS NOT NULL
 ORDER BY p.pubname, m.prrelid)sql";

// Everything else: functions with a body that PostgreSQL has parsed (BEGIN ATOMIC), rules of tables, whatever uses the
// table's row type, inheritance children. Constraints, defaults and indexes are carried over by planning itself.
constexpr const char *kOthers = R"sql(
SELECT c.oid::bigint AS relation, CASE WHEN d.refclassid = 'pg_type'::regclass THEN 'row type' ELSE 'other' END AS kind,
       pg_describe_object(d.classid, d.objid, d.objsubid) AS identity,
       coalesce(json_agg(DISTINCT a.attname) FILTER (WHERE a.attname IS NOT NULL), '[]') AS columns, 0 AS depth, false AS groups_by_key,
       CASE WHEN w.ev_class = c.oid THEN c.oid::regclass::text ELSE '' END AS on_table,  -- a rule of the table itself
       'it cannot be made anew' AS obstacle, '' AS drop_statement, json_build_array() AS create_statements
  FROM pg_class c
 CROSS JOIN LATERAL (SELECT 'pg_class'::regclass, c.oid UNION ALL
                     SELECT 'pg_type'::regclass, unnest(ARRAY[t.oid, t.typarray]) FROM pg_type t WHERE t.oid = c.reltype) x(class, id)
  JOIN pg_depend d ON d.refclassid = x.class AND d.refobjid = x.id
  LEFT JOIN pg_attribute a ON d.refclassid = 'pg_class'::regclass AND a.attrelid = d.refobjid AND a.attnum = nullif(d.refobjsubid, 0)
  LEFT JOIN pg_class o ON d.classid = 'pg_class'::regclass AND o.oid = d.objid
  LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
  LEFT JOIN pg_class v ON v.oid = w.ev_class
 WHERE c.oid IN (SELECT unnest($1::oid[])) AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND d.deptype IN ('n', 'a')
   AND d.classid NOT IN ('pg_trigger'::regclass, 'pg_policy'::regclass, 'pg_statistic_ext'::regclass, 'pg_publication_rel'::regclass,
                         'pg_constraint'::regclass, 'pg_attrdef'::regclass)
   AND (o.oid IS NULL OR o.relkind IN ('r', 'p', 'f', 'c') AND NOT o.relispartition)
   AND (w.oid IS NULL OR v.relkind NOT IN ('v', 'm') AND (w.ev_class <> c.oid OR d.refobjsubid > 0))
 GROUP BY c.oid, w.ev_class, d.refclassid, d.classid, d.objid, d.objsubid
 ORDER BY 3)sql";

using TablesByOid = std::unordered_map<std::int64_t, CatalogTable *>;

std::vector<std::string> Strings(const Rows &rows, std::size_t row, std::string_view column) {
    return nlohmann::json::parse(rows.Text(row, column)).get<std::vector<std::string>>();
}

void AddDependents(const Rows &rows, const TablesByOid &tables) {
    for (std::size_t row = 0; row < rows.size(); ++row)
        if (const auto found = tables.find(rows.Int(row, "relation")); found != tables.end())
            found->second->dependents.push_back({.kind = rows.Text(row, "kind"),
                                                 .identity = rows.Text(row, "identity"),
                                                 .columns = Strings(rows, row, "columns"),
                                                 .depth = static_cast<int>(rows.Int(row, "depth")),
                                                 .groups_by_key = rows.Bool(row, "groups_by_key"),
                                                 .relation = rows.Text(row, "on_table"),
                                                 .drop = rows.Text(row, "drop_statement"),
                                                 .create = Strings(rows, row, "create_statements"),
                                                 .obstacle = rows.Text(row, "obstacle")});
}

}  // namespace

void LoadDependents(Database &database, const std::vector<std::string> &version_schemas, CatalogSchema &schema) {
    const std::string oids = OidsOfTables(schema);
    TablesByOid tables;
    for (CatalogTable &table : schema.tables) tables.emplace(table.oid, &table);
    AddDependents(database.Query(kDependentViews, {oids, nlohmann::json(version_schemas).dump()}), tables);
    for (const char *const query : {kTriggers, kPolicies, kStatistics, kPublications, kOthers})
        AddDependents(database.Query(query, {oids}), tables);
}

}  // namespace pgmigrate
