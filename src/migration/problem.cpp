// SPDX-License-Identifier: PostgreSQL
#include "migration/problem.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "core/identifier.h"
#include "core/sqlstates.h"

namespace pgmigrate {
namespace {

/// What remains of a name when spelling habits (onComplete, on_complete, ON-COMPLETE) are taken away.
std::string Fold(std::string_view name) {
    std::string folded = ToLower(name);
    std::erase_if(folded, [](char c) { return c == '_' || c == '-' || c == ' '; });
    return folded;
}

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to get from one to the other.
std::size_t MeasureDistance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> before(right.size() + 1);
    std::vector<std::size_t> last(right.size() + 1);
    std::vector<std::size_t> current(right.size() + 1);
    std::iota(last.begin(), last.end(), 0);
    for (std::size_t row = 1; row <= left.size(); ++row) {
        current[0] = row;
        for (std::size_t column = 1; column <= right.size(); ++column) {
            const std::size_t replaced = last[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1);
            current[column] = std::min({replaced, last[column] + 1, current[column - 1] + 1});
            const bool swapped =
                row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1];
            if (swapped) current[column] = std::min(current[column], before[column - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, current);
    }
    return last[right.size()];
}

}  // namespace

std::string MakePrintable(std::string_view text) {
    std::size_t length = std::min(text.size(), kLongestName);
    while (length < text.size() && length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
    std::string printable(text.substr(0, length));
    std::ranges::replace_if(
        printable, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
    return length < text.size() ? printable + "..." : printable;
}

std::string ToLower(std::string_view text) {
    std::string lower(text);
    for (char &c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

std::string FieldPath(std::string_view parent, std::string_view key) {
    return parent.empty() ? MakePrintable(key) : fmt::format("{}.{}", parent, MakePrintable(key));
}

std::string ItemPath(std::string_view parent, std::size_t index) { return fmt::format("{}[{}]", parent, index); }

std::optional<std::string_view> FindNearest(std::string_view name, const std::vector<std::string_view> &known) {
    if (name.size() > kLongestName) return std::nullopt;
    const std::string wanted = Fold(name);
    std::size_t least = std::max<std::size_t>(1, wanted.size() / 3) + 1;
    std::optional<std::string_view> nearest;
    for (const std::string_view candidate : known) {
        const std::size_t distance = MeasureDistance(wanted, Fold(candidate));
        if (distance >= least || distance >= wanted.size()) continue;
        least = distance;
        nearest = candidate;
    }
    return nearest;
}

std::string SuggestKnown(std::string_view name, const std::vector<std::string_view> &known, std::string_view what) {
    if (const auto nearest = FindNearest(name, known)) return fmt::format("Did you mean \"{}\"?", *nearest);
    if (known.empty()) return fmt::format("There are no {} here.", what);
    return fmt::format("Known {} are: {}.", what, fmt::join(known, ", "));
}

void ThrowInvalid(ErrorText text) { throw Error(sqlstates::kInvalidMigration, std::move(text)); }

void ThrowMissing(std::string_view path, std::string why, std::string hint) {
    ThrowInvalid(
        {.message = fmt::format("missing field \"{}\"", path), .detail = std::move(why), .hint = std::move(hint)});
}

}  // namespace pgmigrate
