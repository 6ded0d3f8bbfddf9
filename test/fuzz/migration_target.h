// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <string_view>

namespace pgmigrate::fuzz {

enum class Outcome { kUnreadable, kRefused, kPlanned };

/// One run of the target; aborts where a promise is broken.
Outcome Try(std::string_view text);

}  // namespace pgmigrate::fuzz
