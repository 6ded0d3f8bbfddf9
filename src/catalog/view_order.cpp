// SPDX-License-Identifier: PostgreSQL
#include "catalog/view_order.h"

#include <algorithm>
#include <limits>
#include <map>

#include "catalog/load.h"

namespace pgmigrate {
namespace {

constexpr const char *kViewColumns =
    "SELECT c.relname, a.attname, a.attnum FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
    " WHERE n.nspname = $1 AND c.relkind = 'v'"
    "   AND c.relname IN (SELECT t.relname FROM pg_class t WHERE t.oid IN (SELECT unnest($2::oid[])))";

using Positions = std::map<std::string, std::int64_t>;

}  // namespace

void OrderColumnsAsInViews(Database &database, const std::string &version_schema, CatalogSchema &schema) {
    if (version_schema.empty()) return;
    const Rows rows = database.Query(kViewColumns, {version_schema, OidsOfTables(schema)});
    std::map<std::string, Positions> views;
    for (std::size_t row = 0; row < rows.size(); ++row)
        views[rows.Text(row, "relname")][rows.Text(row, "attname")] = rows.Int(row, "attnum");
    for (CatalogTable &table : schema.tables) {
        const auto view = views.find(table.name);
        if (view == views.end()) continue;
        std::ranges::stable_sort(table.columns, {}, [&](const CatalogColumn &column) {
            const auto position = view->second.find(column.name);
            return position == view->second.end() ? std::numeric_limits<std::int64_t>::max() : position->second;
        });
    }
}

}  // namespace pgmigrate
