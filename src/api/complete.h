// SPDX-License-Identifier: PostgreSQL
// Completion, for the function and for the procedure. Used inside src/api only.
#pragma once

#include <string>

namespace pgmigrate::api {

/// Completes the active migration in the current transaction; returns its version schema. Takes ACCESS EXCLUSIVE locks.
/// Throws 55000 when none is active or it is not ready, 42501 for another than its starter, 55P03 when a lock cannot be
/// had in time.
std::string CompleteMigration(const std::string &schema_name);

}  // namespace pgmigrate::api
