// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <string>
#include <string_view>

#include "migration/operation.h"

namespace pgmigrate {

/// Reads a migration in pgroll's format, JSON or YAML (text whose first character that is not blank is `{` or `[` is
/// JSON); or several, an array or YAML documents, which become one with the operations of all.
/// Strict: unknown fields, missing required ones and wrong types are errors, SQLSTATE 22023, with the field's path,
/// e.g. `operations[1].add_column.column.type`; text that is neither JSON nor YAML is 22P02. Rules that need no catalog
/// are checked here too: name lengths (42622), at most one of two exclusive fields, … .
Migration ParseMigration(std::string_view text);

/// The migration as JSON, in the form ParseMigration read (for the history).
std::string NormalizeToJson(std::string_view text);

}  // namespace pgmigrate
