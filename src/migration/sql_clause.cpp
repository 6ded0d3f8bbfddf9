// SPDX-License-Identifier: PostgreSQL
#include "migration/sql_clause.h"

#include <fmt/format.h>

#include "migration/problem.h"

namespace pgmigrate {

std::optional<std::string> FindEscape(std::string_view clause) {
    std::string open;  // closing brackets that are to come
    for (std::size_t at = 0; at < clause.size(); ++at) {
        const char c = clause[at];
        if (c == '\'' || c == '"') {
            // A doubled quote is two quoted pieces next to each other: where the last one ends is the same.
            const std::size_t end = clause.find(c, at + 1);
            if (end == std::string_view::npos) return fmt::format("A quote {} is not closed.", c);
            if (clause.substr(at, end - at).find('\\') != std::string_view::npos)
                return "There is a backslash in quotes.";
            at = end;
        } else if (c == '(' || c == '[') {
            open += c == '(' ? ')' : ']';
        } else if (c == ')' || c == ']') {
            if (open.empty() || open.back() != c) return fmt::format("There is a {} too many.", c);
            open.pop_back();
        } else if (c == ';' || c == '$' || c == '\\') {
            return fmt::format("There is a {} outside of quotes.", c);
        } else if (const std::string_view pair = clause.substr(at, 2); pair == "--" || pair == "/*") {
            return "There is a comment.";
        }
    }
    if (!open.empty()) return fmt::format("A {} is missing.", open.back());
    return std::nullopt;
}

void CheckClause(std::string_view clause, const std::string &path) {
    const std::optional<std::string> escape = FindEscape(clause);
    if (!escape) return;
    ThrowInvalid({.message = fmt::format("field \"{}\" is not a clause of an SQL statement", path),
                  .detail = *escape,
                  .hint = "Write only what belongs into this place of the statement; other statements belong into an "
                          "operation \"sql\"."});
}

void CheckClause(const std::optional<std::string> &clause, const std::string &path) {
    if (clause) CheckClause(std::string_view(*clause), path);
}

}  // namespace pgmigrate
