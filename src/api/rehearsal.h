// SPDX-License-Identifier: PostgreSQL
// Used inside src/api only.
#pragma once

#include "api/session.h"

namespace pgmigrate::api {

/// The expressions will run as the table's owner, in the application's statements: what the owner may not do must come
/// out now. EXPLAIN checks the rights on functions and tables without running anything. Throws 42501.
void RequireOwnersRights(const std::vector<OwnerQuery> &queries, const std::string &search_path);

/// Runs expansion and the index builds on empty copies of the tables, and undoes it: with the caller's rights, in a
/// schema of its own, locking nothing that others use. Throws what PostgreSQL says to it, with its SQLSTATE and the
/// place in the migration. Does nothing in a transaction that may not write.
void Rehearse(const Prepared &prepared);

}  // namespace pgmigrate::api
