// SPDX-License-Identifier: PostgreSQL
#include "catalog/load_partitions.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/load.h"

namespace pgmigrate {
namespace {

// What a column of the partition key is: the table itself depends on nothing of its own but those.
constexpr const char *kPartitionKeys = R"sql(
SELECT c.oid::bigint AS relation, json_agg(DISTINCT a.attname) AS columns
  FROM pg_class c CROSS JOIN pg_partition_tree(c.oid) t
  JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = t.relid AND d.objsubid > 0 AND d.deptype = 'i'
                  AND d.refclassid = 'pg_class'::regclass AND d.refobjid = t.relid AND d.refobjsubid = 0
  JOIN pg_attribute a ON a.attrelid = t.relid AND a.attnum = d.objsubid
 WHERE c.oid IN (SELECT unnest($1::oid[])) AND c.relkind = 'p' AND NOT c.relispartition GROUP BY c.oid ORDER BY c.oid)sql";

// Objects of a partition's own: what belongs to an index, constraint or trigger of the parent is cared for there.
constexpr const char *kPartitions = R"sql(
SELECT c.oid::bigint AS relation, n.nspname, l.relname, format('%I.%I', n.nspname, l.relname) AS partition,
       t.parentrelid::regclass::text AS parent, l.relkind, pg_has_role(l.relowner, 'USAGE') AS owned, r.rolname AS owner,
       l.reltuples::bigint AS tuples, coalesce(pg_table_size(l.oid), 0) AS bytes,
       (SELECT json_agg(json_build_array(CASE WHEN w.oid IS NULL THEN pg_describe_object(d.classid, d.objid, 0)
                                               ELSE pg_describe_object('pg_class'::regclass, w.ev_class, 0) END, a.attname)
                        ORDER BY d.classid, d.objid, a.attname)
          FROM (SELECT DISTINCT classid, objid, refobjsubid FROM pg_depend
                 WHERE refclassid = 'pg_class'::regclass AND refobjid = l.oid AND refobjsubid > 0) d
          JOIN pg_attribute a ON a.attrelid = l.oid AND a.attnum = d.refobjsubid
          LEFT JOIN pg_class x ON d.classid = 'pg_class'::regclass AND x.oid = d.objid
          LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
          LEFT JOIN pg_trigger g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid
          LEFT JOIN pg_index i ON i.indexrelid = x.oid
          LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
         WHERE d.classid IN ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_statistic_ext'::regclass)
            OR x.relkind IN ('i', 'I') AND (NOT x.relispartition OR i.indisreplident)
            OR k.conparentid = 0 AND k.coninhcount = 0
            OR g.tgparentid = 0 AND NOT g.tgisinternal) AS own_objects
  FROM pg_class c CROSS JOIN pg_partition_tree(c.oid) t JOIN pg_class l ON l.oid = t.relid
  JOIN pg_namespace n ON n.oid = l.relnamespace JOIN pg_roles r ON r.oid = l.relowner
 WHERE c.oid IN (SELECT unnest($1::oid[])) AND c.relkind = 'p' AND NOT c.relispartition AND t.level > 0
 ORDER BY c.oid, t.level, n.nspname, l.relname)sql";

void AddPartition(CatalogTable &table, const Rows &rows, std::size_t row) {
    CatalogPartition partition{.name = rows.Text(row, "partition"),
                               .schema_name = rows.Text(row, "nspname"),
                               .relation_name = rows.Text(row, "relname"),
                               .parent = rows.Text(row, "parent"),
                               .kind = rows.Text(row, "relkind").front(),
                               .owned_by_caller = rows.Bool(row, "owned"),
                               .owner = rows.Text(row, "owner"),
                               .rows = static_cast<double>(rows.Int(row, "tuples")),
                               .bytes = rows.Int(row, "bytes")};
    if (const Value own = rows.At(row, "own_objects"))
        for (const nlohmann::json &object : nlohmann::json::parse(*own))
            partition.own_objects.push_back({.description = object.at(0), .column = object.at(1)});
    if (table.partitions.empty()) table.bytes = 0;
    table.bytes += partition.bytes;
    table.partitions.push_back(std::move(partition));
}

}  // namespace

void LoadPartitions(Database &database, CatalogSchema &schema) {
    const Parameters oids{OidsOfTables(schema)};
    const auto read = [&](const char *query, auto add) {
        const Rows rows = database.Query(query, oids);
        for (std::size_t row = 0; row < rows.size(); ++row) {
            const auto table = std::ranges::find(schema.tables, rows.Int(row, "relation"), &CatalogTable::oid);
            if (table != schema.tables.end()) add(*table, rows, row);
        }
    };
    if (std::ranges::none_of(schema.tables, &CatalogTable::partitioned)) return;
    read(kPartitionKeys, [](CatalogTable &table, const Rows &rows, std::size_t row) {
        table.partition_key = nlohmann::json::parse(rows.Text(row, "columns")).get<std::vector<std::string>>();
    });
    read(kPartitions, AddPartition);
}

}  // namespace pgmigrate
