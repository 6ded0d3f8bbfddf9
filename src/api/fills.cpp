// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "api/fills.h"

#include <algorithm>

#include "catalog/fill_facts.h"
#include "pg/settings.h"

namespace pgmigrate::api {
namespace {

/// Of the table or its leaves. A shadow column that is yet to be made has no index.
std::vector<FillFacts> LoadFacts(Session &session, const TableToFill &fill) {
    std::vector<FillFacts> facts = LoadFillFacts(session.catalog(), fill.oid, fill.columns);
    for (FillFacts &each : facts)
        if (!fill.may_write.empty()) each.writing_column = fill.may_write.front();
    return facts;
}

void AddRecords(Session &session, const TableToFill &fill, std::vector<FillRecord> &records) {
    const Rows rows = session.catalog().Query(
        "SELECT c.oid::bigint AS oid, c.relfilenode::bigint AS filenode, c.oid <> $1::oid AS is_leaf"
        " FROM (SELECT $1::oid AS relid UNION SELECT relid FROM pg_partition_tree($1::oid::regclass)) t"
        " JOIN pg_class c ON c.oid = t.relid WHERE c.relkind <> 'p' ORDER BY c.oid",
        {std::to_string(fill.oid)});
    for (std::size_t row = 0; row < rows.size(); ++row) {
        FillRecord record;
        record.relation_oid = rows.Int(row, "oid");
        record.trigger_name = fill.trigger_name;
        record.is_leaf = rows.Bool(row, "is_leaf");
        record.start_filenode = record.is_leaf ? rows.Int(row, "filenode") : fill.filenode;
        record.filenode = record.start_filenode;
        record.blocks = -1;
        record.wish = pg::WishedFillMethod();
        records.push_back(std::move(record));
    }
}

}  // namespace

std::vector<FillRecord> PrepareFills(Session &session, const Plan &plan) {
    std::vector<FillRecord> records;
    for (const TableToFill &fill : plan.fills) {
        for (const FillFacts &facts : LoadFacts(session, fill)) RequireWishedMethod(pg::WishedFillMethod(), facts);
        AddRecords(session, fill, records);
    }
    return records;
}

std::string DescribeFill(Session &session, const TableToFill &fill) {
    std::vector<FillChoice> choices;
    for (const FillFacts &facts : LoadFacts(session, fill))
        choices.push_back(ChooseFillMethod(pg::WishedFillMethod(), facts));
    const auto is_update = [](const FillChoice &choice) { return choice.method == FillMethod::kUpdate; };
    const auto found = std::ranges::find_if(choices, is_update);
    if (found == choices.end()) return "method page";
    if (choices.size() == 1) return "method update: " + found->reason;
    return fmt::format("method update for {} of {} partitions: {}", std::ranges::count_if(choices, is_update),
                       choices.size(), found->reason);
}

}  // namespace pgmigrate::api
