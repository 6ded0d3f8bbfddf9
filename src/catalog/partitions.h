// SPDX-License-Identifier: PostgreSQL
// Partitions as they are at the moment, whatever was planned.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/database.h"

namespace pgmigrate {

/// Object of the step of completion that stands for NamePartitionObjects.
inline constexpr std::string_view kPartitionNamesStep = "partition names";

/// Indexes and foreign keys of partitions are made beside those that they replace, under names that say nothing, and
/// PostgreSQL itself names those of new partitions after columns that are called otherwise in the end. Gives the
/// partitions' indexes the names that PostgreSQL would choose (table_column_idx, …), and their foreign keys
/// the name of the parent's. `catalog` runs with only pg_catalog in search_path; `table` is qualified and quoted.
void NamePartitionObjects(Database &catalog, const std::string &table);

/// OIDs of the table and its partitions at every level, which statements on the table lock as well; empty if there is
/// no such table.
std::vector<std::int64_t> FindWithPartitions(Database &catalog, const std::string &table);

/// False if the relation (qualified and quoted) is gone or is no partition, at any level, of the parent.
bool IsPartitionOf(Database &catalog, const std::string &partition, const std::string &parent);

}  // namespace pgmigrate
