// SPDX-License-Identifier: PostgreSQL
#include "catalog/created_objects.h"

#include <fmt/format.h>

#include <boost/container/flat_map.hpp>
#include <vector>

namespace pgmigrate {
namespace {

constexpr const char *kObjects = R"sql(
SELECT CASE c.relkind WHEN 'v' THEN 1 WHEN 'm' THEN 2 WHEN 'f' THEN 3 WHEN 'S' THEN 5 ELSE 4 END AS position,
       CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE'
                      WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
       c.oid::regclass::text AS identity
  FROM pg_class c
 WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
                      AND d.refclassid = 'pg_class'::regclass)
UNION ALL
SELECT 6, CASE p.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END, p.oid::regprocedure::text
  FROM pg_proc p WHERE p.pronamespace = $1::regnamespace
UNION ALL
SELECT 7, 'TYPE', t.oid::regtype::text
  FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
 WHERE t.typnamespace = $1::regnamespace AND (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND c.relkind = 'c')))sql";

}  // namespace

std::set<SchemaObject> ListObjects(Database &database, const std::string &schema_name) {
    const Rows oid = database.Query("SELECT oid FROM pg_namespace WHERE nspname = $1", {schema_name});
    if (oid.empty()) return {};
    const Rows rows = database.Query(kObjects, {oid.Text(0, "oid")});
    std::set<SchemaObject> objects;
    for (std::size_t row = 0; row < rows.size(); ++row)
        objects.insert({.order = static_cast<int>(rows.Int(row, "position")),
                        .kind = rows.Text(row, "kind"),
                        .identity = rows.Text(row, "identity")});
    return objects;
}

std::string DropCreated(const std::set<SchemaObject> &before, const std::set<SchemaObject> &after) {
    boost::container::flat_map<std::pair<int, std::string>, std::vector<std::string>> created;
    for (const SchemaObject &object : after)
        if (!before.contains(object)) created[{object.order, object.kind}].push_back(object.identity);
    std::string statements;
    for (const auto &[kind, identities] : created)
        statements += fmt::format("{}DROP {} IF EXISTS {}", statements.empty() ? "" : "; ", kind.second,
                                  fmt::join(identities, ", "));
    return statements;
}

}  // namespace pgmigrate
