// SPDX-License-Identifier: PostgreSQL
// The rows of migrate_status(), also read by migrate_wait(). Used inside src/api only.
#pragma once

#include <optional>
#include <string>

#include "core/database.h"

namespace pgmigrate::api {

/// One row per target schema (all of them, or one): its active migration, otherwise the one completed last. The columns
/// are those of migrate_status() in src/schema/30_functions.sql, plus error_detail and sees_errors (may the caller see
/// errors, which can name rows?) at the end.
Rows StatusRows(Database &state, const std::optional<std::string> &schema_name);

}  // namespace pgmigrate::api
