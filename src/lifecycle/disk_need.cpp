// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/disk_need.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

namespace pgmigrate {
namespace {

/// What PostgreSQL's planner takes for a value of unknown length (get_typavgwidth).
constexpr int kUnknownWidth = 32;
/// Row header, line pointer and padding; and what a row of a table that was never analysed is taken to have at least.
constexpr int kRowOverhead = 28;
/// Index tuple header, line pointer and padding.
constexpr int kIndexEntryOverhead = 16;
/// A B-tree fills its leaf pages to 90 % when it is built.
constexpr double kLeafFill = 0.9;
/// Headers of the WAL records of a row's update, and of an index entry, in bytes.
constexpr int kWalPerRow = 80;
constexpr int kWalPerEntry = 60;

int WidthOf(const ColumnToAdd &column, const TableFacts &facts, const std::map<std::string, int> &type_lengths) {
    if (const auto length = type_lengths.find(column.type); length != type_lengths.end() && length->second > 0)
        return length->second;
    const auto like = facts.widths.find(column.like);
    return like == facts.widths.end() ? kUnknownWidth : like->second;
}

int WidthOf(const std::string &column, const TableChange &change, const TableFacts &facts,
            const std::map<std::string, int> &type_lengths) {
    const auto added = std::ranges::find(change.columns, column, &ColumnToAdd::name);
    if (added != change.columns.end()) return WidthOf(*added, facts, type_lengths);
    const auto known = facts.widths.find(column);
    return known == facts.widths.end() ? kUnknownWidth : known->second;
}

double RowsOf(const TableFacts &facts) {
    if (facts.rows > 0) return facts.rows;
    return facts.rows < 0 ? static_cast<double>(facts.heap_bytes) / (kRowOverhead + kUnknownWidth) : 0;
}

std::int64_t Bytes(double bytes) { return static_cast<std::int64_t>(std::ceil(bytes)); }

/// WAL of a fill in the order of the blocks: one image of each page, and a record for each row and index entry. From
/// the sizes of the pages; with wal_compression it is less.
double WalOfFill(const TableFacts &facts, double rows, double new_width) {
    const double heap = static_cast<double>(facts.heap_bytes);
    const double rows_written = heap + rows * (new_width + kWalPerRow);
    const double entries =
        static_cast<double>(facts.index_bytes) + rows * kWalPerEntry * static_cast<double>(facts.index_sizes.size());
    return heap + rows_written + entries;
}

}  // namespace

DiskNeed &DiskNeed::operator+=(const DiskNeed &other) {
    for (const auto &[tablespace, bytes] : other.by_tablespace) by_tablespace[tablespace] += bytes;
    sort = std::max(sort, other.sort);
    wal += other.wal;
    return *this;
}

DiskNeed ForecastDiskNeed(const TableChange &change, const TableFacts &facts,
                          const std::map<std::string, int> &type_lengths) {
    DiskNeed need;
    const double rows = RowsOf(facts);
    if (change.filled) {
        double width = 0;
        for (const ColumnToAdd &column : change.columns) width += WidthOf(column, facts, type_lengths);
        // Each row is written once more, and the old one stays until vacuum has been there; so it is with the entries
        // of the indexes, because a row that gets longer does not fit on its page.
        need.by_tablespace[facts.tablespace] += facts.heap_bytes + Bytes(rows * width);
        for (const auto &[name, index] : facts.index_sizes) need.by_tablespace[index.tablespace] += index.bytes;
        need.wal += Bytes(WalOfFill(facts, rows, width));
    }
    for (const IndexToBuild &index : change.indexes) {
        std::int64_t bytes = 0;
        std::int64_t tablespace = 0;
        if (const auto like = facts.index_sizes.find(index.like); like != facts.index_sizes.end()) {
            bytes = like->second.bytes;
            tablespace = like->second.tablespace;
        } else {
            double entry = kIndexEntryOverhead;
            for (const std::string &column : index.columns) entry += WidthOf(column, change, facts, type_lengths);
            bytes = Bytes(rows * entry / kLeafFill);
        }
        need.by_tablespace[tablespace] += bytes;
        need.sort = std::max(need.sort, bytes);
        need.wal += bytes;
    }
    return need;
}

std::optional<FreeDiskFloor> ParseFreeDiskFloor(std::string_view text) {
    const auto trim = [](std::string_view part) {
        while (!part.empty() && std::isspace(static_cast<unsigned char>(part.front()))) part.remove_prefix(1);
        while (!part.empty() && std::isspace(static_cast<unsigned char>(part.back()))) part.remove_suffix(1);
        return part;
    };
    text = trim(text);
    double number = 0;
    const auto [end, failure] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (failure != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
    const std::string_view unit = trim(text.substr(static_cast<std::size_t>(end - text.data())));
    if (unit == "%")
        return number <= 100 ? std::optional<FreeDiskFloor>({.share = number / 100, .bytes = 0}) : std::nullopt;
    if (unit.empty() && number == 0) return FreeDiskFloor{};
    constexpr std::array<std::string_view, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
    const auto *const found = std::ranges::find(kUnits, unit);
    const double bytes = std::ldexp(number, 10 * static_cast<int>(found - kUnits.begin()));
    if (found == kUnits.end() || bytes >= std::ldexp(1, 63)) return std::nullopt;
    return FreeDiskFloor{.share = 0, .bytes = static_cast<std::int64_t>(bytes)};
}

std::vector<VolumeNeed> SumByDevice(const std::vector<VolumeNeed> &needs) {
    std::vector<VolumeNeed> sums;
    for (const VolumeNeed &need : needs) {
        const auto same =
            std::ranges::find_if(sums, [&](const VolumeNeed &sum) { return sum.volume.device == need.volume.device; });
        if (same == sums.end())
            sums.push_back(need);
        else
            same->needed += need.needed;
    }
    return sums;
}

DiskVerdict Judge(const VolumeNeed &need, const FreeDiskFloor &floor) {
    if (floor.share == 0 && floor.bytes == 0) return DiskVerdict::kFits;
    const Volume &volume = need.volume;
    if (need.needed > volume.free) return DiskVerdict::kTooLittle;
    const double least =
        floor.share > 0 ? floor.share * static_cast<double>(volume.total) : static_cast<double>(floor.bytes);
    if (static_cast<double>(volume.free - need.needed) >= least) return DiskVerdict::kFits;
    const bool matters = floor.share > 0 ? need.needed > volume.free / 100 : need.needed > 0;
    return matters ? DiskVerdict::kTooLittle : DiskVerdict::kBelowFloor;
}

std::string PrettySize(std::int64_t bytes) {
    constexpr std::array<std::string_view, 6> kUnits{"bytes", "kB", "MB", "GB", "TB", "PB"};
    std::size_t unit = 0;
    double size = static_cast<double>(bytes);
    while (size >= 10240 && unit + 1 < kUnits.size()) {
        size /= 1024;
        ++unit;
    }
    return fmt::format("{:.0f} {}", size, kUnits[unit]);
}

}  // namespace pgmigrate
