// SPDX-License-Identifier: PostgreSQL
// How big the next batch of a fill or a verification is and how long the rest after it, from how the last ones felt.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace pgmigrate {

/// What one batch did: blocks it really visited (a batch may stop early), the time it worked, without pauses, and the
/// WAL it wrote.
struct BatchReport {
    std::int64_t blocks = 0;
    std::chrono::microseconds active{0};
    std::int64_t wal = 0;
};

struct PaceLimits {
    std::chrono::microseconds target = std::chrono::milliseconds(100);  ///< how long a batch should work
    std::int64_t wal = 8 << 20;                                         ///< bytes of WAL it should write at most
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

/// The servo. A batch costs the larger of its shares of the two targets; the next one is made so big that nine of ten
/// recent batches of that size would not have cost more than one. It at most doubles, because a stretch of empty or
/// already filled blocks says nothing about those behind it, and at most halves; only after a batch that cost more than
/// five it shrinks to an eighth at once, and what was before is forgotten.
class Pace {
  public:
    Pace() = default;
    explicit Pace(const PaceLimits &limits) : limits_(limits) {}

    /// Blocks of the next batch.
    std::int64_t blocks() const { return blocks_; }
    /// WAL that a block costs, as the recent batches had it.
    double wal_per_block() const;

    /// With `hold`, does not grow: after a pause or while it is slowed down, a batch feels lighter than it is.
    void Record(const BatchReport &batch, bool hold = false);
    /// Somebody waits behind us: an eighth.
    void Shrink();

  private:
    double CostPerBlock(const BatchReport &batch) const;

    PaceLimits limits_;
    std::int64_t blocks_ = kFirstBatchBlocks;
    std::deque<BatchReport> recent_;
};

/// Rest after a batch that worked for `active`, so that work and rest together are as slow as `factor` says (0 to 1).
/// At most one second, after which the server is looked at again.
std::chrono::microseconds RestAfter(std::chrono::microseconds active, double factor);

/// Heap bytes per second (setting pgmigrate.fill_rate_limit). What was not used in the past cannot be saved up.
class RateLimit {
  public:
    using Time = std::chrono::steady_clock::time_point;

    /// Bytes that the next batch may visit, such that it keeps to the rate for a quarter of a second; nothing: no
    /// limit. Takes the present rate, 0 for none.
    std::optional<std::int64_t> BatchBytes(std::int64_t bytes_per_second) const;
    /// `bytes` were visited by a batch that ended at `now`: until when to rest.
    Time Spend(Time now, std::int64_t bytes, std::int64_t bytes_per_second);

  private:
    Time free_from_{};
};

}  // namespace pgmigrate
