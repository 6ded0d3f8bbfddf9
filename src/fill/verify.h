// SPDX-License-Identifier: PostgreSQL
// Old against new: compares what the rows hold with what `up` makes of them. Right only until the new version is
// published: before that nothing but `up` writes shadow columns.
#pragma once

#include <cstdint>

#include "fill/table.h"

namespace pgmigrate::fill {

/// Checks every row in blocks [first, last) that a fresh snapshot sees: none lacks its values, and each immutable `up`
/// entry, computed again, gives the stored value bit by bit. An entry that reads the target of an earlier one reads the
/// stored value, so it can be checked whether or not the earlier one can. Returns the number of rows. Runs in the
/// current transaction, which holds at least ACCESS SHARE on the table. Throws Error MG001 for the first row that
/// differs, RowFailure if an expression fails.
std::int64_t VerifyBlocks(const Table &table, const SyncSpec &spec, std::int64_t first, std::int64_t last);

}  // namespace pgmigrate::fill
