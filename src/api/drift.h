// SPDX-License-Identifier: PostgreSQL
// Changes of the target schema that no migration has made.
#pragma once

#include <vector>

#include "api/session.h"
#include "monitor/drift.h"

namespace pgmigrate::api {

/// How the target schema differs from what the latest completed migration left; nothing without one. While a migration
/// is active, the tables its steps name are left out: what it does to them is not finished. While one with raw SQL is,
/// nothing can be told.
std::vector<SchemaDifference> FindDrift(Session &session);

/// Raises the differences that were not told at the start of this migration as one WARNING and keeps them as an event
/// of the migration: from its completion on they are part of the stored schema.
void ReportDrift(Session &session, const MigrationRecord &record, const std::vector<SchemaDifference> &differences);

}  // namespace pgmigrate::api
