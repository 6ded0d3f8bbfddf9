// SPDX-License-Identifier: PostgreSQL
// Pieces of SQL that a migration gives verbatim (storage parameters, operator classes, exclusion elements): unlike
// expressions they cannot be parsed on their own, so it is checked that they cannot end the statement they become part
// of.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pgmigrate {

/// Why the text could reach beyond its place in a statement, as a sentence; nullopt if it cannot: parentheses and
/// quotes are balanced, and there is no semicolon, comment, dollar sign or backslash, under any setting of
/// standard_conforming_strings.
std::optional<std::string> FindEscape(std::string_view clause);

/// Throws Error with SQLSTATE 22023 if FindEscape finds something. `path` is that of the field.
void CheckClause(std::string_view clause, const std::string &path);
void CheckClause(const std::optional<std::string> &clause, const std::string &path);

}  // namespace pgmigrate
