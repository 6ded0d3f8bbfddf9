// SPDX-License-Identifier: PostgreSQL
// Reads what the report shows.
#pragma once

#include "core/database.h"
#include "monitor/report.h"

namespace pgmigrate {

/// Everything but the conditions of completion. `status` is the row of migrate_status() of the migration.
Report LoadReport(Database &state, const Rows &status);

}  // namespace pgmigrate
