// SPDX-License-Identifier: PostgreSQL
#include "catalog/table_facts.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <unordered_map>

namespace pgmigrate {
namespace {

using FactsByOid = std::unordered_map<std::int64_t, TableFacts *>;

/// The tables looked at; every query below begins with it.
constexpr std::string_view kWanted = R"sql(
WITH wanted AS (
  SELECT c.oid, c.relname, c.relkind, c.reltablespace, c.relrowsecurity, c.reltuples
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition
     AND ($2 IS NULL OR c.relname = ANY (SELECT json_array_elements_text($2::json)))))sql";

/// The sizes of a partitioned table are those of its leaves; its own number of rows is only known after ANALYZE.
constexpr std::string_view kTables = R"sql(
SELECT c.oid::bigint AS relation, c.relname, c.reltablespace::bigint AS tablespace, c.relrowsecurity,
       CASE WHEN c.relkind = 'p' THEN coalesce(p.rows, 0) ELSE c.reltuples END::bigint AS rows,
       CASE WHEN c.relkind = 'p' THEN coalesce(p.heap, 0) ELSE coalesce(pg_table_size(c.oid), 0) END::bigint AS heap,
       CASE WHEN c.relkind = 'p' THEN coalesce(p.indexes, 0) ELSE coalesce(pg_indexes_size(c.oid), 0) END::bigint AS indexes
  FROM wanted c
  LEFT JOIN LATERAL (SELECT sum(greatest(l.reltuples, 0)) AS rows, sum(pg_table_size(l.oid)) AS heap,
                            sum(pg_indexes_size(l.oid)) AS indexes
                       FROM pg_partition_tree(c.oid) t JOIN pg_class l ON l.oid = t.relid WHERE t.isleaf) p ON c.relkind = 'p'
 ORDER BY c.relname)sql";

constexpr std::string_view kPolicies = R"sql(
SELECT p.polrelid::bigint AS relation, p.polname FROM pg_policy p JOIN wanted c ON c.oid = p.polrelid ORDER BY 2)sql";

constexpr std::string_view kRules = R"sql(
SELECT r.ev_class::bigint AS relation, r.rulename FROM pg_rewrite r JOIN wanted c ON c.oid = r.ev_class
 WHERE r.rulename <> '_RETURN' ORDER BY 2)sql";

/// tgtype: 1 row, 2 before, 64 instead of. Our own sync triggers are no finding; nor are those PostgreSQL makes itself.
constexpr std::string_view kTriggers = R"sql(
SELECT t.tgrelid::bigint AS relation, t.tgname, t.tgtype & 3 = 3 AS before_row, t.tgenabled <> 'D' AS enabled,
       CASE WHEN t.tgtype & 2 = 2 THEN 'BEFORE' ELSE 'AFTER' END || CASE WHEN t.tgtype & 1 = 1 THEN ' ROW' ELSE ' STATEMENT' END AS event
  FROM pg_trigger t JOIN wanted c ON c.oid = t.tgrelid JOIN pg_proc f ON f.oid = t.tgfoid
 WHERE NOT t.tgisinternal AND f.proname <> 'pgmigrate_sync'
 ORDER BY t.tgname)sql";

constexpr std::string_view kPublications = R"sql(
SELECT p.relation, p.pubname, bool_or(p.all_columns) AS all_columns, bool_and(p.row_filter) AS row_filter FROM (
  SELECT c.oid::bigint AS relation, p.pubname, r.prattrs IS NULL AS all_columns, r.prqual IS NOT NULL AS row_filter
    FROM pg_publication_rel r JOIN wanted c ON c.oid = r.prrelid JOIN pg_publication p ON p.oid = r.prpubid
  UNION ALL
  SELECT c.oid::bigint, p.pubname, true, false
    FROM wanted c JOIN pg_class k ON k.oid = c.oid JOIN pg_publication_namespace s ON s.pnnspid = k.relnamespace
    JOIN pg_publication p ON p.oid = s.pnpubid
  UNION ALL
  SELECT c.oid::bigint, p.pubname, true, false
    FROM wanted c JOIN pg_class k ON k.oid = c.oid AND k.relpersistence = 'p' CROSS JOIN pg_publication p WHERE p.puballtables) p
 GROUP BY 1, 2 ORDER BY 2)sql";

constexpr std::string_view kChildren = R"sql(
SELECT i.inhparent::bigint AS relation, i.inhrelid::regclass::text AS other FROM pg_inherits i JOIN wanted c ON c.oid = i.inhparent
 WHERE c.relkind = 'r' ORDER BY i.inhrelid::regclass::text COLLATE "C")sql";

constexpr std::string_view kParents = R"sql(
SELECT i.inhrelid::bigint AS relation, i.inhparent::regclass::text AS other FROM pg_inherits i JOIN wanted c ON c.oid = i.inhrelid
 ORDER BY i.inhseqno)sql";

constexpr std::string_view kInheritedColumns = R"sql(
SELECT a.attrelid::bigint AS relation, a.attname FROM pg_attribute a JOIN wanted c ON c.oid = a.attrelid
 WHERE a.attinhcount > 0 AND NOT a.attisdropped ORDER BY a.attnum)sql";

/// pg_stats shows the columns that the reader may read; of a partitioned table, what its own ANALYZE found.
constexpr std::string_view kWidths = R"sql(
SELECT c.oid::bigint AS relation, s.attname, max(s.avg_width) AS width
  FROM wanted c JOIN pg_stats s ON s.schemaname = $1 AND s.tablename = c.relname GROUP BY 1, 2 ORDER BY 2)sql";

