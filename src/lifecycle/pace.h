// SPDX-License-Identifier: PostgreSQL
// How big the next batch of a fill or a verification is, from how the last one felt.
#pragma once

#include <chrono>
#include <cstdint>

namespace pgmigrate {

/// What one batch did: blocks it really visited (a batch may stop early) and the time it worked, without pauses.
struct BatchReport {
    std::int64_t blocks = 0;
    std::chrono::microseconds active{0};
};

struct PaceLimits {
    std::chrono::microseconds target = std::chrono::milliseconds(100);  ///< how long a batch should work
    std::int64_t least = 1;
    std::int64_t most = 4096;
};

inline constexpr std::int64_t kFirstBatchBlocks = 4;

/// Where a batch stops before its blocks are done, at the end of the block it is in: what a transaction locks and
/// leaves behind is bounded even where rows are tiny, and so is the time that a writer waits for it where expressions
/// have become slow.
struct BatchLimits {
    std::int64_t rows = 10'000;  ///< filled or found busy
    std::chrono::microseconds active = std::chrono::milliseconds(300);
};

/// Blocks of the next batch. It grows by at most half, because a stretch of empty or already filled blocks says nothing
/// about those behind it; it shrinks in proportion, and to an eighth when the batch took more than five times its
/// target.
std::int64_t NextBatchBlocks(const BatchReport &last, const PaceLimits &limits = {});

}  // namespace pgmigrate
