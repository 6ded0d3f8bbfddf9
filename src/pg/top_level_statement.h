// SPDX-License-Identifier: PostgreSQL
// Statements that refuse to run inside a transaction block or a function: CREATE INDEX CONCURRENTLY and its like commit
// in the middle of their work, which only a statement at the top level of a session may do. Workers only.
#pragma once

#include <string>

#include "pg/guard.h"

namespace pgmigrate::pg {

/// Runs one SQL statement as if a client had sent it: begins and commits its own transaction, so none may be open. With
/// a valid `user` it runs with that role's rights. Throws ServerError after the transaction was aborted, and Error
/// XX000 if the text is not exactly one statement.
void RunTopLevelStatement(const std::string &sql, Oid user = InvalidOid);

}  // namespace pgmigrate::pg
