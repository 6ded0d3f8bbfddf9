// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/disk_need.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgmigrate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr std::int64_t kGB = 1 << 30;

TEST(FreeDiskFloor, SharesAndSizes) {
    EXPECT_DOUBLE_EQ(ParseFreeDiskFloor("25%")->share, 0.25);
    EXPECT_DOUBLE_EQ(ParseFreeDiskFloor(" 12.5 % ")->share, 0.125);
    EXPECT_EQ(ParseFreeDiskFloor("10GB")->bytes, 10 * kGB);
    EXPECT_EQ(ParseFreeDiskFloor("1.5 kB")->bytes, 1536);
    EXPECT_EQ(ParseFreeDiskFloor("7B")->bytes, 7);
    EXPECT_EQ(ParseFreeDiskFloor("2TB")->bytes, 2048 * kGB);
    EXPECT_EQ(ParseFreeDiskFloor("0")->bytes, 0);
}

TEST(FreeDiskFloor, WordsThatAreNeither) {
    for (const char *text :
         {"", "%", "10", "-1%", "101%", "10 gb", "much", "nan%", "inf%", "10%%", "99999999999TB", "1e3%"})
        EXPECT_FALSE(ParseFreeDiskFloor(text)) << text;
}

class Forecast : public ::testing::Test {
  protected:
    Forecast() {
        facts.rows = 1000;
        facts.heap_bytes = 100'000;
        facts.index_bytes = 30'000;
        facts.tablespace = 7;
        facts.widths = {{"a", 10}};
        facts.index_sizes = {{"t_pkey", {.bytes = 20'000, .tablespace = 0}},
                             {"t_a", {.bytes = 10'000, .tablespace = 8}}};
    }

    TableFacts facts;
    TableChange change;
};

TEST_F(Forecast, NothingIsWrittenForAColumnThatIsNotFilled) {
    change.columns = {{.name = "n", .type = "integer", .like = ""}};
    const DiskNeed need = ForecastDiskNeed(change, facts, {});
    EXPECT_THAT(need.by_tablespace, IsEmpty());
    EXPECT_EQ(need.wal, 0);
}

TEST_F(Forecast, AFillWritesEachRowAndItsIndexEntriesOnceMore) {
    change.filled = true;
    change.columns = {{.name = "n", .type = "bigint", .like = ""}};
    const DiskNeed need = ForecastDiskNeed(change, facts, {{"bigint", 8}});
    EXPECT_THAT(need.by_tablespace, ElementsAre(Pair(0, 20'000), Pair(7, 100'000 + 8 * 1000), Pair(8, 10'000)));
    EXPECT_EQ(need.wal, 100'000 + (100'000 + 88 * 1000) + 30'000 + 60 * 1000 * 2);
    EXPECT_EQ(need.sort, 0);
}

TEST_F(Forecast, AValueOfUnknownLengthIsAsLongAsThoseItResembles) {
    change.filled = true;
    change.columns = {{.name = "n", .type = "text", .like = "a"}};
    EXPECT_EQ(ForecastDiskNeed(change, facts, {{"text", 0}}).by_tablespace.at(7), 110'000);
    change.columns = {{.name = "n", .type = "text", .like = ""}};
    EXPECT_EQ(ForecastDiskNeed(change, facts, {{"text", 0}}).by_tablespace.at(7), 132'000);
}

TEST_F(Forecast, ATableThatWasNeverAnalysedHasShortRows) {
    facts.rows = -1;
    facts.heap_bytes = 60'000;
    change.filled = true;
    change.columns = {{.name = "n", .type = "integer", .like = ""}};
    EXPECT_EQ(ForecastDiskNeed(change, facts, {{"integer", 4}}).by_tablespace.at(7), 64'000);
}

TEST_F(Forecast, IndexesAreSortedOneAfterTheOther) {
    change.columns = {{.name = "n", .type = "bigint", .like = ""}};
    change.indexes = {{.name = "d", .like = "t_a", .columns = {}},
                      {.name = "new", .like = "", .columns = {"n", "a", "unknown"}}};
    const DiskNeed need = ForecastDiskNeed(change, facts, {{"bigint", 8}});
    const std::int64_t built = 73'334;  // 1000 entries of 16 + 8 + 10 + 32 bytes, on pages filled to 90 %
    EXPECT_THAT(need.by_tablespace, ElementsAre(Pair(0, built), Pair(8, 10'000)));
    EXPECT_EQ(need.sort, built);
    EXPECT_EQ(need.wal, built + 10'000);
}

TEST(DiskNeed, SumsTables) {
    DiskNeed sum{.by_tablespace = {{0, 5}}, .sort = 3, .wal = 1};
    sum += {.by_tablespace = {{0, 5}, {9, 1}}, .sort = 2, .wal = 1};
    EXPECT_THAT(sum.by_tablespace, ElementsAre(Pair(0, 10), Pair(9, 1)));
    EXPECT_EQ(sum.sort, 3);
    EXPECT_EQ(sum.wal, 2);
}

VolumeNeed Need(std::int64_t needed, std::int64_t free, std::string device = "1") {
    return {.volume = {.device = std::move(device), .name = "pg_default", .free = free, .total = 1000},
            .needed = needed};
}

TEST(DiskNeed, FileSystemsAreCountedOnce) {
    const std::vector<VolumeNeed> sums = SumByDevice({Need(1, 100), Need(5, 50, "2"), Need(2, 100)});
    ASSERT_EQ(sums.size(), 2);
    EXPECT_EQ(sums[0].needed, 3);
    EXPECT_EQ(sums[1].needed, 5);
}

TEST(DiskVerdict, WhatDoesNotFitIsRefused) {
    EXPECT_EQ(Judge(Need(101, 100), {.share = 0.01, .bytes = 0}), DiskVerdict::kTooLittle);
    EXPECT_EQ(Judge(Need(101, 100), {}), DiskVerdict::kFits) << "0 turns the check off";
}

TEST(DiskVerdict, AShareStopsOnlyWhatMakesADifference) {
    const FreeDiskFloor quarter{.share = 0.25, .bytes = 0};
    EXPECT_EQ(Judge(Need(50, 300), quarter), DiskVerdict::kFits);
    EXPECT_EQ(Judge(Need(51, 300), quarter), DiskVerdict::kTooLittle);
    EXPECT_EQ(Judge(Need(2, 200), quarter), DiskVerdict::kBelowFloor);
    EXPECT_EQ(Judge(Need(3, 200), quarter), DiskVerdict::kTooLittle);
}

TEST(DiskVerdict, ASizeIsALimit) {
    const FreeDiskFloor limit{.share = 0, .bytes = 100};
    EXPECT_EQ(Judge(Need(1, 101), limit), DiskVerdict::kFits);
    EXPECT_EQ(Judge(Need(1, 100), limit), DiskVerdict::kTooLittle);
    EXPECT_EQ(Judge(Need(0, 99), limit), DiskVerdict::kBelowFloor);
}

TEST(PrettySize, AsPostgresql) {
    EXPECT_EQ(PrettySize(0), "0 bytes");
    EXPECT_EQ(PrettySize(10239), "10239 bytes");
    EXPECT_EQ(PrettySize(10240), "10 kB");
    EXPECT_EQ(PrettySize(78 * kGB), "78 GB");
}

}  // namespace
}  // namespace pgmigrate
