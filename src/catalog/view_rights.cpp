// SPDX-License-Identifier: PostgreSQL
#include "catalog/view_rights.h"

namespace pgmigrate {
namespace {

constexpr const char *kRights = R"sql(
SELECT v.oid::bigint AS oid, v.view, format('GRANT %s ON %s TO %s%s', g.privilege, v.view, coalesce(quote_ident(r.rolname), 'PUBLIC'),
                      CASE WHEN g.grantable THEN ' WITH GRANT OPTION' END) AS statement, 1 AS position
  FROM (SELECT c.*, format('%I.%I', n.nspname, c.relname) AS view
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'v') v
 CROSS JOIN LATERAL (
       SELECT x.grantee, x.privilege_type AS privilege, x.is_grantable AS grantable FROM aclexplode(v.relacl) x
       UNION ALL
       SELECT x.grantee, format('%s (%I)', x.privilege_type, a.attname), x.is_grantable
         FROM pg_attribute a CROSS JOIN aclexplode(a.attacl) x WHERE a.attrelid = v.oid AND NOT a.attisdropped) g
  LEFT JOIN pg_roles r ON r.oid = g.grantee
 WHERE g.grantee <> v.relowner AND (g.grantee = 0 OR r.oid IS NOT NULL)
UNION ALL
SELECT c.oid::bigint, format('%I.%I', n.nspname, c.relname),
       format('ALTER VIEW %I.%I OWNER TO %I', n.nspname, c.relname, pg_get_userbyid(c.relowner)), 2
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'v'
ORDER BY position, view, statement)sql";

}  // namespace

std::vector<ViewRight> ReadViewRights(Database &database, const std::string &schema) {
    const Rows rows = database.Query(kRights, {schema});
    std::vector<ViewRight> rights;
    for (std::size_t row = 0; row < rows.size(); ++row)
        rights.push_back(
            {.oid = rows.Int(row, "oid"), .view = rows.Text(row, "view"), .statement = rows.Text(row, "statement")});
    return rights;
}

std::vector<std::string> OfRemadeViews(Database &database, const std::vector<ViewRight> &rights) {
    std::vector<std::string> statements;
    for (const ViewRight &right : rights) {
        const Rows now = database.Query("SELECT coalesce(to_regclass($1)::oid, 0)::bigint AS oid", {right.view});
        if (now.Int(0, "oid") != 0 && now.Int(0, "oid") != right.oid) statements.push_back(right.statement);
    }
    return statements;
}

}  // namespace pgmigrate
