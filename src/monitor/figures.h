// SPDX-License-Identifier: PostgreSQL
// Reads what the metrics are made of.
#pragma once

#include "core/database.h"
#include "monitor/metrics.h"

namespace pgmigrate {

/// All figures but those of the disk. `status` has the columns of migrate_status(). Reads with the rights of `state`,
/// which needs those of pg_read_all_stats to see other roles' sessions; works on a standby; changes and locks nothing.
Figures LoadFigures(Database &state, const Rows &status);

/// Seconds by which the standby or subscriber that is furthest behind is behind; 0 without one.
double LoadLag(Database &state);

/// Adds the time that a migration has waited, by reason.
void LoadLostTime(Database &state, const std::string &schema, const std::string &migration,
                  std::vector<ThrottleFigures> &lost);

}  // namespace pgmigrate
