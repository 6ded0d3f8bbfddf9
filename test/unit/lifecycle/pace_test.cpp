// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/pace.h"

#include <gtest/gtest.h>

namespace pgmigrate {
namespace {

using namespace std::chrono_literals;

/// A pace that has come to rest at `blocks` with batches that cost exactly one.
Pace SettledAt(std::int64_t blocks) {
    Pace pace;
    for (int i = 0; i < 20; ++i)
        pace.Record({.blocks = pace.blocks(), .active = std::chrono::microseconds(100'000 * pace.blocks() / blocks)});
    return pace;
}

TEST(Pace, BeginsSmallAndDoublesAtMost) {
    Pace pace;
    EXPECT_EQ(pace.blocks(), kFirstBatchBlocks);
    pace.Record({.blocks = 4, .active = 1us});
    EXPECT_EQ(pace.blocks(), 8);
    pace.Record({.blocks = 8, .active = 0us});
    EXPECT_EQ(pace.blocks(), 16);
}

TEST(Pace, FindsTheSizeThatTakesItsTarget) { EXPECT_EQ(SettledAt(200).blocks(), 200); }

TEST(Pace, CountsWalAsWellAsTime) {
    Pace pace({.target = 100ms, .wal = 1 << 20});
    for (int i = 0; i < 20; ++i) pace.Record({.blocks = pace.blocks(), .active = 1ms, .wal = pace.blocks() * 8192});
    EXPECT_EQ(pace.blocks(), 128);
    EXPECT_DOUBLE_EQ(pace.wal_per_block(), 8192);
}

TEST(Pace, ShrinksByAtMostHalf) {
    Pace pace = SettledAt(200);
    for (int i = 0; i < 8; ++i) {
        const std::int64_t before = pace.blocks();
        pace.Record({.blocks = before, .active = 400ms});
        EXPECT_GE(pace.blocks(), before / 2);
    }
}

TEST(Pace, ABatchFarOverItsTargetShrinksItToAnEighthAtOnce) {
    Pace pace = SettledAt(200);
    pace.Record({.blocks = 200, .active = 501ms});
    EXPECT_EQ(pace.blocks(), 25);
    EXPECT_EQ(pace.wal_per_block(), 0);  // what was before is forgotten
}

TEST(Pace, TakesABatchThatEndedEarlyAsItWas) {
    Pace pace = SettledAt(200);
    pace.Record({.blocks = 16, .active = 60s});  // stopped after 16 blocks, which were terrible
    EXPECT_EQ(pace.blocks(), 2);
}

TEST(Pace, OneLightBatchAmongHeavyOnesDoesNotCount) {
    Pace pace = SettledAt(200);
    pace.Record({.blocks = 200, .active = 1ms});
    EXPECT_EQ(pace.blocks(), 200);
}

TEST(Pace, DoesNotGrowWhileHeld) {
    Pace pace;
    for (int i = 0; i < 5; ++i) pace.Record({.blocks = 4, .active = 1us}, true);
    EXPECT_EQ(pace.blocks(), kFirstBatchBlocks);
    pace.Record({.blocks = 4, .active = 400ms}, true);
    EXPECT_LT(pace.blocks(), kFirstBatchBlocks);
}

TEST(Pace, StaysWithinItsLimits) {
    Pace pace({.target = 100ms, .wal = 8 << 20, .least = 1, .most = 100});
    for (int i = 0; i < 20; ++i) pace.Record({.blocks = pace.blocks(), .active = 0us});
    EXPECT_EQ(pace.blocks(), 100);
    for (int i = 0; i < 20; ++i) pace.Record({.blocks = pace.blocks(), .active = 60s});
    EXPECT_EQ(pace.blocks(), 1);
}

TEST(Pace, SomebodyWaitingShrinksIt) {
    Pace pace = SettledAt(200);
    pace.Shrink();
    EXPECT_EQ(pace.blocks(), 25);
}

TEST(RestAfter, KeepsTheShareOfWork) {
    EXPECT_EQ(RestAfter(100ms, 1), 0us);
    EXPECT_EQ(RestAfter(100ms, 0.5), 100ms);
    EXPECT_EQ(RestAfter(100ms, 0.1), 900ms);
    EXPECT_EQ(RestAfter(10s, 0.5), 1s);
    EXPECT_EQ(RestAfter(100ms, 0), 1s);
}

TEST(RateLimit, KeepsToTheRate) {
    RateLimit limit;
    const RateLimit::Time start{1000s};
    RateLimit::Time now = start;
    EXPECT_EQ(limit.BatchBytes(8 << 20), 2 << 20);
    for (int i = 0; i < 40; ++i) now = limit.Spend(now + 10ms, 2 << 20, 8 << 20);
    EXPECT_NEAR(std::chrono::duration<double>(now - start).count(), 10, 1.1);
}

TEST(RateLimit, WhatWasNotUsedCannotBeSavedUp) {
    RateLimit limit;
    RateLimit::Time now{1000s};
    now = limit.Spend(now, 1 << 20, 1 << 20);
    now += 1h;
    const RateLimit::Time until = limit.Spend(limit.Spend(now, 2 << 20, 1 << 20), 2 << 20, 1 << 20);
    EXPECT_GE(until - now, 3s);
}

TEST(RateLimit, ZeroIsNoLimit) {
    RateLimit limit;
    const RateLimit::Time now{1000s};
    EXPECT_EQ(limit.BatchBytes(0), std::nullopt);
    EXPECT_EQ(limit.Spend(now, 1 << 30, 0), now);
}

TEST(RateLimit, ANewRateHoldsFromTheNextBatch) {
    RateLimit limit;
    const RateLimit::Time now{1000s};
    EXPECT_GE(limit.Spend(now, 8192, 8192) - now, 0s);
    EXPECT_LE(limit.Spend(now, 8192, 1 << 30) - now, 1s);
}

}  // namespace
}  // namespace pgmigrate
