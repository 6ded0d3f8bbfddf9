// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "worker/fill_choice.h"

#include "catalog/fill_facts.h"
#include "fill/page_method.h"
#include "pg/settings.h"

namespace pgmigrate::worker {
namespace {

FillFacts LoadFacts(Database &state, const fill::FillRequest &request) {
    fill::TakeTransactionId();  // before looking for publications
    std::vector<std::string> columns;
    std::string writing;
    for (const SyncExpression &up : request.spec.up) {
        columns.push_back(up.target);
        if (up.may_write) writing = up.target;
    }
    FillFacts facts;
    // A table that became a partitioned one would not be here: it is locked, and has storage.
    for (FillFacts &found : LoadFillFacts(state, request.table.oid, columns)) facts = std::move(found);
    facts.writing_column = writing;
    facts.indexed_column = fill::IndexedTarget(request);
    facts.rewritten = request.rewritten;
    return facts;
}

}  // namespace

FillChoice ChooseMethod(pg::SpiDatabase &state, const FillRecord &fill, const fill::FillRequest &request) {
    // The server's own setting, which can be changed while a migration runs, before that of the session that started
    // it.
    const FillWish now = pg::WishedFillMethod();
    return ChooseFillMethod(now == FillWish::kAuto ? fill.wish : now, LoadFacts(state, request));
}

void TellMethod(pg::SpiDatabase &state, const MigrationRecord &record, const FillRecord &fill,
                const fill::FillRequest &request, const FillChoice &choice) {
    if (fill.method == FillMethodName(choice.method)) return;
    const bool changed = RangeStore(state).SaveMethod(record.id, fill.relation_oid, choice);
    if (changed && !fill.method.empty())
        StateStore(state).RecordEvent(
            record, "fill method changed",
            fmt::format("table {}: {}, because {}", request.table.name, FillMethodName(choice.method), choice.reason));
}

}  // namespace pgmigrate::worker
