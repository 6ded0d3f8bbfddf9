// SPDX-License-Identifier: PostgreSQL
#include "sync/table_sync.h"

#include <algorithm>
#include <unordered_map>

#include "pg/memory.h"

extern "C" {
#include "utils/inval.h"
}

namespace pgmigrate::sync {
namespace {

/// Which trigger of the table it is belongs to the key: one may be dropped and another made in the same command.
struct Known {
    Oid trigger = InvalidOid;
    std::shared_ptr<TableSync> sync;
};
using KnownTables = std::unordered_map<Oid, Known>;

/// Made at first use and never destroyed: its contents must not outlive PostgreSQL's memory, nor be freed after it.
KnownTables &Tables() {
    static auto *const tables = new KnownTables();
    return *tables;
}

/// The entry of the last row: most rows come in bulk. Entries are never erased, so it stays where it is.
constinit KnownTables::value_type *latest = nullptr;

/// How often anything was invalidated: tells whether something was while we compiled.
constinit std::uint64_t invalidations = 0;

/// Relcache callback; InvalidOid stands for all tables. Must not fail, and does not free: an entry may be in use.
void ForgetTable(Datum, Oid relation) {
    ++invalidations;
    for (auto &[oid, known] : Tables())
        if (relation == InvalidOid || relation == oid) known.sync->is_stale = true;
}

void RegisterCallbackOnce() {
    static bool registered = false;
    if (registered) return;
    (void)Tables();
    pg::Call(CacheRegisterRelcacheCallback, ForgetTable, Datum{0});
    registered = true;
}

std::shared_ptr<TableSync> Compile(const TriggerData &trigger) {
    const pg::ScratchContext scratch;
    const std::uint64_t before = invalidations;
    const SyncSpec spec = DecodeSyncSpec(trigger.tg_trigger->tgargs[0]);
    auto sync = std::make_shared<TableSync>(spec, trigger.tg_relation);
    sync->is_stale = before != invalidations;  // used for the row in hand, and made again for the next
    return sync;
}

}  // namespace

TableSync::TableSync(const SyncSpec &spec, Relation table) : new_version(spec.new_version), writer(spec, table) {
    const Oid owner = table->rd_rel->relowner;
    const TupleDesc row = RelationGetDescr(table);
    for (const SyncExpression &entry : spec.up) {
        const auto &listed = spec.default_from_source;
        up.push_back({CompiledExpression(entry, row, owner, spec.search_path),
                      std::find(listed.begin(), listed.end(), entry.target) != listed.end()});
    }
    for (const SyncExpression &entry : spec.down) down.emplace_back(entry, row, owner, spec.search_path);
}

bool TableSync::IsValid() const noexcept {
    return !is_stale &&
           std::all_of(up.begin(), up.end(), [](const UpRule &rule) { return rule.expression.IsValid(); }) &&
           std::all_of(down.begin(), down.end(), [](const CompiledExpression &rule) { return rule.IsValid(); });
}

std::shared_ptr<TableSync> FindTableSync(const TriggerData &trigger) {
    const Oid relation = RelationGetRelid(trigger.tg_relation);
    const Oid oid = trigger.tg_trigger->tgoid;
    if (latest == nullptr || latest->first != relation) {
        const auto found = Tables().find(relation);
        latest = found == Tables().end() ? nullptr : &*found;
    }
    if (latest && latest->second.trigger == oid && latest->second.sync->IsValid()) return latest->second.sync;
    RegisterCallbackOnce();
    auto sync = Compile(trigger);
    latest = &*Tables().insert_or_assign(relation, Known{oid, sync}).first;
    return sync;
}

}  // namespace pgmigrate::sync
