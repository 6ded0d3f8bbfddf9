// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "fill/table.h"

#include "core/identifier.h"
#include "core/sqlstates.h"

extern "C" {
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "executor/tuptable.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"
}

namespace pgmigrate::fill {
namespace {

/// What is read of a table in one guarded call: plain data.
struct Facts {
    bool found;
    const char *schema;
    const char *name;
    Oid owner;
    char kind;
    Oid filenode;
    BlockNumber blocks;
};

Facts ReadFacts(Oid oid, LOCKMODE lock) {
    Relation relation = try_table_open(oid, lock);
    if (relation == nullptr) return {};
    const char kind = relation->rd_rel->relkind;
    const Facts facts{.found = true,
                      .schema = get_namespace_name(RelationGetNamespace(relation)),
                      .name = pstrdup(RelationGetRelationName(relation)),
                      .owner = relation->rd_rel->relowner,
                      .kind = kind,
                      .filenode = relation->rd_rel->relfilenode,
                      .blocks = kind == RELKIND_RELATION ? RelationGetNumberOfBlocks(relation) : 0};
    table_close(relation, NoLock);
    return facts;
}

/// The trigger's argument; nullptr if the table has no such trigger.
const char *TriggerArgument(Oid oid, const char *trigger_name) {
    Relation relation = table_open(oid, NoLock);
    const TriggerDesc *const triggers = relation->trigdesc;
    const char *argument = nullptr;
    for (int i = 0; triggers != nullptr && i < triggers->numtriggers; ++i) {
        const Trigger &trigger = triggers->triggers[i];
        if (std::strcmp(trigger.tgname, trigger_name) == 0 && trigger.tgnargs > 0)
            argument = pstrdup(trigger.tgargs[0]);
    }
    table_close(relation, NoLock);
    return argument;
}

}  // namespace

std::optional<Table> FindTable(Oid relation, LOCKMODE lock) {
    const Facts facts = pg::Call(ReadFacts, relation, lock);
    if (!facts.found) return std::nullopt;
    return Table{.oid = relation,
                 .name = QualifiedName(facts.schema ? facts.schema : "", facts.name),
                 .owner = facts.owner,
                 .is_partitioned = facts.kind == RELKIND_PARTITIONED_TABLE,
                 .has_storage = facts.kind == RELKIND_RELATION,
                 .filenode = facts.filenode,
                 .blocks = facts.blocks};
}

Table LockTable(Oid relation, LOCKMODE lock, const std::string &known_as) {
    if (std::optional<Table> table = FindTable(relation, lock)) return *std::move(table);
    throw Error(sqlstates::kObjectChanged, {.message = fmt::format("table {} does not exist any more", known_as),
                                            .detail = "It was dropped while the migration was working on it.",
                                            .hint = "Undo the migration with SELECT migrate_rollback()."});
}

SyncSpec ReadSyncSpec(const Table &table, const std::string &trigger_name) {
    const char *const argument = pg::Call(TriggerArgument, table.oid, trigger_name.c_str());
    if (argument != nullptr) return DecodeSyncSpec(argument);
    throw Error(sqlstates::kObjectChanged,
                {.message = fmt::format("trigger \"{}\" of table {} does not exist any more", trigger_name, table.name),
                 .detail = "Rows written since it was dropped lack the values of the new version.",
                 .hint = "Undo the migration with SELECT migrate_rollback(); then start it again."});
}

std::vector<UpExpression> CompileUp(Relation relation, const SyncSpec &spec, Oid owner) {
    std::vector<UpExpression> compiled;
    compiled.reserve(spec.up.size());
    for (const SyncExpression &expression : spec.up)
        compiled.push_back({sync::CompiledExpression(expression, RelationGetDescr(relation), owner, spec.search_path),
                            expression.is_immutable});
    return compiled;
}

bool LacksValue(int stored_attributes, AttrNumber column, bool is_null, bool rewritten) noexcept {
    return column > stored_attributes || (rewritten && is_null);
}

int StoredAttributes(TupleTableSlot *slot) noexcept {
    if (!TTS_IS_BUFFERTUPLE(slot)) return slot->tts_tupleDescriptor->natts;
    const auto *const stored = reinterpret_cast<BufferHeapTupleTableSlot *>(slot);
    return HeapTupleHeaderGetNatts(stored->base.tuple->t_data);
}

}  // namespace pgmigrate::fill
