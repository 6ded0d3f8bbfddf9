// SPDX-License-Identifier: PostgreSQL
// The disk that a fill still needs, from what it has taken so far.
#pragma once

#include <optional>

#include "lifecycle/disk_need.h"
#include "lifecycle/pressure.h"

namespace pgmigrate {

/// What one look shows of the tables being filled in one tablespace.
struct FillFootprint {
    std::int64_t bytes = 0;  ///< of the tables with their indexes and TOAST tables
    std::int64_t blocks_done = 0;
    std::int64_t blocks_left = 0;
};

class LiveForecast {
  public:
    void Observe(const FillFootprint &footprint);

    /// Bytes that the rest of the blocks will take if they take as much as those before.
    std::int64_t Left() const { return left_; }

  private:
    std::optional<FillFootprint> first_;
    std::int64_t left_ = 0;
};

/// WAL that will be on disk at once beyond what is there, when `left` more bytes of it are to be written: checkpoints
/// let go of what is above max_wal_size, unless something keeps it.
std::int64_t WalGrowth(std::int64_t left, std::int64_t present, std::int64_t max_wal_size, bool kept);

/// Whether the file system has room for what is still needed, and leaves what must stay free (lifecycle/disk_need.h).
/// Stops when not, and lets go on again with a twentieth more; never slows down. Even below a share that is no limit, a
/// hundredth or 1 GB always stays free, whichever is less. Nothing when nothing is to be checked.
std::optional<Reading> DiskReading(const VolumeNeed &need, const FreeDiskFloor &floor);

}  // namespace pgmigrate
