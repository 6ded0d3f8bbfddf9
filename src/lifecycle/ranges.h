// SPDX-License-Identifier: PostgreSQL
// How a fill is divided among processes: ranges of blocks, each worked on by one process at a time.
#pragma once

#include <cstdint>
#include <vector>

namespace pgmigrate {

/// Blocks per range of a table: many ranges, so that no process is left with much work when the others have none, and
/// few rows to keep for a huge table (4,096 at most). 1 MiB at least and 64 MiB for what is between 4 GiB and 256 GiB.
std::int64_t RangeBlocks(std::int64_t table_blocks) noexcept;

/// Processes that a fill may use at most (`pgmigrate.fill_workers`).
inline constexpr int kMostFillers = 32;

struct FillLoad {
    std::int64_t ranges = 0;  ///< not finished
    std::int64_t blocks = 0;  ///< in them, not filled
};

/// How many processes should fill, the migration's worker included: at least 1, never more than there are ranges.
/// `setting` 0 leaves half of the cores to the application and takes 4 processes at most, one per 128 MiB.
int WantedFillers(int setting, int cores, const FillLoad &load) noexcept;

/// Up to where a range is filled: the first block that holds an unfinished row, or `position` without such.
/// `unfinished` gives the block of each row.
template <typename Rows, typename BlockOf>
std::int64_t FilledUpTo(std::int64_t position, const Rows &unfinished, BlockOf block_of) {
    for (const auto &row : unfinished) {
        const auto block = static_cast<std::int64_t>(block_of(row));
        if (block < position) position = block;
    }
    return position;
}

}  // namespace pgmigrate
