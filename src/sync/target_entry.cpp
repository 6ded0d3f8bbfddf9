// SPDX-License-Identifier: PostgreSQL
#include "sync/target_entry.h"

#include <algorithm>

extern "C" {
#include "access/relation.h"
#include "catalog/pg_class.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
}

namespace pgmigrate::sync {
namespace {

bool Contains(const std::vector<Oid> &relations, Oid relation) {
    return std::find(relations.begin(), relations.end(), relation) != relations.end();
}

bool IsWritten(const PlannedStmt &plan, RangeTblEntry *entry) {
    if (entry->rtekind != RTE_RELATION) return false;
    return (pg::Call(pg::RightsOf, &plan, entry).required & (ACL_INSERT | ACL_UPDATE)) != 0;
}

/// Does the row pass through a slot of this target on its way into the table?
bool Holds(const ResultRelInfo *target, const TupleTableSlot *slot) {
    return target->ri_newTupleSlot == slot || target->ri_PartitionTupleSlot == slot ||
           (target->ri_onConflict && target->ri_onConflict->oc_ProjSlot == slot);
}

/// Looks through open targets for those of the trigger's table; adds the entries their statement names.
void CollectTargets(const List *targets, const TriggerData &trigger, bool by_slot, std::vector<Index> *found) {
    const TupleTableSlot *const slot =
        TRIGGER_FIRED_BY_UPDATE(trigger.tg_event) ? trigger.tg_newslot : trigger.tg_trigslot;
    for (int i = 0; i < list_length(targets); ++i) {
        const auto *const target = static_cast<const ResultRelInfo *>(list_nth(targets, i));
        if (target->ri_RelationDesc != trigger.tg_relation) continue;
        // A partition is written under the name of its partitioned table.
        const ResultRelInfo *const named = target->ri_RootResultRelInfo ? target->ri_RootResultRelInfo : target;
        if (by_slot && !Holds(target, slot) && !Holds(named, slot)) continue;
        const Index index = named->ri_RangeTableIndex;
        if (index != 0 && std::find(found->begin(), found->end(), index) == found->end()) found->push_back(index);
    }
}

/// Is the view a simple one over the table?
bool IsViewOf(Oid view, const std::vector<Oid> &lineage) {
    struct Relations {
        const Oid *oids;
        std::size_t count;
    } const wanted{lineage.data(), lineage.size()};
    return pg::Call(
        [wanted](Oid relation) {
            bool is_over = false;
            Relation opened = relation_open(relation, AccessShareLock);
            const List *const entries = get_view_query(opened)->rtable;
            for (int i = 0; i < list_length(entries); ++i) {
                const auto *const entry = static_cast<const RangeTblEntry *>(list_nth(entries, i));
                const Oid *const end = wanted.oids + wanted.count;
                is_over |= entry->rtekind == RTE_RELATION && std::find(wanted.oids, end, entry->relid) != end;
            }
            relation_close(opened, NoLock);
            return is_over;
        },
        view);
}

/// The version schemas by OID.
struct Schemas {
    Oid new_version;
    Oid old_version;
};

/// The version of the view that became the entry `target`. The rewriter puts a view's table behind the view at the end
/// of the same query's range table, and the planner joins the range tables of a statement's queries end to end, so it
/// is the nearest before, with no other way into the table between.
std::optional<Version> VersionOfView(const PlannedStmt &plan, Index target, const std::vector<Oid> &lineage,
                                     const Schemas &schemas) {
    for (Index index = target - 1; index >= 1; --index) {
        RangeTblEntry *const entry = rt_fetch(index, plan.rtable);
        if (!IsWritten(plan, entry)) continue;
        if (Contains(lineage, entry->relid)) return std::nullopt;
        if (entry->relkind != RELKIND_VIEW) continue;
        const Oid schema = pg::Call(get_rel_namespace, entry->relid);
        const bool is_new = schema == schemas.new_version;
        if ((is_new || schema == schemas.old_version) && IsViewOf(entry->relid, lineage))
            return is_new ? Version::kNew : Version::kOld;
    }
    return std::nullopt;
}

}  // namespace

std::vector<Index> TargetEntries(const RunningStatement &statement, const TriggerData &trigger,
                                 const std::vector<Oid> &lineage) {
    std::vector<Index> found;
    for (const bool by_slot : {true, false}) {
        if (statement.state == nullptr || !found.empty()) continue;
        CollectTargets(statement.state->es_opened_result_relations, trigger, by_slot, &found);
        CollectTargets(statement.state->es_tuple_routing_result_relations, trigger, by_slot, &found);
    }
    if (statement.state != nullptr) return found;
    for (int i = 1; i <= list_length(statement.plan->rtable); ++i) {
        RangeTblEntry *const entry = rt_fetch(i, statement.plan->rtable);
        if (IsWritten(*statement.plan, entry) && Contains(lineage, entry->relid)) found.push_back(i);
    }
    return found;
}

bool InsertsAny(const PlannedStmt &plan, const std::vector<Index> &targets) {
    return std::any_of(targets.begin(), targets.end(), [&plan](Index target) {
        return (pg::Call(pg::RightsOf, &plan, rt_fetch(target, plan.rtable)).required & ACL_INSERT) != 0;
    });
}

std::optional<Version> VersionOfViews(const PlannedStmt &plan, const std::vector<Index> &targets,
                                      const std::vector<Oid> &lineage, const std::string &new_version,
                                      const std::string &old_version) {
    const auto schema_oid = [](const std::string &name) {
        return name.empty() ? InvalidOid : pg::Call(get_namespace_oid, name.c_str(), true);
    };
    const Schemas schemas{schema_oid(new_version), schema_oid(old_version)};
    std::optional<Version> agreed;
    for (const Index target : targets) {
        const auto version = VersionOfView(plan, target, lineage, schemas);
        if (!version || (agreed && *agreed != *version)) return std::nullopt;
        agreed = version;
    }
    return agreed;
}

}  // namespace pgmigrate::sync
