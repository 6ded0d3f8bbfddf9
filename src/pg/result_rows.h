// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/database.h"
#include "pg/guard.h"

namespace pgmigrate::pg {

/// Returns rows from a set-returning function declared with RETURNS TABLE. The values are read by the input functions
/// of the declared column types, by position.
Datum ReturnRows(FunctionCallInfo call, const Rows &rows);

}  // namespace pgmigrate::pg
