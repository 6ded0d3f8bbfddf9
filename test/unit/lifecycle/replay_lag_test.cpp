// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/replay_lag.h"

#include <gtest/gtest.h>

namespace pgmigrate {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kMegabyte = 1 << 20;

class ReplayLagTest : public ::testing::Test {
  protected:
    /// A look after `pause`: `written` more MB written, standby "s" has replayed `replayed` MB in all.
    void Look(std::chrono::milliseconds pause, double written, double replayed) {
        now_ += pause;
        written_ += written;
        lag_.Observe(now_, Bytes(written_), {{.name = "s", .replayed = Bytes(replayed)}});
    }
    static std::uint64_t Bytes(double megabytes) {
        return static_cast<std::uint64_t>(megabytes * static_cast<double>(kMegabyte));
    }
    const StandbyLag &Seen() { return lag_.lags().at(0); }

    ReplayLag lag_;
    SteadyTime now_{1000s};
    double written_ = 1000;
};

TEST_F(ReplayLagTest, IsNothingForAStandbyThatHasAll) {
    Look(0ms, 0, 1000);
    EXPECT_EQ(Seen().bytes, 0);
    EXPECT_EQ(Seen().time.count(), 0);
    EXPECT_FALSE(lag_.IsAnyBehind());
}

TEST_F(ReplayLagTest, GrowsWithTimeWhileReplayStandsStill) {
    Look(0ms, 0, 1000);
    Look(1s, 10, 1000);
    for (int i = 0; i < 20; ++i) Look(1s, 0, 1000);
    EXPECT_GE(Seen().time.count(), 20);
    EXPECT_EQ(Seen().bytes, 10 * static_cast<std::int64_t>(kMegabyte));
    EXPECT_TRUE(lag_.IsAnyBehind());
}

TEST_F(ReplayLagTest, IsTheTimeSinceTheReplayedPositionWasWritten) {
    for (int i = 0; i < 60; ++i) Look(1s, 10, written_ + 10);  // keeps up, and is known to be fast
    const double then = written_;
    for (int i = 0; i < 4; ++i) Look(1s, 10, then + 10 * i);
    Look(1s, 10, then + 25);  // written 5, read back to 2.5
    EXPECT_GE(Seen().time.count(), 2.5);
    EXPECT_LE(Seen().time.count(), 4);  // by its speed it may be somewhat more
}

TEST_F(ReplayLagTest, WhatWasThereBeforeUsIsJudgedBySpeedAndReport) {
    now_ += 1s;
    lag_.Observe(now_, Bytes(written_), {{.name = "s", .replayed = Bytes(990), .lag = 100s}});
    EXPECT_GE(Seen().time.count(), 100);
    for (int i = 0; i < 20; ++i) Look(1s, 0, 990 + 0.01 * i);
    EXPECT_GE(Seen().time.count(), 500);  // 10 MB at 10 kB per second
}

TEST_F(ReplayLagTest, TheAllowanceBeginsSmallAndDoublesWhileItKeepsUp) {
    Look(0ms, 0, written_);
    const std::int64_t first = *lag_.Allowance(5s);
    EXPECT_LE(first, 2 * static_cast<std::int64_t>(kMegabyte));
    for (int i = 0; i < 20; ++i) {
        const double more = static_cast<double>(*lag_.Allowance(5s)) / static_cast<double>(kMegabyte);
        Look(250ms, more, written_ + more);
    }
    EXPECT_GT(*lag_.Allowance(5s), 100 * first);
}

TEST_F(ReplayLagTest, AFillThatKeepsToTheAllowanceStaysWithinItsTarget) {
    const double speed = 2;  // MB per second, which nobody knows
    double replayed = written_, worst = 0, total = 0;
    Look(0ms, 0, replayed);
    for (int i = 0; i < 400; ++i) {
        const double more = static_cast<double>(*lag_.Allowance(5s)) / static_cast<double>(kMegabyte);
        total += more;
        replayed = std::min(replayed + speed * 0.25, written_ + more);
        Look(250ms, more, replayed);
        worst = std::max(worst, (written_ - replayed) / speed);
    }
    EXPECT_LT(worst, 10);
    EXPECT_GT(total, 0.7 * speed * 100);  // and it makes use of what the standby can do
}

TEST_F(ReplayLagTest, AStandbyThatReplaysInBurstsIsAveraged) {
    double replayed = written_, worst = 0, total = 0;
    Look(0ms, 0, replayed);
    for (int i = 0; i < 800; ++i) {
        const double more = static_cast<double>(*lag_.Allowance(5s)) / static_cast<double>(kMegabyte);
        total += more;
        if (i % 4 == 0) replayed = std::min(replayed + 2, written_ + more);
        Look(250ms, more, replayed);
        worst = std::max(worst, (written_ - replayed) / 2);
    }
    EXPECT_LT(worst, 10);
    EXPECT_GT(total, 0.4 * 2 * 200);
}

TEST_F(ReplayLagTest, NothingIsAllowedBeyondTheTarget) {
    Look(0ms, 0, written_);
    Look(1s, 100, 1000);
    for (int i = 0; i < 10; ++i) Look(1s, 0, 1000);
    EXPECT_EQ(lag_.Allowance(5s), 0);
}

TEST_F(ReplayLagTest, WithoutStandbysThereIsNoLimit) {
    lag_.Observe(now_, 1, {});
    EXPECT_EQ(lag_.Allowance(5s), std::nullopt);
}

TEST_F(ReplayLagTest, ANamedStandbyThatIsNotThereIsMissing) {
    lag_.Observe(now_, 1, {{.name = "other", .replayed = 1}}, {"named"});
    ASSERT_EQ(lag_.lags().size(), 1u);
    EXPECT_EQ(Seen().name, "named");
    EXPECT_TRUE(Seen().missing);
    EXPECT_EQ(lag_.Allowance(5s), 0);
}

TEST_F(ReplayLagTest, OnlyNamedStandbysCount) {
    lag_.Observe(now_, Bytes(1000), {{.name = "slow", .replayed = 0}, {.name = "s", .replayed = Bytes(1000)}}, {"s"});
    ASSERT_EQ(lag_.lags().size(), 1u);
    EXPECT_EQ(Seen().name, "s");
}

TEST_F(ReplayLagTest, OneThatHasGoneIsWaitedForAWhile) {
    Look(0ms, 0, written_);
    lag_.Observe(now_ + 59s, Bytes(written_), {});
    ASSERT_EQ(lag_.lags().size(), 1u);
    EXPECT_TRUE(Seen().missing);
    lag_.Observe(now_ + 61s, Bytes(written_), {});
    EXPECT_TRUE(lag_.lags().empty());
}

TEST_F(ReplayLagTest, NoTimeBetweenTwoLooksIsNoSpeed) {
    Look(0ms, 0, written_);
    Look(0ms, 1, written_);
    EXPECT_GT(Seen().speed, 0);
}

}  // namespace
}  // namespace pgmigrate
