// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/pace.h"

#include <gtest/gtest.h>

namespace pgmigrate {
namespace {

using namespace std::chrono_literals;

TEST(NextBatchBlocks, KeepsABatchThatTakesItsTarget) {
    EXPECT_EQ(NextBatchBlocks({.blocks = 200, .active = 100ms}), 200);
}

TEST(NextBatchBlocks, GrowsByAtMostHalf) {
    EXPECT_EQ(NextBatchBlocks({.blocks = 200, .active = 1ms}), 300);
    EXPECT_EQ(NextBatchBlocks({.blocks = 200, .active = 80ms}), 250);
}

TEST(NextBatchBlocks, GrowsFromASingleBlock) {
    EXPECT_EQ(NextBatchBlocks({.blocks = 1, .active = 1ms}), 2);
    EXPECT_EQ(NextBatchBlocks({.blocks = 2, .active = 1ms}), 3);
}

TEST(NextBatchBlocks, ShrinksInProportion) {
    EXPECT_EQ(NextBatchBlocks({.blocks = 200, .active = 200ms}), 100);
    EXPECT_EQ(NextBatchBlocks({.blocks = 200, .active = 500ms}), 40);
}

TEST(NextBatchBlocks, ShrinksToAnEighthWhenFarOverItsTarget) {
    EXPECT_EQ(NextBatchBlocks({.blocks = 200, .active = 501ms}), 25);
    EXPECT_EQ(NextBatchBlocks({.blocks = 200, .active = 60s}), 25);
}

TEST(NextBatchBlocks, StaysWithinItsLimits) {
    EXPECT_EQ(NextBatchBlocks({.blocks = 4, .active = 60s}), 1);
    EXPECT_EQ(NextBatchBlocks({.blocks = 1, .active = 60s}), 1);
    EXPECT_EQ(NextBatchBlocks({.blocks = 4000, .active = 1ms}), 4096);
    EXPECT_EQ(NextBatchBlocks({.blocks = 100, .active = 1ms}, {.target = 100ms, .least = 1, .most = 120}), 120);
}

TEST(NextBatchBlocks, DoesNotDivideByNothing) { EXPECT_EQ(NextBatchBlocks({.blocks = 0, .active = 0us}), 2); }

}  // namespace
}  // namespace pgmigrate
