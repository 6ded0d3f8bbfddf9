// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/pressure.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace pgmigrate {
namespace {

using namespace std::chrono_literals;

constexpr PressureLimits kLimits{.soft = 5, .hard = 10};

class GaugeTest : public ::testing::Test {
  protected:
    GaugeState See(std::optional<double> value, PressureLimits limits = kLimits) {
        const Reading reading{.signal = Signal::kReplayLag, .value = value, .limits = limits, .words = "words"};
        now_ += 1s;
        gauge_.Update({&reading}, now_);
        return gauge_.state();
    }

    Gauge gauge_;
    SteadyTime now_{1000s};
};

TEST_F(GaugeTest, IsClearBelowTheSoftLimitSlowAboveAndStopsAtTheHardOne) {
    EXPECT_EQ(See(4.9), GaugeState::kClear);
    EXPECT_EQ(See(5), GaugeState::kSlow);
    EXPECT_EQ(See(10), GaugeState::kStop);
}

TEST_F(GaugeTest, SlowsDownInProportion) {
    See(5);
    EXPECT_DOUBLE_EQ(gauge_.factor(), 1);
    See(7.5);
    EXPECT_DOUBLE_EQ(gauge_.factor(), 0.55);
    See(9.99);
    EXPECT_GE(gauge_.factor(), 0.1);
    See(10);
    EXPECT_EQ(gauge_.factor(), 0);
}

TEST_F(GaugeTest, DoesNotFlapAtTheHardLimit) {
    See(10);
    for (const double value : {9.9, 10.1, 6.0, 9.9, 5.0}) EXPECT_EQ(See(value), GaugeState::kStop) << value;
    EXPECT_EQ(See(4.9), GaugeState::kClear);
    EXPECT_EQ(See(9.9), GaugeState::kSlow);
}

TEST_F(GaugeTest, DoesNotFlapAtTheSoftLimit) {
    See(5.1);
    EXPECT_EQ(See(4.9), GaugeState::kSlow);
    EXPECT_EQ(See(4.6), GaugeState::kSlow);
    EXPECT_EQ(See(4.4), GaugeState::kClear);
    EXPECT_EQ(See(4.9), GaugeState::kClear);
}

TEST_F(GaugeTest, WhatCannotBeReadStops) {
    EXPECT_EQ(See(std::nullopt), GaugeState::kStale);
    EXPECT_TRUE(gauge_.Stops());
    EXPECT_EQ(gauge_.factor(), 0);
    EXPECT_EQ(See(std::numeric_limits<double>::quiet_NaN()), GaugeState::kStale);
    EXPECT_EQ(See(HUGE_VAL), GaugeState::kStale);
    EXPECT_EQ(See(6), GaugeState::kStop);  // as after a stop: only below the soft limit
    EXPECT_EQ(See(1), GaugeState::kClear);
}

TEST_F(GaugeTest, ALimitOfZeroStops) {
    EXPECT_EQ(See(0, {.soft = 0, .hard = 0}), GaugeState::kStop);
    EXPECT_EQ(See(0, {.soft = 0, .hard = 0}), GaugeState::kStop);
    EXPECT_EQ(See(0), GaugeState::kClear);  // the setting was changed
}

TEST_F(GaugeTest, WithEqualLimitsItOnlyStopsAndLetsGoALittleBelow) {
    constexpr PressureLimits kOne{.soft = 1, .hard = 1};
    EXPECT_EQ(See(0.99, kOne), GaugeState::kClear);
    EXPECT_EQ(See(1, kOne), GaugeState::kStop);
    EXPECT_EQ(See(0.95, kOne), GaugeState::kStop);
    EXPECT_EQ(See(0.89, kOne), GaugeState::kClear);
}

TEST_F(GaugeTest, RemembersSinceWhen) {
    See(1);
    See(10);
    const SteadyTime stopped = gauge_.since();
    See(11);
    EXPECT_EQ(gauge_.since(), stopped);
    See(1);
    EXPECT_GT(gauge_.since(), stopped);
}

TEST_F(GaugeTest, TheWorstReadingCounts) {
    const Reading small{.signal = Signal::kSlotWal, .value = 1, .limits = kLimits, .words = "a"};
    const Reading large{.signal = Signal::kSlotWal, .value = 7, .limits = kLimits, .words = "b"};
    const Reading unknown{.signal = Signal::kSlotWal, .value = {}, .limits = kLimits, .words = "c"};
    gauge_.Update({&small, &large}, now_);
    EXPECT_EQ(gauge_.reading().words, "b");
    gauge_.Update({&large, &unknown, &small}, now_);
    EXPECT_EQ(gauge_.reading().words, "c");
    EXPECT_EQ(gauge_.state(), GaugeState::kStale);
}

TEST_F(GaugeTest, WhatIsNotThereIsClear) {
    See(10);
    gauge_.Update({}, now_ + 1s);
    EXPECT_EQ(gauge_.state(), GaugeState::kClear);
    EXPECT_EQ(gauge_.factor(), 1);
}

TEST(Names, AreThereForEverySignal) {
    for (std::size_t i = 0; i < kSignalCount; ++i) EXPECT_FALSE(SignalName(static_cast<Signal>(i)).empty());
    EXPECT_EQ(GaugeStateName(GaugeState::kStale), "stale");
}

}  // namespace
}  // namespace pgmigrate
