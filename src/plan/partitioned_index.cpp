// SPDX-License-Identifier: PostgreSQL
// Indexes and keys of partitioned tables.
#include <fmt/format.h>

#include <algorithm>
#include <boost/container/flat_map.hpp>

#include "core/identifier.h"
#include "plan/partitioned_table.h"

namespace pgmigrate {
namespace {

/// Collects the steps of one index.
class PartitionedIndex {
  public:
    PartitionedIndex(const PlannedTable &table, const IndexDefinition &definition, PlanContext &context, Plan &plan)
        : table_(table),
          definition_(definition),
          context_(context),
          plan_(plan),
          name_(context.model.Qualified(table)) {
        root_ = QualifiedName(context.model.catalog.name, definition.name);
        indexes_[name_] = root_;
    }

    /// The empty indexes above the leaves. They are no work, and PostgreSQL gives every partition that is created or
    /// attached from now on an index under them.
    void PlanParents() {
        Expand(CreateIndexOnlyStatement(definition_, name_), "DROP INDEX IF EXISTS " + root_);
        for (const CatalogPartition &partition : table_.origin->partitions) {
            if (partition.IsLeaf()) continue;
            const IndexDefinition own = OnPartition(partition);
            Expand(CreateIndexOnlyStatement(own, partition.name), {});
            Expand(
                fmt::format("ALTER INDEX {} ATTACH PARTITION {}", indexes_[partition.parent], indexes_[partition.name]),
                {});
        }
    }

    void PlanLeaves(std::vector<PartitionKeyLeaf> *leaves) {
        for (const CatalogPartition &partition : table_.origin->partitions) {
            if (!partition.IsLeaf()) continue;
            const IndexDefinition own = OnPartition(partition);
            const std::string &index = indexes_[partition.name];
            OnLeaf(partition, CreateIndexStatement(own, partition.name), "SHARE UPDATE EXCLUSIVE");
            plan_.steps.back().undo = "DROP INDEX IF EXISTS " + index;
            if (leaves != nullptr) leaves->push_back({.table = partition.name, .index = own.name});
        }
    }

    /// Once attached, an index goes with its parent's only: rollback, which runs backwards, drops that one first.
    void PlanAttachments() {
        const std::size_t before = plan_.steps.size();
        for (const CatalogPartition &partition : table_.origin->partitions)
            if (partition.IsLeaf())
                OnLeaf(partition,
                       fmt::format("ALTER INDEX {} ATTACH PARTITION {}", indexes_[partition.parent],
                                   indexes_[partition.name]),
                       "SHARE UPDATE EXCLUSIVE");
        if (plan_.steps.size() > before) plan_.steps.back().undo = "DROP INDEX IF EXISTS " + root_;
    }

  private:
    void Expand(std::string statement, std::string undo) {
        plan_.steps.push_back({.phase = Phase::kExpand,
                               .statement = std::move(statement),
                               .undo = std::move(undo),
                               .table = name_,
                               .lock = "SHARE",
                               .object = {}});
    }
    void OnLeaf(const CatalogPartition &leaf, std::string statement, std::string lock) {
        plan_.steps.push_back({.phase = Phase::kIndex,
                               .statement = std::move(statement),
                               .undo = {},
                               .table = leaf.name,
                               .lock = std::move(lock),
                               .object = indexes_[leaf.name],
                               .partition_of = name_});
    }
    IndexDefinition OnPartition(const CatalogPartition &partition) {
        IndexDefinition own = definition_;
        own.name = context_.model.FreeRelationName(
            DerivedName("_pgmigrate_part_", partition.relation_name + '_' + definition_.name));
        indexes_[partition.name] = QualifiedName(partition.schema_name, own.name);
        return own;
    }

    const PlannedTable &table_;
    const IndexDefinition &definition_;
    PlanContext &context_;
    Plan &plan_;
    const std::string name_;
    std::string root_;
    boost::container::flat_map<std::string, std::string> indexes_;  ///< qualified, by table
};

Step CompletionStep(std::string statement, const std::string &table) {
    return {.phase = Phase::kContract,
            .statement = std::move(statement),
            .undo = {},
            .table = table,
            .lock = "ACCESS EXCLUSIVE",
            .object = {}};
}

/// The columns and options of a key as ADD CONSTRAINT has them.
std::string KeyBody(const IndexDefinition &definition) {
    std::string body = fmt::format("({})", fmt::join(definition.keys, ", "));
    if (!definition.included.empty()) body += fmt::format(" INCLUDE ({})", QuoteIdentifiers(definition.included));
    if (!definition.storage_parameters.empty()) body += fmt::format(" WITH ({})", definition.storage_parameters);
    if (!definition.tablespace.empty())
        body += fmt::format(" USING INDEX TABLESPACE {}", QuoteIdentifier(definition.tablespace));
    return body;
}

}  // namespace

void PlanPartitionedIndex(const PlannedTable &table, const IndexDefinition &definition, PlanContext &context,
                          Plan &plan) {
    PartitionedIndex index(table, definition, context, plan);
    index.PlanParents();
    index.PlanLeaves(nullptr);
    index.PlanAttachments();
}

void PlanPartitionedKey(PlannedTable &table, const IndexDefinition &definition, PlanContext &context, Plan &plan) {
    PartitionedKey key{.index = definition.name,
                       .nulls_not_distinct = definition.nulls_not_distinct,
                       .body = KeyBody(definition),
                       .leaves = {}};
    PartitionedIndex index(table, definition, context, plan);
    index.PlanParents();
    index.PlanLeaves(&key.leaves);
    table.partitioned_keys.push_back(std::move(key));
}

void PlanPartitionedKeyConstraint(const PlannedTable &table, const KeyConstraint &constraint, PlanContext &context,
                                  Plan &plan) {
    const std::string name = context.model.Qualified(table);
    const auto key = std::ranges::find(table.partitioned_keys, constraint.index, &PartitionedKey::index);
    const std::string_view kind = constraint.primary ? "PRIMARY KEY" : "UNIQUE";
    plan.steps.push_back(
        CompletionStep("DROP INDEX IF EXISTS " + QualifiedName(context.model.catalog.name, constraint.index), name));
    for (const PartitionKeyLeaf &leaf : key->leaves) {
        const std::string index = QuoteIdentifier(leaf.index);
        plan.steps.push_back(CompletionStep(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} USING INDEX {}{}",
                                                        leaf.table, index, kind, index, constraint.deferrable),
                                            leaf.table));
        plan.steps.back().partition_of = name;
    }
    // PostgreSQL makes the parent's constraint of equal ones that it finds on the partitions.
    plan.steps.push_back(CompletionStep(
        fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}{} {}{}", name, QuoteIdentifier(constraint.name), kind,
                    key->nulls_not_distinct ? " NULLS NOT DISTINCT" : "", key->body, constraint.deferrable),
        name));
}

}  // namespace pgmigrate
