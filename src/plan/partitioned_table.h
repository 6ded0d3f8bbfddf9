// SPDX-License-Identifier: PostgreSQL
// What is special about a partitioned table: an index is built on each leaf and attached, a key or foreign key is made
// of those of the leaves, because PostgreSQL cannot do either on the parent without keeping the application waiting.
// Used inside src/plan only.
#pragma once

#include <string>
#include <vector>

#include "plan/context.h"
#include "plan/index_definition.h"

namespace pgmigrate {

/// Throws 0A000 for a change that cannot be made to a table with partitions, 42501 and 2BP01 for a partition that
/// somebody else owns or that has objects of its own on a replaced column.
void RequireSupportedPartitions(PlannedTable &table, const std::vector<std::string> &obsolete,
                                const PlanContext &context);

/// Throws 0A000: foreign keys to a partitioned table cannot be pointed to another column.
void RequireKeyNotOnPartitions(const PlannedTable &table, const std::string &key);

/// Steps that build an index under the parent's: empty ones on the parent and on partitions with partitions of their
/// own, at start, so that PostgreSQL gives new partitions theirs; one on each leaf, concurrently; each attached.
void PlanPartitionedIndex(const PlannedTable &table, const IndexDefinition &definition, PlanContext &context,
                          Plan &plan);

/// The same for the index of a key: those of the leaves stay apart, because the parent's constraint can only be made of
/// constraints of the leaves. The parent's index holds for new partitions until completion.
void PlanPartitionedKey(PlannedTable &table, const IndexDefinition &definition, PlanContext &context, Plan &plan);

/// What a key planned so becomes at completion.
struct KeyConstraint {
    std::string index;  ///< name of the planned index
    std::string name;
    bool primary = false;
    std::string deferrable;  ///< clause
};
void PlanPartitionedKeyConstraint(const PlannedTable &table, const KeyConstraint &key, PlanContext &context,
                                  Plan &plan);

/// Steps that add a foreign key, validated leaf by leaf.
struct ForeignKeyOnPartitions {
    std::string name;
    std::string body;  ///< FOREIGN KEY … REFERENCES …
    std::string referenced_table;
};
void PlanPartitionedForeignKey(const PlannedTable &table, const ForeignKeyOnPartitions &key, PlanContext &context,
                               Plan &plan);

/// The step of completion that gives the indexes and foreign keys of the partitions the names they would have by
/// PostgreSQL (catalog/partitions.h).
void PlanPartitionNames(const PlannedTable &table, PlanContext &context, Plan &plan);

}  // namespace pgmigrate
