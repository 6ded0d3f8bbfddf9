// SPDX-License-Identifier: PostgreSQL
// What happens to the constraints and indexes of columns that get a shadow or are dropped.
#include <fmt/format.h>

#include <algorithm>

#include "core/identifier.h"
#include "plan/context.h"

namespace pgmigrate {

std::string DuplicateName(const std::string &name) { return DerivedName("_pgmigrate_dup_", name); }

Followers Follow(const PlannedTable &table, const std::vector<std::string> &origin_columns) {
    Followers followers;
    for (const std::string &name : origin_columns) {
        const auto found = std::ranges::find_if(table.columns, [&](const PlannedColumn &column) {
            return column.origin != nullptr && column.origin->name == name;
        });
        if (found == table.columns.end()) {
            followers.survives = false;
            continue;
        }
        followers.columns.push_back(&*found);
        followers.moves |= found->physical != name;
    }
    return followers;
}

Followers FollowAll(const PlannedTable &table, const CatalogConstraint &constraint) {
    std::vector<std::string> columns = constraint.columns;
    for (const CatalogIndex &index : table.origin->indexes)
        if (!constraint.index.empty() && index.constraint == constraint.name)
            columns.insert(columns.end(), index.included.begin(), index.included.end());
    return Follow(table, columns);
}

std::vector<std::string> ObsoleteColumns(const PlannedTable &table) {
    if (table.IsCreated()) return {};  // such a table is changed at once
    std::vector<std::string> physical;
    for (const CatalogColumn &column : table.origin->columns)
        if (column.generated) physical.push_back(column.name);
    for (const CatalogColumn &column : table.origin->columns)
        if (!column.generated) physical.push_back(column.name);
    for (const AddedColumn &column : table.added_columns) physical.push_back(column.name);
    std::erase_if(physical, [&](const std::string &name) {
        return std::ranges::find(table.columns, name, &PlannedColumn::physical) != table.columns.end();
    });
    return physical;
}

std::string SyncTriggerName(const CatalogTable &table) {
    // BEFORE ROW triggers fire in byte order of their names, and ours must see what the table's own have done: '~' is
    // the last ASCII character, so few names come behind one of them and none behind enough of them but non-ASCII ones.
    std::string name = "~pgmigrate_sync";
    for (const std::string &other : table.before_row_triggers)
        while (name <= other && name.size() < kLongestName) name.insert(name.begin(), '~');
    return name;
}

}  // namespace pgmigrate
