// SPDX-License-Identifier: PostgreSQL
// A row in words, for errors.
#pragma once

#include <optional>
#include <string>

#include "fill/row_failure.h"
#include "pg/guard.h"

extern "C" {
#include "executor/tuptable.h"
#include "utils/relcache.h"
}

namespace pgmigrate::fill {

/// "ctid (12,3) of table public.orders"
std::string DescribeLocation(const RowLocation &location, const std::string &table);

/// "(id)=(17), ctid (12,3) of table public.orders"; without a primary key, or where the user in force may not see the
/// key, only the rest. The relation is open and the slot holds the row. Runs output functions of types.
std::string DescribeRow(Relation relation, TupleTableSlot *slot, const std::string &table);

/// The same for a row of which only the place is known: in a transaction of its own, after the one that failed was
/// rolled back. Nothing if the row or its table is gone.
std::optional<std::string> DescribeRowAt(const RowLocation &location);

/// A value as SQL text, cut to a length that fits an error; "null" for NULL.
std::string DescribeValue(TupleDesc row, AttrNumber column, Datum value, bool is_null);

}  // namespace pgmigrate::fill
