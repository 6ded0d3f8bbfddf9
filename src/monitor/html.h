// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pgmigrate {

/// Text for an HTML page, as content or as a quoted attribute.
std::string EscapeHtml(std::string_view text);

/// 8192 → "8.0 kB", 1.5e9 → "1.4 GB".
std::string BytesInWords(double bytes);

/// 1234567 → "1 234 567", with narrow spaces that do not break.
std::string CountInWords(std::int64_t count);

/// The same up to a million; 746913568 → "746.9 M".
std::string RoundedCount(std::int64_t count);

/// 0.25 → "0.3 s", 90 → "1 min 30 s", 7260 → "2 h 1 min", 180000 → "2 d 2 h".
std::string DurationInWords(double seconds);

}  // namespace pgmigrate
