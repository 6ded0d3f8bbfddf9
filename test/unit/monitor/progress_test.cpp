// SPDX-License-Identifier: PostgreSQL
#include "monitor/progress.h"

#include <gtest/gtest.h>

namespace pgmigrate {
namespace {

using namespace std::chrono_literals;

TEST(Progress, PercentOnlyGrowsOverAWholeMigration) {
    ProgressInput input{.phase = State::kFilling, .blocks = 100, .index_steps = 3, .validate_steps = 2};
    double last = -1;
    const auto expect_more = [&] {
        const double percent = ComputeProgress(input).percent;
        EXPECT_GE(percent, last) << StateName(input.phase);
        EXPECT_GE(percent, 0);
        EXPECT_LE(percent, 100);
        last = percent;
    };
    for (input.blocks_filled = 0; input.blocks_filled <= 100; input.blocks_filled += 10) expect_more();
    input.blocks_filled = 100;
    input.phase = State::kIndexing;
    for (input.index_steps_done = 0; input.index_steps_done <= 3; ++input.index_steps_done) expect_more();
    input.phase = State::kValidating;
    for (input.validate_steps_done = 0; input.validate_steps_done <= 2; ++input.validate_steps_done) expect_more();
    input.phase = State::kVerifying;
    for (input.blocks_verified = 0; input.blocks_verified <= 100; input.blocks_verified += 10) expect_more();
    for (const State phase : {State::kPublishing, State::kReady, State::kCompleted}) {
        input.phase = phase;
        expect_more();
    }
    EXPECT_EQ(last, 100);
}

TEST(Progress, StaysWithinThePhaseWhenMoreIsDoneThanWasKnown) {
    EXPECT_EQ(ComputeProgress({.phase = State::kFilling, .blocks = 10, .blocks_filled = 15}).percent, 60);
    EXPECT_EQ(ComputeProgress({.phase = State::kIndexing, .index_steps = 1, .index_steps_done = 2}).percent, 80);
}

TEST(Progress, UnknownAndZeroBlocks) {
    for (const std::int64_t blocks : {0, -1}) {
        const Progress progress =
            ComputeProgress({.phase = State::kFilling, .blocks = blocks, .blocks_filled = 0, .fill_seconds = 1});
        EXPECT_EQ(progress.percent, 0);
        EXPECT_FALSE(progress.bytes_per_second);
        EXPECT_FALSE(progress.remaining);
    }
    EXPECT_EQ(ComputeProgress({.phase = State::kVerifying, .blocks = 0}).percent, 85);
}

TEST(Progress, OnlyReadyIsAHundred) {
    EXPECT_EQ(ComputeProgress({.phase = State::kPublishing}).percent, 99);
    EXPECT_EQ(ComputeProgress({.phase = State::kReady}).percent, 100);
}

TEST(Progress, SeveralProcessesAreAsMuchFaster) {
    ProgressInput input{
        .phase = State::kFilling, .blocks = 1000, .blocks_filled = 250, .fill_seconds = 5, .processes = 3};
    EXPECT_DOUBLE_EQ(*ComputeProgress(input).bytes_per_second, 3 * 250 * 8192 / 5.0);
    EXPECT_EQ(ComputeProgress(input).remaining, 5s);
    input.processes = 0;  // paused: as fast as one
    EXPECT_EQ(ComputeProgress(input).remaining, 15s);
}

TEST(Progress, RateAndRemainingTimeOfAFill) {
    const Progress progress =
        ComputeProgress({.phase = State::kFilling, .blocks = 1000, .blocks_filled = 250, .fill_seconds = 5});
    ASSERT_TRUE(progress.bytes_per_second);
    EXPECT_DOUBLE_EQ(*progress.bytes_per_second, 250 * 8192 / 5.0);
    EXPECT_EQ(progress.remaining, 15s);
}

TEST(Progress, NoRateBeforeTheFirstBatch) {
    EXPECT_FALSE(ComputeProgress({.phase = State::kFilling, .blocks = 10, .blocks_filled = 5, .fill_seconds = 0})
                     .bytes_per_second);
    EXPECT_FALSE(ComputeProgress({.phase = State::kFilling, .blocks = 10, .blocks_filled = 0, .fill_seconds = 5})
                     .bytes_per_second);
}

TEST(Progress, RemainingTimeIsNeverNegativeAndOnlyForTheFill) {
    EXPECT_EQ(
        ComputeProgress({.phase = State::kFilling, .blocks = 10, .blocks_filled = 20, .fill_seconds = 1}).remaining,
        0s);
    const Progress later =
        ComputeProgress({.phase = State::kIndexing, .blocks = 10, .blocks_filled = 10, .fill_seconds = 1});
    EXPECT_TRUE(later.bytes_per_second);
    EXPECT_FALSE(later.remaining);
}

TEST(ProgressBar, HasItsWidthWhateverThePercent) {
    EXPECT_EQ(ProgressBar(0, 10), "[..........]");
    EXPECT_EQ(ProgressBar(50, 10), "[#####.....]");
    EXPECT_EQ(ProgressBar(99.9, 10), "[#########.]");
    EXPECT_EQ(ProgressBar(100, 10), "[##########]");
    EXPECT_EQ(ProgressBar(-5, 4), "[....]");
    EXPECT_EQ(ProgressBar(500, 4), "[####]");
    EXPECT_EQ(ProgressBar(50, 0), "[]");
}

}  // namespace
}  // namespace pgmigrate