constexpr std::string_view kIndexSizes = R"sql(
SELECT i.indrelid::bigint AS relation, x.relname, x.reltablespace::bigint AS tablespace,
       (SELECT coalesce(sum(pg_relation_size(t.relid)), 0) FROM (
          SELECT x.oid WHERE x.relkind = 'i' UNION ALL SELECT p.relid FROM pg_partition_tree(x.oid) p WHERE x.relkind = 'I' AND p.isleaf
        ) t(relid))::bigint AS bytes
  FROM pg_index i JOIN wanted c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid ORDER BY x.relname)sql";

/// Runs a query over the wanted tables, and hands each row to `add` with the table it belongs to.
template <typename Add>
void ReadFacts(Database &database, std::string_view query, const Parameters &parameters, const FactsByOid &tables,
               Add add) {
    const Rows rows = database.Query(std::string(kWanted) + std::string(query), parameters);
    for (std::size_t row = 0; row < rows.size(); ++row)
        if (const auto found = tables.find(rows.Int(row, "relation")); found != tables.end())
            add(*found->second, rows, row);
}

std::vector<TableFacts> ReadTables(Database &database, const Parameters &parameters) {
    const Rows rows = database.Query(std::string(kWanted) + std::string(kTables), parameters);
    std::vector<TableFacts> tables(rows.size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        tables[row].oid = rows.Int(row, "relation");
        tables[row].name = rows.Text(row, "relname");
        tables[row].rows = static_cast<double>(rows.Int(row, "rows"));
        tables[row].heap_bytes = rows.Int(row, "heap");
        tables[row].index_bytes = rows.Int(row, "indexes");
        tables[row].tablespace = rows.Int(row, "tablespace");
        tables[row].row_security = rows.Bool(row, "relrowsecurity");
    }
    return tables;
}

}  // namespace

std::vector<TableFacts> LoadTableFacts(Database &database, const std::string &schema_name,
                                       const std::vector<std::string> *names) {
    const Parameters parameters{schema_name, names == nullptr ? Value() : Value(nlohmann::json(*names).dump())};
    std::vector<TableFacts> facts = ReadTables(database, parameters);
    FactsByOid tables;
    for (TableFacts &table : facts) tables.emplace(table.oid, &table);
    const auto read = [&](std::string_view query, auto add) { ReadFacts(database, query, parameters, tables, add); };
    /// Reads one name a row into a list.
    const auto read_names = [&](std::string_view query, const char *column,
                                std::vector<std::string> TableFacts::*list) {
        read(query, [&](TableFacts &table, const Rows &rows, std::size_t row) {
            (table.*list).push_back(rows.Text(row, column));
        });
    };
    read_names(kPolicies, "polname", &TableFacts::policies);
    read_names(kRules, "rulename", &TableFacts::rules);
    read_names(kChildren, "other", &TableFacts::children);
    read_names(kParents, "other", &TableFacts::parents);
    read_names(kInheritedColumns, "attname", &TableFacts::inherited_columns);
    read(kTriggers, [](TableFacts &table, const Rows &rows, std::size_t row) {
        table.triggers.push_back({.name = rows.Text(row, "tgname"),
                                  .event = rows.Text(row, "event"),
                                  .before_row = rows.Bool(row, "before_row"),
                                  .enabled = rows.Bool(row, "enabled")});
    });
    read(kPublications, [](TableFacts &table, const Rows &rows, std::size_t row) {
        table.publications.push_back({.name = rows.Text(row, "pubname"),
                                      .all_columns = rows.Bool(row, "all_columns"),
                                      .row_filter = rows.Bool(row, "row_filter")});
    });
    read(kWidths, [](TableFacts &table, const Rows &rows, std::size_t row) {
        table.widths.emplace(rows.Text(row, "attname"), static_cast<int>(rows.Int(row, "width")));
    });
    read(kIndexSizes, [](TableFacts &table, const Rows &rows, std::size_t row) {
        table.index_sizes.emplace(rows.Text(row, "relname"), IndexSize{.bytes = rows.Int(row, "bytes"),
                                                                       .tablespace = rows.Int(row, "tablespace")});
    });
    return facts;
}

std::map<std::string, int> LoadTypeLengths(Database &database, const std::vector<std::string> &types) {
    std::map<std::string, int> lengths;
    if (types.empty()) return lengths;
    const Rows rows = database.Query(
        "SELECT w.type, greatest(coalesce(t.typlen, 0), 0) AS length FROM json_array_elements_text($1::json) w(type)"
        " LEFT JOIN pg_type t ON t.oid = to_regtype(w.type)",
        {nlohmann::json(types).dump()});
    for (std::size_t row = 0; row < rows.size(); ++row)
        lengths.emplace(rows.Text(row, "type"), static_cast<int>(rows.Int(row, "length")));
    return lengths;
}

std::vector<ForeignKeyEdge> LoadForeignKeys(Database &database) {
    const Rows rows = database.Query(
        "SELECT k.conname, k.conrelid::regclass::text AS source, k.confrelid::regclass::text AS target FROM "
        "pg_constraint k"
        " WHERE k.contype = 'f' AND k.conparentid = 0 ORDER BY k.conrelid::regclass::text COLLATE \"C\", 1");
    std::vector<ForeignKeyEdge> edges;
    for (std::size_t row = 0; row < rows.size(); ++row)
        edges.push_back(
            {.name = rows.Text(row, "conname"), .from = rows.Text(row, "source"), .to = rows.Text(row, "target")});
    return edges;
}

}  // namespace pgmigrate
