// SPDX-License-Identifier: PostgreSQL
#include "monitor/html.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace pgmigrate {

std::string EscapeHtml(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size());
    for (const char character : text) {
        switch (character) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            case '\'':
                escaped += "&#39;";
                break;
            default:
                escaped += character;
        }
    }
    return escaped;
}

std::string BytesInWords(double bytes) {
    constexpr std::array kUnits = {"kB", "MB", "GB", "TB"};
    if (bytes < 1024) return fmt::format("{:.0f} B", bytes);
    std::size_t unit = 0;
    for (bytes /= 1024; bytes >= 1024 && unit + 1 < kUnits.size(); bytes /= 1024) ++unit;
    return fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

std::string CountInWords(std::int64_t count) {
    std::string digits = std::to_string(count);
    for (std::size_t at = digits.size(); at > 3 && digits[at - 4] != '-';) {
        at -= 3;
        digits.insert(at, "\u202f");
    }
    return digits;
}

std::string RoundedCount(std::int64_t count) {
    if (count < 1'000'000) return CountInWords(count);
    if (count < 1'000'000'000) return fmt::format("{:.1f} M", static_cast<double>(count) / 1e6);
    return fmt::format("{:.1f} G", static_cast<double>(count) / 1e9);
}

std::string DurationInWords(double seconds) {
    if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
    const auto whole = std::llround(seconds);
    if (whole < 60) return fmt::format("{} s", whole);
    if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
    if (whole < 86400) return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
    return fmt::format("{} d {} h", whole / 86400, whole % 86400 / 3600);
}

}  // namespace pgmigrate
