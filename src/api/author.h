// SPDX-License-Identifier: PostgreSQL
// Who runs the steps of a migration that another role ends: what its author wrote must not get the rights of that role.
#pragma once

#include "api/session.h"

namespace pgmigrate::api {

/// The author's rights under the migration's search_path. When the caller is another role, in a restricted operation as
/// well: nothing that runs there can take the caller's role back or leave something that runs later. Throws 42704 when
/// the author's role is gone.
pg::SpiDatabase AsAuthor(const MigrationRecord &record);

/// The caller's rights under the migration's search_path: only for statements that pgmigrate alone has made and that
/// evaluate nothing.
pg::SpiDatabase AsCaller(const MigrationRecord &record);

/// False when the role that started the migration was dropped or renamed.
bool HasAuthor(const MigrationRecord &record);

}  // namespace pgmigrate::api
