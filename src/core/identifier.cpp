// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace pgmigrate {
namespace {

// Every keyword of PostgreSQL 15 to 18 that is not "unreserved" in some version (pg_get_keywords().catcode <> 'U').
// quote_identifier() quotes the same ones. The test names_regress compares this list with the server's.
constexpr std::array kQuotedKeywords = std::to_array<std::string_view>({
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "json",
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_table",
    "json_value",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "merge_action",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
});

bool IsLowerOrUnderscore(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsSafeUnquoted(std::string_view name) {
    if (name.empty() || !IsLowerOrUnderscore(name.front())) return false;
    if (!std::ranges::all_of(name, [](char c) { return IsLowerOrUnderscore(c) || IsDigit(c); })) return false;
    return !std::ranges::binary_search(kQuotedKeywords, name);
}

std::string Doubled(std::string_view text, char special) {
    std::string result;
    result.reserve(text.size() + 2);
    for (const char c : text) {
        if (c == special) result.push_back(c);
        result.push_back(c);
    }
    return result;
}

/// FNV-1a, 64 bit (draft-eastlake-fnv): short, stable across platforms and versions, and no secret depends on it.
std::uint64_t StableHash(std::string_view text) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211ULL;
    }
    return hash;
}

/// The longest beginning of text of at most `bytes` bytes that does not end inside a UTF-8 sequence.
std::string_view CutAtCharacter(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
    return text.substr(0, bytes);
}

}  // namespace

std::string QuoteIdentifier(std::string_view name) {
    return IsSafeUnquoted(name) ? std::string(name) : '"' + Doubled(name, '"') + '"';
}

std::string QualifiedName(std::string_view schema, std::string_view name) {
    return QuoteIdentifier(schema) + '.' + QuoteIdentifier(name);
}

std::string QuoteIdentifiers(const std::vector<std::string> &names) {
    std::string result;
    for (const std::string &name : names) {
        if (!result.empty()) result += ", ";
        result += QuoteIdentifier(name);
    }
    return result;
}

std::string QuoteLiteral(std::string_view text) {
    const std::string quoted = '\'' + Doubled(text, '\'') + '\'';
    if (text.find('\\') == std::string_view::npos) return quoted;
    return 'E' + Doubled(quoted, '\\');
}

std::string DerivedName(std::string_view prefix, std::string_view name, std::string_view suffix) {
    std::string whole = fmt::format("{}{}{}", prefix, name, suffix);
    if (whole.size() <= kLongestName) return whole;
    const std::string hash = fmt::format("_{:08x}", static_cast<std::uint32_t>(StableHash(whole)));
    const std::size_t room = kLongestName - prefix.size() - suffix.size() - hash.size();
    return fmt::format("{}{}{}{}", prefix, CutAtCharacter(name, room), hash, suffix);
}

}  // namespace pgmigrate
