// SPDX-License-Identifier: PostgreSQL
// The query behind LoadDependents that reads views. Used inside src/catalog only.
#pragma once

namespace pgmigrate {

/// Views that read one of the tables $1, directly or through other views, outside the schemas of the JSON array $2.
inline constexpr const char *kDependentViews = R"sql(
WITH RECURSIVE readers AS (
  SELECT d.refobjid AS relation, d.refobjsubid AS attnum, w.ev_class AS view, 1 AS depth
    FROM pg_depend d JOIN pg_rewrite w ON w.oid = d.objid JOIN pg_class v ON v.oid = w.ev_class
    JOIN pg_namespace n ON n.oid = v.relnamespace JOIN pg_class c ON c.oid = d.refobjid
   WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND c.oid IN (SELECT unnest($1::oid[]))
     AND c.relkind IN ('r', 'p') AND v.relkind IN ('v', 'm')
     AND n.nspname <> ALL (SELECT json_array_elements_text($2::json))
   UNION
  SELECT r.relation, r.attnum, w.ev_class, r.depth + 1
    FROM readers r JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = r.view
    JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid JOIN pg_class v ON v.oid = w.ev_class
   WHERE w.ev_class <> r.view AND v.relkind IN ('v', 'm')
) CYCLE view SET is_cycle USING path,
views AS (
  SELECT r.relation, r.view, max(r.depth) AS depth, bool_or(r.is_cycle) AS is_cycle,
         coalesce(json_agg(DISTINCT a.attname) FILTER (WHERE a.attname IS NOT NULL), '[]') AS columns
    FROM readers r LEFT JOIN pg_attribute a ON a.attrelid = r.relation AND a.attnum = nullif(r.attnum, 0)
   GROUP BY r.relation, r.view
)
SELECT r.relation::bigint AS relation, CASE v.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END AS kind,
       CASE v.relkind WHEN 'v' THEN 'view ' ELSE 'materialized view ' END || q.name AS identity,
       r.columns, r.depth,
       EXISTS (SELECT FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                WHERE w.ev_class = v.oid AND d.refclassid = 'pg_constraint'::regclass) AS groups_by_key, q.name AS on_table, 'DROP VIEW ' || q.name AS drop_statement,
       concat_ws('; ',
         CASE WHEN v.relkind = 'm' THEN 'its rows would have to be computed anew' END,
         CASE WHEN NOT pg_has_role(v.relowner, 'USAGE') THEN format('it belongs to role %I', pg_get_userbyid(v.relowner)) END,
         CASE WHEN v.relpersistence = 't' THEN 'it is temporary' END,
         CASE WHEN r.is_cycle THEN 'it reads itself' END,
         CASE WHEN EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = v.oid AND w.rulename <> '_RETURN') THEN 'it has rules' END,
         CASE WHEN v.relkind = 'v' AND EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = v.oid) THEN 'it has triggers' END,
         CASE WHEN EXISTS (SELECT FROM pg_seclabel l WHERE l.classoid = 'pg_class'::regclass AND l.objoid = v.oid) THEN 'it has security labels' END,
         (SELECT 'it belongs to extension ' || quote_ident(e.extname)
            FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid
           WHERE d.classid = 'pg_class'::regclass AND d.objid = v.oid LIMIT 1),
         (SELECT 'it is used by ' || string_agg(DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid), ', ')
            FROM (SELECT 'pg_class'::regclass, v.oid UNION ALL
                  SELECT 'pg_type'::regclass, unnest(ARRAY[t.oid, t.typarray]) FROM pg_type t WHERE t.oid = v.reltype) x(class, id)
            JOIN pg_depend d ON d.refclassid = x.class AND d.refobjid = x.id
           WHERE d.deptype IN ('n', 'a') AND d.classid NOT IN ('pg_attrdef'::regclass, 'pg_trigger'::regclass)
             AND (d.classid <> 'pg_rewrite'::regclass OR x.class = 'pg_type'::regclass
                  OR NOT EXISTS (SELECT FROM pg_rewrite w JOIN pg_class o ON o.oid = w.ev_class WHERE w.oid = d.objid AND o.relkind IN ('v', 'm')))))
       AS obstacle,
       (SELECT json_agg(s.statement ORDER BY s.position, s.statement)
          FROM (SELECT 1, format('CREATE VIEW %s%s AS%s', q.name,
                                 (SELECT ' WITH (' || string_agg(format('%I = %L', x.option_name, x.option_value), ', ') || ')'
                                    FROM pg_options_to_table(v.reloptions) x),
                                 rtrim(pg_get_viewdef(v.oid), ';'))
                UNION ALL
                SELECT 2, format('ALTER VIEW %s ALTER COLUMN %I SET DEFAULT %s', q.name, a.attname, pg_get_expr(x.adbin, x.adrelid))
                  FROM pg_attrdef x JOIN pg_attribute a ON a.attrelid = x.adrelid AND a.attnum = x.adnum WHERE x.adrelid = v.oid
                UNION ALL
                SELECT 3, format('COMMENT ON VIEW %s IS %L', q.name, o.text)
                  FROM obj_description(v.oid, 'pg_class') o(text) WHERE o.text IS NOT NULL
                UNION ALL
                SELECT 4, format('COMMENT ON COLUMN %s.%I IS %L', q.name, a.attname, o.text)
                  FROM pg_attribute a CROSS JOIN col_description(a.attrelid, a.attnum) o(text)
                 WHERE a.attrelid = v.oid AND a.attnum > 0 AND o.text IS NOT NULL
                UNION ALL
                SELECT 5, format('REVOKE ALL ON %s FROM %s', q.name, coalesce(quote_ident(g.rolname), 'PUBLIC'))  -- default privileges
                  FROM pg_default_acl p CROSS JOIN aclexplode(p.defaclacl) x LEFT JOIN pg_roles g ON g.oid = x.grantee
                 WHERE p.defaclobjtype = 'r' AND p.defaclnamespace IN (0, v.relnamespace) AND x.grantee <> p.defaclrole
                   AND p.defaclrole = (SELECT oid FROM pg_roles WHERE rolname = current_user)
                 GROUP BY 2
                UNION ALL
                SELECT 6, format('GRANT %s ON %s TO %s%s', g.privilege, q.name, coalesce(quote_ident(m.rolname), 'PUBLIC'),
                                 CASE WHEN g.grantable THEN ' WITH GRANT OPTION' END)
                  FROM (SELECT x.grantee, x.privilege_type AS privilege, x.is_grantable AS grantable FROM aclexplode(v.relacl) x
                        UNION ALL
                        SELECT x.grantee, format('%s (%I)', x.privilege_type, a.attname), x.is_grantable
                          FROM pg_attribute a CROSS JOIN aclexplode(a.attacl) x WHERE a.attrelid = v.oid AND NOT a.attisdropped) g
                  LEFT JOIN pg_roles m ON m.oid = g.grantee
                 WHERE g.grantee <> v.relowner AND (g.grantee = 0 OR m.oid IS NOT NULL)
                UNION ALL
                SELECT 7, format('ALTER VIEW %s OWNER TO %I', q.name, pg_get_userbyid(v.relowner))
                 WHERE pg_get_userbyid(v.relowner) <> current_user) s(position, statement)) AS create_statements
  FROM views r JOIN pg_class v ON v.oid = r.view
 CROSS JOIN LATERAL (SELECT v.oid::regclass::text AS name) q
 ORDER BY r.depth, q.name, r.relation)sql";

}  // namespace pgmigrate
