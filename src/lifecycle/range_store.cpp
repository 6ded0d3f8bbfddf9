// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/range_store.h"

#include <fmt/format.h>

namespace pgmigrate {
namespace {

constexpr const char *kRanges =
    "SELECT r.id, r.first_block, r.end_block, r.next_block, f.relation::text AS relation,"
    " f.relation::oid::bigint AS relation_oid, f.trigger_name, f.filenode::bigint, f.start_filenode::bigint, f.blocks"
    " FROM pgmigrate.fill_range r JOIN pgmigrate.fill f USING (migration_id, relation) ";

RangeRecord ReadRange(const Rows &rows, std::size_t row) {
    RangeRecord range{.id = rows.Int(row, "id"),
                      .first_block = rows.Int(row, "first_block"),
                      .end_block = rows.Int(row, "end_block"),
                      .next_block = rows.Int(row, "next_block"),
                      .table = {}};
    range.table.relation = rows.Text(row, "relation");
    range.table.relation_oid = rows.Int(row, "relation_oid");
    range.table.trigger_name = rows.Text(row, "trigger_name");
    range.table.filenode = rows.Int(row, "filenode");
    range.table.start_filenode = rows.Int(row, "start_filenode");
    range.table.blocks = rows.Int(row, "blocks");
    return range;
}

}  // namespace

std::vector<RangeRecord> RangeStore::FindUnfinished(std::int64_t migration_id, int most) {
    const Rows rows = database_.Query(
        std::string(kRanges) +
            "WHERE r.migration_id = $1::bigint AND r.next_block < r.end_block ORDER BY f.relation::oid, r.first_block"
            " LIMIT $2::integer",
        {std::to_string(migration_id), std::to_string(most)});
    std::vector<RangeRecord> ranges;
    for (std::size_t row = 0; row < rows.size(); ++row) ranges.push_back(ReadRange(rows, row));
    return ranges;
}

std::optional<RangeRecord> RangeStore::Find(std::int64_t range_id) {
    const Rows rows = database_.Query(std::string(kRanges) + "WHERE r.id = $1::bigint", {std::to_string(range_id)});
    if (rows.empty()) return std::nullopt;
    return ReadRange(rows, 0);
}

FillLoad RangeStore::Load(std::int64_t migration_id) {
    const Rows rows = database_.Query(
        "SELECT count(*) AS ranges, coalesce(sum(end_block - next_block), 0)::bigint AS blocks"
        " FROM pgmigrate.fill_range WHERE migration_id = $1::bigint AND next_block < end_block",
        {std::to_string(migration_id)});
    return {.ranges = rows.Int(0, "ranges"), .blocks = rows.Int(0, "blocks")};
}

void RangeStore::Divide(std::int64_t migration_id, const FillRecord &fill) {
    const std::string id = std::to_string(migration_id), relation = std::to_string(fill.relation_oid);
    database_.Execute(
        "UPDATE pgmigrate.fill SET filenode = $3::oid, blocks = $4::bigint, blocks_filled = 0, verify_block = 0,"
        " filled_at = NULL WHERE migration_id = $1::bigint AND relation = $2::oid",
        {id, relation, std::to_string(fill.filenode), std::to_string(fill.blocks)});
    database_.Execute("DELETE FROM pgmigrate.fill_range WHERE migration_id = $1::bigint AND relation = $2::oid",
                      {id, relation});
    database_.Execute(
        "INSERT INTO pgmigrate.fill_range (migration_id, relation, first_block, end_block, next_block)"
        " SELECT $1::bigint, $2::oid, first, least(first + $4::bigint, $3::bigint), first"
        " FROM generate_series(0, $3::bigint - 1, $4::bigint) AS first",
        {id, relation, std::to_string(fill.blocks), std::to_string(RangeBlocks(fill.blocks))});
}

std::int64_t RangeStore::LockFile(std::int64_t migration_id, std::int64_t relation) {
    const Rows rows = database_.Query(
        "SELECT filenode::bigint FROM pgmigrate.fill WHERE migration_id = $1::bigint AND relation = $2::oid FOR UPDATE",
        {std::to_string(migration_id), std::to_string(relation)});
    return rows.empty() ? 0 : rows.Int(0, "filenode");
}

void RangeStore::Save(std::int64_t migration_id, const RangeRecord &range, const RangeProgress &progress) {
    database_.Execute(
        "UPDATE pgmigrate.fill SET blocks_filled = blocks_filled + $3::bigint, rows_filled = rows_filled + $4::bigint,"
        " active_seconds = active_seconds + $5::double precision"
        " WHERE migration_id = $1::bigint AND relation = $2::oid",
        {std::to_string(migration_id), std::to_string(range.table.relation_oid),
         std::to_string(progress.next_block - range.next_block), std::to_string(progress.rows),
         fmt::format("{}", progress.active_seconds)});
    database_.Execute("UPDATE pgmigrate.fill_range SET next_block = $2::bigint WHERE id = $1::bigint",
                      {std::to_string(range.id), std::to_string(progress.next_block)});
}

std::optional<FillRecord> RangeStore::FindFinishedTable(std::int64_t migration_id) {
    const Rows rows = database_.Query(
        "SELECT f.relation::oid::bigint AS relation_oid FROM pgmigrate.fill f WHERE f.migration_id = $1::bigint"
        " AND f.blocks >= 0 AND f.filled_at IS NULL AND NOT EXISTS (SELECT FROM pgmigrate.fill_range r"
        " WHERE r.migration_id = f.migration_id AND r.relation = f.relation AND r.next_block < r.end_block)"
        " ORDER BY f.relation::oid LIMIT 1",
        {std::to_string(migration_id)});
    if (rows.empty()) return std::nullopt;
    for (FillRecord &fill : StateStore(database_).Fills(migration_id))
        if (fill.relation_oid == rows.Int(0, "relation_oid")) return std::move(fill);
    return std::nullopt;
}

void RangeStore::MarkFilled(std::int64_t migration_id, const FillRecord &fill) {
    database_.Execute(
        "UPDATE pgmigrate.fill SET filled_at = clock_timestamp()"
        " WHERE migration_id = $1::bigint AND relation = $2::oid AND filenode = $3::oid AND blocks = $4::bigint",
        {std::to_string(migration_id), std::to_string(fill.relation_oid), std::to_string(fill.filenode),
         std::to_string(fill.blocks)});
}

}  // namespace pgmigrate
