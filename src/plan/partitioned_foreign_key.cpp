// SPDX-License-Identifier: PostgreSQL
// Foreign keys of partitioned tables. PostgreSQL adds one to the parent only if every row is checked at once, unless
// the partitions have it already, validated: those it adopts without looking at a row.
#include <fmt/format.h>

#include "core/identifier.h"
#include "plan/partitioned_table.h"

namespace pgmigrate {

void PlanPartitionedForeignKey(const PlannedTable &table, const ForeignKeyOnPartitions &key, PlanContext &context,
                               Plan &plan) {
    const std::string parent = context.model.Qualified(table);
    const std::string name = QuoteIdentifier(key.name);
    const auto add = [&](Phase phase, const std::string &on, std::string statement, std::string lock) {
        plan.steps.push_back({.phase = phase,
                              .statement = std::move(statement),
                              .undo = {},
                              .table = on,
                              .lock = std::move(lock),
                              .object = {}});
    };
    const auto drop = [&](const std::string &on) {
        return fmt::format("ALTER TABLE IF EXISTS {} DROP CONSTRAINT IF EXISTS {}", on, name);
    };
    for (const CatalogPartition &leaf : table.origin->partitions) {
        if (!leaf.IsLeaf()) continue;
        add(Phase::kExpand, leaf.name,
            fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID", leaf.name, name, key.body),
            "SHARE ROW EXCLUSIVE");
        plan.steps.back().undo = drop(leaf.name);
        plan.steps.back().object = key.referenced_table;
        plan.steps.back().partition_of = parent;
        add(Phase::kValidate, leaf.name, fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", leaf.name, name),
            "SHARE UPDATE EXCLUSIVE");
        plan.steps.back().partition_of = parent;
    }
    add(Phase::kValidate, parent, fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}", parent, name, key.body),
        "SHARE ROW EXCLUSIVE");
    plan.steps.back().undo = drop(parent);
    plan.steps.back().object = key.referenced_table;
}

}  // namespace pgmigrate
