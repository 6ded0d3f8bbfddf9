// SPDX-License-Identifier: PostgreSQL
// What a migration does to one existing table, as whoever looks ahead (lifecycle/preflight.h, lifecycle/disk_need.h)
// needs it.
#pragma once

#include <string>
#include <vector>

namespace pgmigrate {

struct PlannedTable;

/// A physical column that expansion adds.
struct ColumnToAdd {
    std::string name;
    std::string type;
    std::string like;  ///< catalog column of the same type whose values it resembles; empty: none
};

/// An index that the worker builds.
struct IndexToBuild {
    std::string name;
    std::string like;                  ///< catalog index that it duplicates; empty: none
    std::vector<std::string> columns;  ///< physical; empty for a duplicate
};

struct TableChange {
    std::string table;  ///< name in the catalog
    bool filled = false;
    std::string sync_trigger;  ///< empty: it gets none
    std::vector<ColumnToAdd> columns;
    std::vector<IndexToBuild> indexes;
    std::vector<std::string> gone_columns;     ///< that completion drops
    std::vector<std::string> retyped_columns;  ///< whose type completion changes in the catalog
    std::vector<std::string> renamed_columns;  ///< old names
};

/// To be called when expansion has been planned, which finds the duplicates of indexes.
TableChange DescribeChange(const PlannedTable &table);

}  // namespace pgmigrate
