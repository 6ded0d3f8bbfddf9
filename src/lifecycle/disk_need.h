// SPDX-License-Identifier: PostgreSQL
// How much disk a migration will need, and whether it is there. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/table_facts.h"
#include "plan/table_change.h"

namespace pgmigrate {

/// A file system that holds files of the server.
struct Volume {
    std::string device;  ///< the same for two paths on one file system
    std::string name;    ///< for messages: a tablespace on it, or pg_wal; not its path, which is not for every role
    std::int64_t free = 0;
    std::int64_t total = 0;
};

/// How much must stay free (setting pgmigrate.min_free_disk): a share of the file system or a size.
struct FreeDiskFloor {
    double share = 0;        ///< 0 to 1; 0: none
    std::int64_t bytes = 0;  ///< used when there is no share; 0: nothing is checked
};

/// "25%", "10GB", "512 MB", "0". Empty if the text is neither.
std::optional<FreeDiskFloor> ParseFreeDiskFloor(std::string_view text);

/// Bytes that a migration writes to stay, or to stay until vacuum.
struct DiskNeed {
    std::map<std::int64_t, std::int64_t> by_tablespace;  ///< OID, 0: the database's own
    std::int64_t sort = 0;  ///< temporary files of the largest index build; indexes are built one after the other
    std::int64_t wal = 0;   ///< all WAL that it writes; how much of that is there at once is for the server to say

    DiskNeed &operator+=(const DiskNeed &other);
};

DiskNeed ForecastDiskNeed(const TableChange &change, const TableFacts &facts,
                          const std::map<std::string, int> &type_lengths);

/// What one file system is to take.
struct VolumeNeed {
    Volume volume;
    std::int64_t needed = 0;
};

/// One entry for each device.
std::vector<VolumeNeed> SumByDevice(const std::vector<VolumeNeed> &needs);

enum class DiskVerdict {
    kFits,
    kBelowFloor,  ///< it fits, and so little of what is free is needed that it makes no difference; but it is too full
    kTooLittle,   ///< it does not fit, or leaves less than the floor
};

/// A share is a rule of good housekeeping: it stops only a migration that takes more than a hundredth of what is free.
/// A size is a limit: it stops every migration that needs space.
DiskVerdict Judge(const VolumeNeed &need, const FreeDiskFloor &floor);

/// "12 GB", as pg_size_pretty has it.
std::string PrettySize(std::int64_t bytes);

}  // namespace pgmigrate
