// SPDX-License-Identifier: PostgreSQL
#include "catalog/version_rights.h"

#include <algorithm>

namespace pgmigrate {
namespace {

constexpr const char *kRights = R"sql(
SELECT g.kind, g.object, g.part, coalesce(r.rolname, '') AS grantee, g.privilege, g.grantable
  FROM (SELECT 'schema' AS kind, '' AS object, '' AS part, x.grantee, x.privilege_type AS privilege, x.is_grantable AS grantable
          FROM pg_namespace n CROSS JOIN aclexplode(n.nspacl) x
         WHERE n.nspname = $1 AND x.grantee <> n.nspowner AND x.privilege_type = 'USAGE'
        UNION ALL
        SELECT 'view', c.relname, '', x.grantee, x.privilege_type, x.is_grantable
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN aclexplode(c.relacl) x
         WHERE n.nspname = $1 AND c.relkind = 'v' AND x.grantee <> c.relowner
        UNION ALL
        SELECT 'view', c.relname, a.attname, x.grantee, x.privilege_type, x.is_grantable
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_attribute a ON a.attrelid = c.oid CROSS JOIN aclexplode(a.attacl) x
         WHERE n.nspname = $1 AND c.relkind = 'v' AND NOT a.attisdropped AND x.grantee <> c.relowner) g
  LEFT JOIN pg_roles r ON r.oid = g.grantee
 WHERE g.grantee = 0 OR r.oid IS NOT NULL
 ORDER BY g.kind, g.object, g.part, 4, g.privilege, g.grantable)sql";

// Those of the target schema are of interest for the tables of the current user alone. Default privileges that hold for
// all schemas are given to the views by PostgreSQL itself.
constexpr const char *kDefaults = R"sql(
SELECT n.nspname = $2 AS on_target, o.rolname AS role, coalesce(r.rolname, '') AS grantee, x.privilege_type AS privilege,
       x.is_grantable AS grantable, pg_has_role(d.defaclrole, 'USAGE') AS callers,
       CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' ELSE 'TYPES' END AS objects
  FROM pg_default_acl d JOIN pg_namespace n ON n.oid = d.defaclnamespace JOIN pg_roles o ON o.oid = d.defaclrole
 CROSS JOIN aclexplode(d.defaclacl) x LEFT JOIN pg_roles r ON r.oid = x.grantee
 WHERE (n.nspname = $1 OR n.nspname = $2 AND d.defaclobjtype = 'r' AND o.rolname = current_user)
   AND (x.grantee = 0 OR r.oid IS NOT NULL)
 ORDER BY o.rolname, objects, grantee, privilege, grantable)sql";

Grant GrantOf(const Rows &rows, std::size_t row) {
    return {.grantee = rows.Text(row, "grantee"),
            .privilege = rows.Text(row, "privilege"),
            .grantable = rows.Bool(row, "grantable")};
}

void AddOnView(std::vector<ViewGrants> &views, const Rows &rows, std::size_t row) {
    const std::string view = rows.Text(row, "object"), column = rows.Text(row, "part");
    if (views.empty() || views.back().view != view) views.push_back({.view = view, .grants = {}, .columns = {}});
    if (column.empty())
        views.back().grants.push_back(GrantOf(rows, row));
    else
        views.back().columns.push_back({.column = column, .grant = GrantOf(rows, row)});
}

}  // namespace

VersionRights ReadVersionRights(Database &database, const std::string &version_schema,
                                const std::string &target_schema) {
    VersionRights rights;
    const Rows grants = version_schema.empty() ? Rows{} : database.Query(kRights, {version_schema});
    for (std::size_t row = 0; row < grants.size(); ++row) {
        if (grants.Text(row, "kind") == "schema")
            rights.schema.push_back(GrantOf(grants, row));
        else
            AddOnView(rights.views, grants, row);
    }
    const Rows defaults = database.Query(kDefaults, {version_schema, target_schema});
    for (std::size_t row = 0; row < defaults.size(); ++row) {
        if (defaults.Bool(row, "on_target"))
            rights.new_tables.push_back(GrantOf(defaults, row));
        else
            rights.defaults.push_back({.role = defaults.Text(row, "role"),
                                       .objects = defaults.Text(row, "objects"),
                                       .grant = GrantOf(defaults, row),
                                       .role_is_callers = defaults.Bool(row, "callers")});
    }
    return rights;
}

void AddGrantOnce(std::vector<Grant> &grants, const Grant &grant) {
    const auto known = std::ranges::find_if(grants, [&](const Grant &other) {
        return other.grantee == grant.grantee && other.privilege == grant.privilege;
    });
    if (known == grants.end())
        grants.push_back(grant);
    else
        known->grantable |= grant.grantable;
}

}  // namespace pgmigrate
