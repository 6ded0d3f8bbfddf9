// SPDX-License-Identifier: PostgreSQL
#include "catalog/fill_facts.h"

#include <nlohmann/json.hpp>

namespace pgmigrate {
namespace {

/// A publication carries the table's column through the table itself or a partitioned table above it (whether or not
/// publish_via_partition_root), with all columns or with this one in its list, through its schema or theirs, or because
/// it is for all tables. One that does not publish updates never carries what a fill writes.
constexpr const char *kFacts = R"sql(
SELECT c.oid::regclass::text AS name, c.relpersistence, coalesce(m.amname, '') AS access_method,
       current_setting('server_version_num')::int / 10000 AS version,
       (SELECT min(p.pubname::text) FROM pg_publication p WHERE p.pubupdate AND (
          p.puballtables
          OR EXISTS (SELECT FROM pg_class k JOIN pg_publication_namespace s ON s.pnnspid = k.relnamespace
                      WHERE k.oid = ANY (above.relids) AND s.pnpubid = p.oid)
          OR EXISTS (SELECT FROM pg_publication_rel r
                      WHERE r.prrelid = ANY (above.relids) AND r.prpubid = p.oid AND (r.prattrs IS NULL OR EXISTS (
                        SELECT FROM pg_attribute a JOIN json_array_elements_text($2::json) w(name) ON a.attname = w.name
                         WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)))))) AS publication
  FROM (SELECT $1::oid AS relid UNION SELECT relid FROM pg_partition_tree($1::oid::regclass)) t
  JOIN pg_class c ON c.oid = t.relid AND c.relkind = 'r' LEFT JOIN pg_am m ON m.oid = c.relam
 CROSS JOIN LATERAL (SELECT array_agg(relid::oid) AS relids FROM (
                       SELECT c.oid AS relid UNION SELECT relid FROM pg_partition_ancestors(c.oid)) a) above
 ORDER BY c.oid::regclass::text COLLATE "C")sql";

}  // namespace

std::vector<FillFacts> LoadFillFacts(Database &database, std::int64_t table, const std::vector<std::string> &columns) {
    const Rows rows = database.Query(kFacts, {std::to_string(table), nlohmann::json(columns).dump()});
    std::vector<FillFacts> facts;
    for (std::size_t row = 0; row < rows.size(); ++row)
        facts.push_back({.table = rows.Text(row, "name"),
                         .server_version = static_cast<int>(rows.Int(row, "version")),
                         .persistence = rows.Text(row, "relpersistence").front(),
                         .access_method = rows.Text(row, "access_method"),
                         .publication = rows.TextOr(row, "publication", "")});
    return facts;
}

}  // namespace pgmigrate
