// SPDX-License-Identifier: PostgreSQL
#include "sync/writer_version.h"

#include <algorithm>

#include "pg/memory.h"
#include "pg/settings.h"
#include "sync/target_entry.h"

extern "C" {
#include "catalog/partition.h"
#include "parser/parsetree.h"
}

namespace pgmigrate::sync {
namespace {

/// Is a column of that name among the attribute numbers of `relation`?
bool AssignsAny(const std::vector<std::string> &names, Oid relation, const Bitmapset *columns) {
    return std::any_of(names.begin(), names.end(), [&](const std::string &name) {
        return pg::Call(
            [relation, columns](const char *column) {
                const AttrNumber number = get_attnum(relation, column);
                return number != InvalidAttrNumber &&
                       bms_is_member(number - FirstLowInvalidHeapAttributeNumber, columns);
            },
            name.c_str());
    });
}

std::vector<Oid> LineageOf(Relation table) {
    const Oid relation = RelationGetRelid(table);
    std::vector<Oid> lineage{relation};
    if (!table->rd_rel->relispartition) return lineage;
    const pg::ScratchContext scratch;
    const List *const ancestors = pg::Call(get_partition_ancestors, relation);
    for (int i = 0; i < list_length(ancestors); ++i) lineage.push_back(list_nth_oid(ancestors, i));
    return lineage;
}

}  // namespace

WriterVersion::WriterVersion(const SyncSpec &spec, Relation table)
    : new_version_(spec.new_version), old_version_(spec.old_version), lineage_(LineageOf(table)) {
    const char *const schema = pg::Call(get_namespace_name, RelationGetNamespace(table));
    schema_ = schema ? schema : "";
    for (const SyncExpression &up : spec.up) new_columns_.push_back(up.target);
    for (const SyncExpression &down : spec.down) old_columns_.push_back(down.target);
}

Version WriterVersion::Of(const TriggerData &trigger) {
    const bool is_update = TRIGGER_FIRED_BY_UPDATE(trigger.tg_event);
    const RunningStatement statement = CurrentStatement();
    // One statement can write to the table in several ways (WITH, ON CONFLICT), each through a slot of its own. COPY
    // rotates its slots, and writes in one way only.
    const TupleTableSlot *const row_slot = is_update ? trigger.tg_newslot : trigger.tg_trigslot;
    const TupleTableSlot *const slot = statement.plan ? row_slot : nullptr;
    Remembered &remembered = is_update ? update_ : insert_;
    if (statement.serial != 0 && statement.serial == remembered.serial && slot == remembered.slot)
        return remembered.version;
    const pg::ScratchContext scratch;
    const Version version = Decide(trigger, statement);
    remembered = {statement.serial, slot, version};
    return version;
}

Version WriterVersion::Decide(const TriggerData &trigger, const RunningStatement &statement) const {
    std::vector<Index> targets;
    if (statement.plan) {
        targets = TargetEntries(statement, trigger, lineage_);
        if (TRIGGER_FIRED_BY_INSERT(trigger.tg_event) && !targets.empty() && !InsertsAny(*statement.plan, targets))
            return Version::kSettled;
        if (const auto version = VersionOfViews(*statement.plan, targets, lineage_, new_version_, old_version_))
            return *version;
    }
    if (const auto version = OfColumns(trigger, statement.plan, targets)) return *version;
    if (const auto version = OfSetting()) return *version;
    return OfSearchPath().value_or(Version::kOld);
}

std::optional<Version> WriterVersion::OfColumns(const TriggerData &trigger, const PlannedStmt *plan,
                                                const std::vector<Index> &targets) const {
    const Bitmapset *columns = trigger.tg_updatedcols;
    Oid relation = RelationGetRelid(trigger.tg_relation);
    if (TRIGGER_FIRED_BY_INSERT(trigger.tg_event)) {
        if (plan == nullptr || targets.size() != 1) return std::nullopt;
        RangeTblEntry *const entry = rt_fetch(targets.front(), plan->rtable);
        columns = pg::Call(pg::RightsOf, plan, entry).inserted;
        relation = entry->relid;  // the statement may name a partitioned table, whose columns are numbered otherwise
    }
    const bool assigns_new = AssignsAny(new_columns_, relation, columns);
    const bool assigns_old = AssignsAny(old_columns_, relation, columns);
    if (assigns_new == assigns_old) return std::nullopt;
    return assigns_new ? Version::kNew : Version::kOld;
}

std::optional<Version> WriterVersion::OfSetting() const {
    const std::string version = pg::SessionVersion();
    if (version.empty()) return std::nullopt;
    const bool is_new = version == new_version_ || schema_ + "_" + version == new_version_;
    return is_new ? Version::kNew : Version::kOld;
}

std::optional<Version> WriterVersion::OfSearchPath() const {
    enum Found { kNeither, kNewFirst, kOldFirst };
    const Found found = pg::Call(
        [](const char *new_name, const char *old_name) {
            const Oid new_schema = get_namespace_oid(new_name, true);
            const Oid old_schema = *old_name ? get_namespace_oid(old_name, true) : InvalidOid;
            const List *const path = fetch_search_path(false);
            for (int i = 0; i < list_length(path); ++i) {
                if (list_nth_oid(path, i) == new_schema) return kNewFirst;
                if (list_nth_oid(path, i) == old_schema) return kOldFirst;
            }
            return kNeither;
        },
        new_version_.c_str(), old_version_.c_str());
    if (found == kNeither) return std::nullopt;
    return found == kNewFirst ? Version::kNew : Version::kOld;
}

}  // namespace pgmigrate::sync
