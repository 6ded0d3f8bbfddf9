// SPDX-License-Identifier: PostgreSQL
// Raw SQL that runs at start, alone or between other operations. What comes after it can be planned only when it has
// run, because it may have changed anything.
#pragma once

#include <vector>

#include "api/session.h"

namespace pgmigrate::api {

/// Is there an operation that has to see what raw SQL of the same migration has done?
bool HasOperationsBehindRawSql(const Migration &migration);

/// Runs the raw SQL operations of a prepared migration as the caller, each with the tables that operations before it
/// create, and plans what remains. Returns the steps that have run, with their undo. SQL sees what is in the catalog:
/// the names of the old version, and new tables. Throws what the SQL throws; 0A000 for raw SQL behind an operation
/// whose table has to wait for its name.
std::vector<Step> RunRawSql(Session &session, Prepared &prepared);

/// The same, and nothing of it remains: what the SQL changes, and the locks it takes, are gone when it returns. The
/// steps are added to the plan.
void TryRawSql(Session &session, Prepared &prepared);

}  // namespace pgmigrate::api
