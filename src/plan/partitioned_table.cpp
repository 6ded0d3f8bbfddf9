// SPDX-License-Identifier: PostgreSQL
#include "plan/partitioned_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/partitions.h"
#include "core/identifier.h"
#include "core/sqlstates.h"
#include "plan/index_definition.h"

namespace pgmigrate {
namespace {

bool ChangesColumnsOrConstraints(const PlannedTable &table, const std::vector<std::string> &obsolete) {
    return !obsolete.empty() || !table.added_columns.empty() || !table.added_constraints.empty() || !table.up.empty() ||
           !table.down.empty() ||
           std::ranges::any_of(
               table.columns,
               [](const PlannedColumn &column) { return column.name != column.physical || IsRetyped(column); }) ||
           std::ranges::any_of(table.constraints, [](const Followed<CatalogConstraint> &constraint) {
               return constraint.dropped || constraint.name != constraint.origin->name;
           });
}

void RequireOtherThanPartitionKey(const PlannedTable &table, const std::vector<std::string> &obsolete) {
    std::vector<std::string> changed = obsolete;
    for (const PlannedColumn &column : table.columns)
        if (IsRetyped(column)) changed.push_back(column.physical);
    for (const std::string &column : changed)
        if (std::ranges::count(table.origin->partition_key, column) > 0)
            throw Error(
                sqlstates::kFeatureNotSupported,
                {.message = fmt::format("cannot replace or drop column \"{}\" of table \"{}\", which is part of "
                                        "a partition key",
                                        column, table.name),
                 .detail = "PostgreSQL places each row by this column.",
                 .hint = "Create a new partitioned table and move the rows, or leave the column as it is."});
}

void RequireUsablePartition(const CatalogPartition &partition, const PlannedTable &table) {
    if (partition.kind == 'f')
        throw Error(sqlstates::kFeatureNotSupported,
                    {.message = fmt::format("cannot change table \"{}\", whose partition {} is a foreign table",
                                            table.name, partition.name),
                     .hint = "Detach the partition first."});
    if (!partition.owned_by_caller)
        throw Error(sqlstates::kNotOwner,
                    {.message = fmt::format("must be owner of partition {}", partition.name),
                     .detail = fmt::format("The partition belongs to role \"{}\".", partition.owner),
                     .hint = "Run the migration as a role that owns the table and its partitions, for example after "
                             "SET ROLE."});
}

/// PostgreSQL would say so at start only.
void RequireWholePartitionKey(PlannedTable &table, const std::vector<int> &columns, const std::string &key) {
    const std::vector<std::string> names = PhysicalNames(table, columns);
    for (const std::string &column : table.origin->partition_key)
        if (std::ranges::count(names, column) == 0)
            throw Error(
                sqlstates::kFeatureNotSupported,
                {.message = "unique constraint on partitioned table must include all partitioning columns",
                 .detail = fmt::format("\"{}\" of table \"{}\" lacks column \"{}\" which is part of the partition "
                                       "key.",
                                       key, table.name, column),
                 .hint = "Add the column to the constraint or index."});
}

void RequireWholePartitionKeys(PlannedTable &table) {
    for (const AddedConstraint &constraint : table.added_constraints)
        if (constraint.type == ConstraintType::kUnique || constraint.type == ConstraintType::kPrimaryKey)
            RequireWholePartitionKey(table, constraint.columns, constraint.name);
    for (const AddedIndex &index : table.added_indexes) {
        std::vector<int> columns;
        for (const auto &key : index.keys) columns.push_back(key.first);
        if (index.unique) RequireWholePartitionKey(table, columns, index.name);
    }
}

/// An object of a partition's own goes with the old column, and planning cannot carry it over.
void RequireNoOwnObjects(const CatalogPartition &partition, const std::vector<std::string> &obsolete) {
    std::vector<std::string> objects;
    for (const CatalogPartition::OwnObject &object : partition.own_objects)
        if (std::ranges::count(obsolete, object.column) > 0)
            objects.push_back(fmt::format("{} (column {})", object.description, QuoteIdentifier(object.column)));
    if (objects.empty()) return;
    throw Error(sqlstates::kDependentObjects,
                {.message = fmt::format("partition {} has objects of its own on columns that the migration replaces or "
                                        "drops",
                                        partition.name),
                 .detail = fmt::format("Objects: {}.", fmt::join(objects, ", ")),
                 .hint = "Drop them, run the migration, and create them anew; or create them on the parent."});
}

}  // namespace

void RequireSupportedPartitions(PlannedTable &table, const std::vector<std::string> &obsolete,
                                const PlanContext & /*context*/) {
    if (!table.origin->partitioned) return;
    RequireOtherThanPartitionKey(table, obsolete);
    RequireWholePartitionKeys(table);
    const bool needs_leaves = ChangesColumnsOrConstraints(table, obsolete) || !table.added_indexes.empty();
    for (const CatalogPartition &partition : table.origin->partitions) {
        if (needs_leaves) RequireUsablePartition(partition, table);
        RequireNoOwnObjects(partition, obsolete);
    }
}

void RequireKeyNotOnPartitions(const PlannedTable &table, const std::string &key) {
    if (!table.origin->partitioned) return;
    throw Error(sqlstates::kFeatureNotSupported,
                {.message = fmt::format("foreign key \"{}\" cannot be pointed to the new column of partitioned table "
                                        "\"{}\"",
                                        key, table.name),
                 .detail = "The new key of a partitioned table is made of those of its partitions at completion.",
                 .hint = "Drop the foreign key first, and add it again after the migration."});
}

void PlanPartitionNames(const PlannedTable &table, PlanContext &context, Plan &plan) {
    if (table.IsCreated() || !table.origin->partitioned) return;
    const std::string name = context.model.Qualified(table);
    plan.steps.push_back({.phase = Phase::kContract,
                          .statement = fmt::format("name the indexes and foreign keys of the partitions of {}", name),
                          .undo = {},
                          .table = name,
                          .lock = "ACCESS EXCLUSIVE",
                          .object = std::string(kPartitionNamesStep)});
}

}  // namespace pgmigrate
