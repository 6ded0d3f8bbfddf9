// SPDX-License-Identifier: PostgreSQL
#include "api/preflight.h"

#include <algorithm>

#include "lifecycle/preflight.h"
#include "pg/disk.h"
#include "pg/settings.h"

namespace pgmigrate::api {
namespace {

std::vector<TableFacts> ReadTables(Session &session, const Plan *plan) {
    if (plan == nullptr) return LoadTableFacts(session.catalog(), session.schema_name(), nullptr);
    if (plan->changed_tables.empty()) return {};
    return LoadTableFacts(session.catalog(), session.schema_name(), &plan->changed_tables);
}

DiskNeed Forecast(Session &session, const std::vector<TableFacts> &tables, const Plan &plan) {
    std::vector<std::string> types;
    for (const TableChange &change : plan.table_changes)
        for (const ColumnToAdd &column : change.columns) types.push_back(column.type);
    const std::map<std::string, int> lengths = LoadTypeLengths(session.catalog(), types);
    DiskNeed need;
    for (const TableChange &change : plan.table_changes)
        if (const auto facts = std::ranges::find(tables, change.table, &TableFacts::name); facts != tables.end())
            need += ForecastDiskNeed(change, *facts, lengths);
    return need;
}

/// Checkpoints let go of what is above max_wal_size, unless a slot keeps it.
std::int64_t WalAtOnce(const DiskNeed &need, const Surroundings &surroundings) {
    const bool kept = std::ranges::any_of(surroundings.slots, [](const ReplicationSlot &slot) { return !slot.active; });
    return kept ? need.wal : std::min(need.wal, surroundings.max_wal_size);
}

std::vector<VolumeNeed> ReadVolumes(const std::vector<TableFacts> &tables, const DiskNeed &need, std::int64_t wal) {
    std::map<std::int64_t, std::int64_t> wanted = need.by_tablespace;
    wanted[0] += need.sort;
    for (const TableFacts &table : tables) wanted[table.tablespace] += 0;
    std::vector<VolumeNeed> needs;
    for (const auto &[tablespace, bytes] : wanted)
        if (const std::optional<Volume> volume = pg::VolumeOfTablespace(tablespace))
            needs.push_back({.volume = *volume, .needed = bytes});
    if (const std::optional<Volume> volume = pg::VolumeOfWal()) needs.push_back({.volume = *volume, .needed = wal});
    return SumByDevice(needs);
}

std::vector<Finding> Find(Session &session, const CatalogSchema &catalog, const Plan *plan,
                          const std::vector<ForeignKeyEdge> &foreign_keys) {
    pg::SettingsScope patience;
    LimitWaits(patience);
    const std::vector<TableFacts> tables = ReadTables(session, plan);
    // As the extension's owner: how long others have been at work is not for every role to see, but whoever changes a
    // table has to know.
    const Surroundings surroundings = LoadSurroundings(session.state(), pg::LockDeadline());
    const DiskNeed need = plan == nullptr ? DiskNeed{} : Forecast(session, tables, *plan);
    const std::vector<VolumeNeed> volumes = ReadVolumes(tables, need, WalAtOnce(need, surroundings));
    return Preflight({.catalog = catalog,
                      .tables = tables,
                      .surroundings = surroundings,
                      .foreign_keys = foreign_keys,
                      .volumes = volumes,
                      .free_disk = pg::MinFreeDisk(),
                      .patience = pg::LockDeadline(),
                      .plan = plan});
}

}  // namespace

std::vector<Finding> FindObstacles(Session &session, const CatalogSchema &catalog, const Plan *plan) {
    return Find(session, catalog, plan, LoadForeignKeys(session.catalog()));
}

void RequireNoErrors(Session &session, const Prepared &prepared) {
    ThrowFirstError(Find(session, prepared.catalog, &prepared.plan, {}));  // foreign keys are never an error
}

}  // namespace pgmigrate::api
