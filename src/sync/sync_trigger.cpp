// SPDX-License-Identifier: PostgreSQL
// The trigger function pgmigrate_sync(): keeps the old and the new form of a row's columns in step.
#include <algorithm>
#include <boost/container/small_vector.hpp>

#include "pg/boundary.h"
#include "sync/row.h"
#include "sync/table_sync.h"

namespace pgmigrate::sync {
namespace {

/// A few columns, remembered while one row is worked on: no allocation per row.
using Columns = boost::container::small_vector<AttrNumber, 16>;

void Assign(CompiledExpression *expression, Row *row) {
    bool is_null = false;
    const Datum value = expression->Evaluate(row->values(), row->nulls(), &is_null, CurrentMemoryContext);
    row->Set(expression->target(), value, is_null);
}

void InsertAsOld(TableSync *table, Row *row) {
    for (UpRule &rule : table->up) Assign(&rule.expression, row);
}

/// A column that replaces one with a sequence has no default of its own, or the sequence would be drawn from twice. If
/// the statement leaves it out, the old column has its default already, and the new one follows.
void InsertAsNew(TableSync *table, Row *row) {
    Columns followed;
    for (UpRule &rule : table->up) {
        if (!rule.default_from_source || !row->IsNull(rule.expression.target())) continue;
        Assign(&rule.expression, row);
        followed.push_back(rule.expression.target());
    }
    const auto is_followed = [&](AttrNumber column) {
        return std::find(followed.begin(), followed.end(), column) != followed.end();
    };
    for (CompiledExpression &down : table->down) {
        const auto sources = down.parameters();
        if (!sources.empty() && std::all_of(sources.begin(), sources.end(), is_followed)) continue;
        Assign(&down, row);
    }
}

/// Before the new version is published nobody but us writes the column, so a NULL may be a row that the fill has not
/// come to: after a rewrite of the table (VACUUM FULL) all rows have all columns.
bool IsUnfilled(const TableSync &table, const Row &row, AttrNumber column) {
    if (row.IsOlderThan(column)) return true;
    return row.WasNull(column) && !OidIsValid(pg::Call(get_namespace_oid, table.new_version.c_str(), true));
}

void UpdateAsOld(TableSync *table, Row *row) {
    for (UpRule &rule : table->up) {
        const AttrNumber target = rule.expression.target();
        const bool must_follow = row->AnyChanged(rule.expression.parameters()) ||
                                 (!row->Changed(target) && IsUnfilled(*table, *row, target));
        if (must_follow) Assign(&rule.expression, row);
    }
}

/// `up` runs only for what somebody else than the statement has changed behind its back: a trigger of the user's, on
/// the old column. What a client of the new version itself assigns never changes another column of its own.
void UpdateAsNew(TableSync *table, Row *row) {
    Columns derived;
    for (CompiledExpression &down : table->down) {
        if (!row->AnyChanged(down.parameters())) continue;
        Assign(&down, row);
        derived.push_back(down.target());
    }
    const auto is_foreign_change = [&](AttrNumber column) {
        return !row->IsAssigned(column) && std::find(derived.begin(), derived.end(), column) == derived.end() &&
               row->Changed(column);
    };
    for (UpRule &rule : table->up) {
        const auto sources = rule.expression.parameters();
        if (row->Changed(rule.expression.target())) continue;
        if (std::any_of(sources.begin(), sources.end(), is_foreign_change)) Assign(&rule.expression, row);
    }
}

const TriggerData &CheckedTrigger(const pg::Arguments &arguments) {
    if (!CALLED_AS_TRIGGER(arguments.call()))
        throw Error(sqlstates::kTriggerProtocolViolated,
                    {.message = "function pgmigrate_sync() must be called as a trigger",
                     .hint = "migrate_start() creates the triggers that call it."});
    const auto *const trigger = reinterpret_cast<const TriggerData *>(arguments.call()->context);
    const TriggerEvent event = trigger->tg_event;
    const bool is_write = TRIGGER_FIRED_BY_INSERT(event) || TRIGGER_FIRED_BY_UPDATE(event);
    if (!TRIGGER_FIRED_BEFORE(event) || !TRIGGER_FIRED_FOR_ROW(event) || !is_write)
        throw Error(sqlstates::kTriggerProtocolViolated,
                    {.message = "function pgmigrate_sync() must be fired BEFORE INSERT OR UPDATE, FOR EACH ROW",
                     .hint = "migrate_start() creates the triggers that call it."});
    if (trigger->tg_trigger->tgnargs != 1)
        throw Error(sqlstates::kTriggerProtocolViolated,
                    {.message = "function pgmigrate_sync() takes one trigger argument",
                     .hint = "migrate_start() creates the triggers that call it."});
    return *trigger;
}

/// Brings the two forms of the row's columns in step.
void Settle(TableSync *table, bool is_new, Row *row, const TriggerData &trigger) {
    if (TRIGGER_FIRED_BY_INSERT(trigger.tg_event)) {
        is_new ? InsertAsNew(table, row) : InsertAsOld(table, row);
    } else {
        is_new ? UpdateAsNew(table, row) : UpdateAsOld(table, row);
    }
}

Datum Sync(pg::Arguments arguments) {
    const TriggerData &trigger = CheckedTrigger(arguments);
    const std::shared_ptr<TableSync> table = FindTableSync(trigger);
    const Version version = table->writer.Of(trigger);
    Row row(trigger);
    if (version != Version::kSettled) Settle(table.get(), version == Version::kNew, &row, trigger);
    return PointerGetDatum(row.Finish());
}

}  // namespace
}  // namespace pgmigrate::sync

PGMIGRATE_FUNCTION(pgmigrate_sync, pgmigrate::sync::Sync)
