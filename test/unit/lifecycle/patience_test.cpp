// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/patience.h"

#include <gtest/gtest.h>

#include "lifecycle/load.h"

namespace pgmigrate {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime kNow{1000s};

TEST(Horizon, IsStuckWhileItsXminStays) {
    Horizon horizon;
    horizon.Observe(kNow, HorizonHolder{"1 12:00", "process 1", 100});
    horizon.Observe(kNow + 60s, HorizonHolder{"1 12:00", "process 1", 100});
    EXPECT_EQ(horizon.stuck(), 60s);
    horizon.Observe(kNow + 61s, HorizonHolder{"1 12:00", "process 1", 101});
    EXPECT_EQ(horizon.stuck(), 0s);
    horizon.Observe(kNow + 70s, HorizonHolder{"1 12:00", "process 1", 101});
    EXPECT_EQ(horizon.stuck(), 9s);
    horizon.Observe(kNow + 70s, HorizonHolder{"1 12:30", "process 1", 101});  // its next transaction
    EXPECT_EQ(horizon.stuck(), 0s);
    horizon.Observe(kNow + 71s, std::nullopt);
    EXPECT_EQ(horizon.stuck(), 0s);
}

TEST(VacuumYield, LetsAnAutovacuumGoFirst) {
    VacuumYield yield;
    EXPECT_FALSE(yield.Observe(kNow, false, 60s));
    EXPECT_TRUE(yield.Observe(kNow + 1s, true, 60s));
    EXPECT_TRUE(yield.Observe(kNow + 30s, true, 60s));
    EXPECT_FALSE(yield.Observe(kNow + 31s, false, 60s));
}

TEST(VacuumYield, NotForEver) {
    VacuumYield yield;
    double yielded = 0;
    for (int second = 0; second < 1200; ++second) yielded += yield.Observe(kNow + second * 1s, true, 60s) ? 1 : 0;
    EXPECT_GE(yielded, 110);  // twice within twenty minutes
    EXPECT_LE(yielded, 125);
}

TEST(VacuumYield, ManyShortOnesShareTheBound) {
    VacuumYield yield;
    double yielded = 0;
    for (int second = 0; second < 600; ++second)
        yielded += yield.Observe(kNow + second * 1s, second % 2 == 0, 60s) ? 1 : 0;
    EXPECT_LE(yielded, 65);
}

TEST(VacuumYield, ABoundOfZeroYieldsNothing) {
    VacuumYield yield;
    EXPECT_FALSE(yield.Observe(kNow, true, 0s));
    EXPECT_FALSE(yield.Observe(kNow + 1s, true, 0s));
}

TEST(Load, AveragesOverAFewSeconds) {
    Load load;
    load.Observe(kNow, {.running = 0, .committing = 0, .commits = 0});
    load.Observe(kNow + 1s, {.running = 10, .committing = 0, .commits = 0});
    EXPECT_GT(load.running(), 1);
    EXPECT_LT(load.running(), 3);
    for (int second = 2; second < 40; ++second) load.Observe(kNow + second * 1s, {.running = 10});
    EXPECT_NEAR(load.running(), 10, 0.1);
}

TEST(Load, TakesTheLatencyOfCommitsFromThoseThatWait) {
    Load load;
    for (int second = 0; second < 60; ++second)
        load.Observe(kNow + second * 1s, {.running = 4, .committing = 2, .commits = second * 100});
    ASSERT_TRUE(load.CommitLatency());
    EXPECT_NEAR(*load.CommitLatency(), 20, 0.5);
}

TEST(Load, FewCommitsTellNothing) {
    Load load;
    for (int second = 0; second < 60; ++second)
        load.Observe(kNow + second * 1s, {.running = 1, .committing = 1, .commits = second});
    EXPECT_FALSE(load.CommitLatency());
}

TEST(Load, SurvivesAResetOfTheStatistics) {
    Load load;
    load.Observe(kNow, {.running = 0, .committing = 0, .commits = 1'000'000});
    load.Observe(kNow + 1s, {.running = 0, .committing = 0, .commits = 5});
    load.Observe(kNow + 1s, {.running = 7, .committing = 0, .commits = 5});  // no time has passed
    EXPECT_GE(load.running(), 0);
    EXPECT_FALSE(load.CommitLatency());
}

}  // namespace
}  // namespace pgmigrate
