// SPDX-License-Identifier: PostgreSQL
// Names and literals in SQL text. All SQL of pgmigrate is built from these, never from raw strings of a user.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate {

/// Longest name PostgreSQL stores, in bytes (NAMEDATALEN - 1); it truncates longer ones without an error.
inline constexpr std::size_t kLongestName = 63;

/// The name as an SQL identifier: quoted unless PostgreSQL would read it back unchanged without quotes.
std::string QuoteIdentifier(std::string_view name);

/// schema.name, each part quoted as needed.
std::string QualifiedName(std::string_view schema, std::string_view name);

/// Comma-separated quoted identifiers.
std::string QuoteIdentifiers(const std::vector<std::string> &names);

/// The text as an SQL string literal, right under any setting of standard_conforming_strings.
std::string QuoteLiteral(std::string_view text);

/// prefix + name + suffix if that fits in kLongestName bytes; otherwise the name is cut at a character boundary and a
/// hash of the whole is put behind it, so that two long names with a common beginning stay different.
std::string DerivedName(std::string_view prefix, std::string_view name, std::string_view suffix = {});

}  // namespace pgmigrate
