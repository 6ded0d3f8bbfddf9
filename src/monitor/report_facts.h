// SPDX-License-Identifier: PostgreSQL
// Reads what the report shows.
#pragma once

#include "core/database.h"
#include "monitor/report.h"

namespace pgmigrate {

/// Everything but the conditions of completion. `status` is its row of StatusRows() (api/status_rows.h), which
/// leaves out errors that the caller may not see.
Report LoadReport(Database &state, const Rows &status);

}  // namespace pgmigrate
