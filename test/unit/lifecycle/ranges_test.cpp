// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/ranges.h"

#include <gtest/gtest.h>

namespace pgmigrate {
namespace {

constexpr std::int64_t kGigabyte = 131'072;  // blocks

std::int64_t RangesOf(std::int64_t blocks) { return (blocks + RangeBlocks(blocks) - 1) / RangeBlocks(blocks); }

TEST(RangeBlocks, SmallTablesAreDividedInPiecesOfOneMegabyte) {
    EXPECT_EQ(RangeBlocks(0), 128);
    EXPECT_EQ(RangeBlocks(1), 128);
    EXPECT_EQ(RangeBlocks(64 * 128), 128);
    EXPECT_EQ(RangesOf(1300), 11);
}

TEST(RangeBlocks, MiddlingTablesHaveEnoughForAnyNumberOfProcesses) {
    EXPECT_EQ(RangesOf(kGigabyte / 2), 64);
    EXPECT_EQ(RangesOf(2 * kGigabyte), 64);
}

TEST(RangeBlocks, BigTablesHaveRangesOf64Megabytes) {
    EXPECT_EQ(RangeBlocks(4 * kGigabyte), 8192);
    EXPECT_EQ(RangeBlocks(100 * kGigabyte), 8192);
    EXPECT_EQ(RangesOf(100 * kGigabyte), 1600);
    EXPECT_EQ(RangeBlocks(256 * kGigabyte), 8192);
}

TEST(RangeBlocks, HugeTablesHaveFewRows) {
    EXPECT_EQ(RangeBlocks(256 * kGigabyte + 1), 8193);
    EXPECT_LE(RangesOf(300 * kGigabyte + 77), 4096);
    EXPECT_LE(RangesOf(4'294'967'294), 4096);  // the biggest table there can be
}

TEST(WantedFillers, TheSettingDecides) {
    EXPECT_EQ(WantedFillers(3, 1, {.ranges = 10, .blocks = 1280}), 3);
    EXPECT_EQ(WantedFillers(1, 64, {.ranges = 1000, .blocks = 10'000'000}), 1);
    EXPECT_EQ(WantedFillers(99, 64, {.ranges = 1000, .blocks = 10'000'000}), kMostFillers);
}

TEST(WantedFillers, NoMoreThanThereAreRanges) {
    EXPECT_EQ(WantedFillers(8, 8, {.ranges = 2, .blocks = 200}), 2);
    EXPECT_EQ(WantedFillers(8, 8, {.ranges = 0, .blocks = 0}), 1);
    EXPECT_EQ(WantedFillers(0, 8, {.ranges = 3, .blocks = 10'000'000}), 3);
}

TEST(WantedFillers, AutomaticallyHalfOfTheCores) {
    const FillLoad big{.ranges = 1600, .blocks = 100 * kGigabyte};
    EXPECT_EQ(WantedFillers(0, 0, big), 1);  // unknown
    EXPECT_EQ(WantedFillers(0, 1, big), 1);
    EXPECT_EQ(WantedFillers(0, 2, big), 1);
    EXPECT_EQ(WantedFillers(0, 4, big), 2);
    EXPECT_EQ(WantedFillers(0, 8, big), 4);
    EXPECT_EQ(WantedFillers(0, 128, big), 4);
}

TEST(WantedFillers, AutomaticallyNoneMoreForASmallTable) {
    EXPECT_EQ(WantedFillers(0, 16, {.ranges = 64, .blocks = 16'383}), 1);
    EXPECT_EQ(WantedFillers(0, 16, {.ranges = 64, .blocks = 16'384}), 2);
    EXPECT_EQ(WantedFillers(0, 16, {.ranges = 64, .blocks = 60'000}), 4);
}

TEST(FilledUpTo, IsThePositionWhenNothingIsUnfinished) {
    const std::vector<int> none;
    EXPECT_EQ(FilledUpTo(42, none, [](int block) { return block; }), 42);
}

TEST(FilledUpTo, IsTheFirstBlockWithAnUnfinishedRow) {
    const std::vector<std::uint32_t> blocks{17, 9, 4'294'967'290};
    const auto same = [](std::uint32_t block) { return block; };
    EXPECT_EQ(FilledUpTo(42, blocks, same), 9);
    EXPECT_EQ(FilledUpTo(5, blocks, same), 5);
}

}  // namespace
}  // namespace pgmigrate
