// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <cstdint>

namespace pgmigrate::worker {

/// Works for the migration until it wants nothing more, or at once if another process does. In a process whose session
/// is prepared, outside of any transaction.
void WorkFor(std::int64_t migration_id);

}  // namespace pgmigrate::worker
