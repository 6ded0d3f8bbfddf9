// SPDX-License-Identifier: PostgreSQL
// Room on the file systems that hold the server's files.
#pragma once

#include <cstdint>
#include <optional>

#include "lifecycle/disk_need.h"

namespace pgmigrate::pg {

/// The file system of a tablespace; 0 stands for the one of the current database. Empty if it cannot be read.
std::optional<Volume> VolumeOfTablespace(std::int64_t tablespace);

/// The file system of pg_wal.
std::optional<Volume> VolumeOfWal();

}  // namespace pgmigrate::pg
