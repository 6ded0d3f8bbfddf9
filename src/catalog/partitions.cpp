// SPDX-License-Identifier: PostgreSQL
#include "catalog/partitions.h"

#include <fmt/format.h>

#include "core/identifier.h"

namespace pgmigrate {
namespace {

constexpr const char *kIndexes = R"sql(
SELECT n.nspname, x.relname, t.relname AS table_name, coalesce(k.contype::text, '') AS contype,
       (SELECT string_agg(coalesce(a.attname, e.attname), '_' ORDER BY u.position)
          FROM unnest(i.indkey::smallint[]) WITH ORDINALITY u(attnum, position)
          LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum AND u.attnum <> 0
          LEFT JOIN pg_attribute e ON e.attrelid = i.indexrelid AND e.attnum = u.position
         WHERE u.position <= i.indnkeyatts) AS columns
  FROM pg_partition_tree(to_regclass($1)) p JOIN pg_index i ON i.indrelid = p.relid
  JOIN pg_class x ON x.oid = i.indexrelid AND x.relispartition
  JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = x.relnamespace
  LEFT JOIN pg_constraint k ON k.conindid = x.oid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u')
 WHERE p.level > 0 AND x.relname LIKE '%\_pgmigrate\_%' ORDER BY p.level, n.nspname, t.relname, x.relname)sql";

constexpr const char *kForeignKeys = R"sql(
WITH RECURSIVE below AS (
    SELECT oid, conname FROM pg_constraint WHERE conrelid = to_regclass($1) AND contype = 'f' AND conparentid = 0
    UNION ALL
    SELECT k.oid, b.conname FROM pg_constraint k JOIN below b ON k.conparentid = b.oid)
SELECT k.conrelid::regclass::text AS table_name, k.conname, b.conname AS wanted
  FROM below b JOIN pg_constraint k ON k.oid = b.oid
 WHERE k.conrelid <> to_regclass($1) AND k.conname <> b.conname AND k.conname LIKE '%\_pgmigrate\_%'
   AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conrelid = k.conrelid AND o.conname = b.conname)
 ORDER BY 1, 2)sql";

bool IsTaken(Database &catalog, const std::string &schema, const std::string &name) {
    return !catalog
                .Query(
                    "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                    " WHERE n.nspname = $1 AND c.relname = $2",
                    {schema, name})
                .empty();
}

/// As PostgreSQL numbers names that are taken.
std::string FreeName(Database &catalog, const std::string &schema, const std::string &name, const std::string &label) {
    std::string free = DerivedName("", name, '_' + label);
    for (int number = 1; IsTaken(catalog, schema, free); ++number)
        free = DerivedName("", name, fmt::format("_{}{}", label, number));
    return free;
}

std::string IndexName(Database &catalog, const Rows &rows, std::size_t row) {
    const std::string type = rows.Text(row, "contype"), table = rows.Text(row, "table_name");
    const bool is_primary = type == "p";
    return FreeName(catalog, rows.Text(row, "nspname"),
                    is_primary ? table : table + '_' + rows.TextOr(row, "columns", "expr"),
                    is_primary ? "pkey" : (type == "u" ? "key" : "idx"));
}

}  // namespace

void NamePartitionObjects(Database &catalog, const std::string &table) {
    const Rows indexes = catalog.Query(kIndexes, {table});
    for (std::size_t row = 0; row < indexes.size(); ++row)
        catalog.Execute(fmt::format("ALTER INDEX {} RENAME TO {}",
                                    QualifiedName(indexes.Text(row, "nspname"), indexes.Text(row, "relname")),
                                    QuoteIdentifier(IndexName(catalog, indexes, row))));
    const Rows keys = catalog.Query(kForeignKeys, {table});
    for (std::size_t row = 0; row < keys.size(); ++row)
        catalog.Execute(fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", keys.Text(row, "table_name"),
                                    QuoteIdentifier(keys.Text(row, "conname")),
                                    QuoteIdentifier(keys.Text(row, "wanted"))));
}

std::vector<std::int64_t> FindWithPartitions(Database &catalog, const std::string &table) {
    const Rows rows = catalog.Query(
        "SELECT to_regclass($1)::oid::bigint AS oid WHERE to_regclass($1) IS NOT NULL"
        " UNION SELECT relid::oid::bigint FROM pg_partition_tree(to_regclass($1)) ORDER BY oid",
        {table});
    std::vector<std::int64_t> oids;
    for (std::size_t row = 0; row < rows.size(); ++row) oids.push_back(rows.Int(row, "oid"));
    return oids;
}

bool IsPartitionOf(Database &catalog, const std::string &partition, const std::string &parent) {
    return !catalog
                .Query("SELECT FROM pg_partition_ancestors(to_regclass($1)) a WHERE a.relid = to_regclass($2)",
                       {partition, parent})
                .empty();
}

}  // namespace pgmigrate
