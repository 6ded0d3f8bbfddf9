// SPDX-License-Identifier: PostgreSQL
// What a plan's range table says about how a statement writes to a table.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sync/writer_version.h"

namespace pgmigrate::sync {

/// Range table indexes of the entries through which the statement writes to the table, by its own name or that of a
/// table it is a partition of (`lineage`): one if the row's slot tells which, otherwise all that come into question.
std::vector<Index> TargetEntries(const RunningStatement &statement, const TriggerData &trigger,
                                 const std::vector<Oid> &lineage);

/// Does the statement insert through one of these entries? Otherwise it updates.
bool InsertsAny(const PlannedStmt &plan, const std::vector<Index> &targets);

/// The version of the views that the statement names where it writes through these entries; nothing if it names none,
/// or views of both versions.
std::optional<Version> VersionOfViews(const PlannedStmt &plan, const std::vector<Index> &targets,
                                      const std::vector<Oid> &lineage, const std::string &new_version,
                                      const std::string &old_version);

}  // namespace pgmigrate::sync
