// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <cstdint>

namespace pgmigrate {

/// Bytes of a block: BLCKSZ, as every packaged server is built.
constexpr std::int64_t kBlockBytes = 8192;

}  // namespace pgmigrate
