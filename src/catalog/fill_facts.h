// SPDX-License-Identifier: PostgreSQL
// What the choice of a fill method depends on, as the catalog tells it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/database.h"
#include "lifecycle/fill_method.h"

namespace pgmigrate {

/// Facts of the table with this OID, or of each of its leaf partitions, ordered by name; nothing if it is gone.
/// `columns` are the shadow columns to be filled, which need not exist yet. What only its indexes, its file and the
/// expressions say is left open.
std::vector<FillFacts> LoadFillFacts(Database &database, std::int64_t table, const std::vector<std::string> &columns);

}  // namespace pgmigrate
