// SPDX-License-Identifier: PostgreSQL
#include "core/database.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/sqlstates.h"

namespace pgmigrate {
namespace {

[[noreturn]] void Unexpected(std::string_view column, std::string_view what) {
    throw Error(sqlstates::kInternal, {.message = fmt::format("query result column \"{}\" {}", column, what)});
}

}  // namespace

const Value &Rows::At(std::size_t row, std::string_view column) const {
    const auto found = std::ranges::find(columns, column);
    if (found == columns.end() || row >= values.size()) Unexpected(column, "does not exist");
    return values[row][static_cast<std::size_t>(found - columns.begin())];
}

const std::string &Rows::Text(std::size_t row, std::string_view column) const {
    const Value &value = At(row, column);
    if (!value) Unexpected(column, "is null");
    return *value;
}

std::string Rows::TextOr(std::size_t row, std::string_view column, std::string_view fallback) const {
    const Value &value = At(row, column);
    return value ? *value : std::string(fallback);
}

bool Rows::Bool(std::size_t row, std::string_view column) const {
    const std::string &text = Text(row, column);
    return text == "t" || text == "true";
}

std::int64_t Rows::Int(std::size_t row, std::string_view column) const {
    const std::string &text = Text(row, column);
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size()) Unexpected(column, "is not an integer");
    return number;
}

}  // namespace pgmigrate
