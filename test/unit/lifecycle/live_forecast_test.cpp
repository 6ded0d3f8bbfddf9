// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/live_forecast.h"

#include <gtest/gtest.h>

namespace pgmigrate {
namespace {

constexpr std::int64_t kMegabyte = 1 << 20;

VolumeNeed Needs(std::int64_t needed, std::int64_t free, std::int64_t total = 100'000) {
    return {.volume = {.device = "1", .name = "space", .free = free * kMegabyte, .total = total * kMegabyte},
            .needed = needed * kMegabyte};
}

bool Stops(const VolumeNeed &need, const FreeDiskFloor &floor) {
    const std::optional<Reading> reading = DiskReading(need, floor);
    return reading && *reading->value >= reading->limits.hard;
}

TEST(LiveForecast, ExtendsWhatWasTakenSoFar) {
    LiveForecast forecast;
    forecast.Observe({.bytes = 100 * kMegabyte, .blocks_done = 0, .blocks_left = 12800});
    EXPECT_EQ(forecast.Left(), 0);
    forecast.Observe({.bytes = 101 * kMegabyte, .blocks_done = 10, .blocks_left = 12790});
    EXPECT_EQ(forecast.Left(), 0);  // too few to tell
    forecast.Observe({.bytes = 110 * kMegabyte, .blocks_done = 1280, .blocks_left = 11520});
    EXPECT_EQ(forecast.Left(), 90 * kMegabyte);
}

TEST(LiveForecast, TakesNothingFromATableThatShrinks) {
    LiveForecast forecast;
    forecast.Observe({.bytes = 100 * kMegabyte, .blocks_done = 0, .blocks_left = 12800});
    forecast.Observe({.bytes = 90 * kMegabyte, .blocks_done = 1280, .blocks_left = 11520});
    EXPECT_EQ(forecast.Left(), 0);
}

TEST(LiveForecast, BeginsAnewWhenTheFillDoes) {
    LiveForecast forecast;
    forecast.Observe({.bytes = 100 * kMegabyte, .blocks_done = 5000, .blocks_left = 100});
    forecast.Observe({.bytes = 200 * kMegabyte, .blocks_done = 0, .blocks_left = 5100});
    forecast.Observe({.bytes = 210 * kMegabyte, .blocks_done = 1000, .blocks_left = 4100});
    EXPECT_EQ(forecast.Left(), 41 * kMegabyte);
}

TEST(WalGrowth, IsBoundedByWhatCheckpointsKeep) {
    EXPECT_EQ(WalGrowth(5000, 300, 1000, false), 700);
    EXPECT_EQ(WalGrowth(100, 300, 1000, false), 100);
    EXPECT_EQ(WalGrowth(5000, 1500, 1000, false), 0);
    EXPECT_EQ(WalGrowth(5000, 300, 1000, true), 5000);
}

TEST(DiskReading, ASizeMustStayFree) {
    const FreeDiskFloor floor{.share = 0, .bytes = 10 * kMegabyte};
    EXPECT_FALSE(Stops(Needs(5, 20), floor));
    EXPECT_TRUE(Stops(Needs(15, 20), floor));
    EXPECT_TRUE(Stops(Needs(0, 10), floor));
    EXPECT_TRUE(Stops(Needs(0, 0), floor));
}

TEST(DiskReading, AShareMustStayFreeWhenItMatters) {
    const FreeDiskFloor floor{.share = 0.25, .bytes = 0};
    EXPECT_FALSE(Stops(Needs(1000, 30'000), floor));
    EXPECT_TRUE(Stops(Needs(6000, 30'000), floor));
    EXPECT_FALSE(Stops(Needs(10, 5000), floor));  // makes no difference
    EXPECT_TRUE(Stops(Needs(10, 1000), floor));   // but a hundredth stays free
}

TEST(DiskReading, ZeroTurnsItOff) { EXPECT_FALSE(DiskReading(Needs(1000, 0), {})); }

TEST(DiskReading, SaysWhatIsMissingWhere) {
    const Reading reading = *DiskReading(Needs(5, 20, 100), {.share = 0, .bytes = 30 * kMegabyte});
    EXPECT_EQ(reading.words,
              "20 MB of 100 MB are free on the file system of space, 35 MB are needed with what must stay free");
}

}  // namespace
}  // namespace pgmigrate
