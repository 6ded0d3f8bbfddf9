// SPDX-License-Identifier: PostgreSQL
#include "core/expressions.h"

#include <charconv>

#include "core/sqlstates.h"

namespace pgmigrate {
namespace {

/// Length of the quoted token that starts at text[0] (' or "), closing quote included.
std::size_t QuotedLength(std::string_view text, bool backslash_escapes) {
    const char quote = text.front();
    std::size_t at = 1;
    while (at < text.size()) {
        if (backslash_escapes && text[at] == '\\') {
            at += 2;
        } else if (text[at] != quote) {
            ++at;
        } else if (at + 1 < text.size() && text[at + 1] == quote) {
            at += 2;
        } else {
            return at + 1;
        }
    }
    return text.size();
}

}  // namespace

std::string ReplaceParameters(std::string_view bound_text, const std::vector<std::string> &replacements) {
    std::string result;
    std::size_t at = 0;
    while (at < bound_text.size()) {
        const std::string_view rest = bound_text.substr(at);
        if (rest.front() == '\'' || rest.front() == '"') {
            const bool escapes = rest.front() == '\'' && at > 0 && bound_text[at - 1] == 'E';
            const std::size_t length = QuotedLength(rest, escapes);
            result += rest.substr(0, length);
            at += length;
            continue;
        }
        std::size_t number = 0;
        const char *const end = rest.data() + rest.size();
        const auto [stop, failure] = rest.front() == '$'
                                         ? std::from_chars(rest.data() + 1, end, number)
                                         : std::from_chars_result{rest.data(), std::errc::invalid_argument};
        if (failure != std::errc()) {
            result += rest.front();
            ++at;
            continue;
        }
        if (number == 0 || number > replacements.size())
            throw Error(sqlstates::kInternal, {.message = "expression has a parameter without a value"});
        result += replacements[number - 1];
        at += static_cast<std::size_t>(stop - rest.data());
    }
    return result;
}

}  // namespace pgmigrate
