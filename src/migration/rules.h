// SPDX-License-Identifier: PostgreSQL
// What makes a migration wrong whatever tables exist. Called by ParseMigration; what needs the catalog is the
// planner's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "migration/operation.h"

namespace pgmigrate {

/// Checks every rule below for a whole migration. Throws Error, SQLSTATE 22023 unless there is a better one.
void CheckRules(const Migration &migration);

/// The rest are parts of CheckRules. `path` is that of the value checked.

/// A name that something is going to have: PostgreSQL would cut a longer one without an error (42622).
void CheckName(std::string_view name, const std::string &path);
void CheckNamesDiffer(const std::vector<std::string> &names, const std::string &path);
void CheckCheck(const CheckConstraint &check, const std::string &path);
void CheckReference(const ForeignKeyReference &reference, const std::string &path);
void CheckGenerated(const Generated &generated, const std::string &path);
/// A constraint has what its type needs and nothing its type does not know.
void CheckConstraintFields(const ConstraintDefinition &constraint, const std::string &path);

}  // namespace pgmigrate
