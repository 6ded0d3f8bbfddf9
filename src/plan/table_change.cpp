// SPDX-License-Identifier: PostgreSQL
#include "plan/table_change.h"

#include <algorithm>

#include "plan/context.h"

namespace pgmigrate {
namespace {

std::string PhysicalOf(const PlannedTable &table, int id) {
    const auto column = std::ranges::find(table.columns, id, &PlannedColumn::id);
    return column == table.columns.end() ? std::string() : column->physical;
}

void AddIndexes(const PlannedTable &table, TableChange &change) {
    for (const Duplicate &duplicate : table.duplicates)
        if (duplicate.index != nullptr)
            change.indexes.push_back({.name = duplicate.temporary_name, .like = duplicate.index->name, .columns = {}});
    for (const AddedIndex &index : table.added_indexes) {
        IndexToBuild build{.name = index.name, .like = {}, .columns = {}};
        for (const auto &key : index.keys) build.columns.push_back(PhysicalOf(table, key.first));
        change.indexes.push_back(std::move(build));
    }
    for (const AddedConstraint &constraint : table.added_constraints) {
        if (constraint.type != ConstraintType::kUnique && constraint.type != ConstraintType::kPrimaryKey) continue;
        IndexToBuild build{.name = constraint.name, .like = {}, .columns = {}};
        for (const int id : constraint.columns) build.columns.push_back(PhysicalOf(table, id));
        change.indexes.push_back(std::move(build));
    }
}

}  // namespace

TableChange DescribeChange(const PlannedTable &table) {
    TableChange change{.table = table.origin->name,
                       .filled = !table.up.empty(),
                       .sync_trigger = {},
                       .columns = {},
                       .indexes = {},
                       .gone_columns = ObsoleteColumns(table),
                       .retyped_columns = {},
                       .renamed_columns = {}};
    if (!table.up.empty() || !table.down.empty()) change.sync_trigger = SyncTriggerName(*table.origin);
    for (const AddedColumn &column : table.added_columns) {
        const bool alike = column.properties != nullptr && column.properties->type == column.type;
        change.columns.push_back(
            {.name = column.name, .type = column.type, .like = alike ? column.properties->name : std::string()});
    }
    AddIndexes(table, change);
    for (const PlannedColumn &column : table.columns) {
        if (IsRetyped(column)) change.retyped_columns.push_back(column.origin->name);
        if (column.origin != nullptr && column.origin->name == column.physical && column.name != column.physical)
            change.renamed_columns.push_back(column.physical);
    }
    return change;
}

}  // namespace pgmigrate
