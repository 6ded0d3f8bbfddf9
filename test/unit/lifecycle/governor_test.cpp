// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/governor.h"

#include <gtest/gtest.h>

namespace pgmigrate {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime kNow{1000s};

Reading Read(Signal signal, std::optional<double> value) {
    return {.signal = signal, .value = value, .limits = {.soft = 5, .hard = 10}, .words = "words"};
}

Governor After(std::vector<Reading> readings) {
    Governor governor;
    governor.Observe({.taken = kNow, .readings = std::move(readings), .wal_allowance = {}});
    return governor;
}

TEST(Governor, GoesWhenNothingIsInTheWay) {
    const Decision decision = After({Read(Signal::kReplayLag, 0)}).Decide(State::kFilling, kNow);
    EXPECT_EQ(decision.verdict, Verdict::kGo);
    EXPECT_EQ(decision.factor, 1);
    EXPECT_TRUE(decision.reason.empty());
}

TEST(Governor, DoesNotGoBeforeItHasLooked) {
    const Decision decision = Governor().Decide(State::kFilling, kNow);
    EXPECT_EQ(decision.verdict, Verdict::kStop);
    EXPECT_FALSE(decision.reason.empty());
}

TEST(Governor, DoesNotGoOnAnOldLook) {
    const Governor governor = After({Read(Signal::kReplayLag, 0)});
    EXPECT_EQ(governor.Decide(State::kFilling, kNow + kFreshness).verdict, Verdict::kGo);
    EXPECT_EQ(governor.Decide(State::kFilling, kNow + kFreshness + 1s).verdict, Verdict::kStop);
}

TEST(Governor, TheSlowestSignalCounts) {
    const Decision decision =
        After({Read(Signal::kReplayLag, 6), Read(Signal::kActiveSessions, 8)}).Decide(State::kFilling, kNow);
    EXPECT_EQ(decision.verdict, Verdict::kSlow);
    EXPECT_EQ(decision.signal, Signal::kActiveSessions);
    EXPECT_NEAR(decision.factor, 0.46, 0.001);
}

TEST(Governor, AStopGoesBeforeEverything) {
    const Decision decision =
        After({Read(Signal::kReplayLag, 9), Read(Signal::kSlotWal, 10)}).Decide(State::kFilling, kNow);
    EXPECT_EQ(decision.verdict, Verdict::kStop);
    EXPECT_EQ(decision.reason, "slot WAL: words");
}

TEST(Governor, AMissingStandbyStopsUntilItIsBack) {
    Governor governor = After({Read(Signal::kReplayLag, std::nullopt)});
    EXPECT_EQ(governor.Decide(State::kFilling, kNow).verdict, Verdict::kStop);
    governor.Observe({.taken = kNow + 1s, .readings = {Read(Signal::kReplayLag, 1)}, .wal_allowance = 77});
    EXPECT_EQ(governor.Decide(State::kFilling, kNow + 1s).verdict, Verdict::kGo);
    EXPECT_EQ(governor.wal_allowance(), 77);
}

TEST(Governor, VerificationWritesNothingAndObeysTheLoadOnly) {
    const Governor lag = After({Read(Signal::kReplayLag, 10), Read(Signal::kDisk, 10)});
    EXPECT_EQ(lag.Decide(State::kVerifying, kNow).verdict, Verdict::kGo);
    EXPECT_EQ(lag.Decide(State::kIndexing, kNow).verdict, Verdict::kStop);
    const Governor load = After({Read(Signal::kActiveSessions, 10)});
    EXPECT_EQ(load.Decide(State::kVerifying, kNow).verdict, Verdict::kStop);
}

TEST(Governor, PublishingWaitsForNothing) {
    EXPECT_EQ(Governor().Decide(State::kPublishing, kNow).verdict, Verdict::kGo);
}

TEST(Governor, KeepsAccountOfTheTimeLost) {
    Governor governor = After({Read(Signal::kSlotWal, 10)});
    const Decision decision = governor.Decide(State::kFilling, kNow);
    governor.AddLost(decision, 2s);
    governor.AddLost(decision, 1500ms);
    governor.AddLost(Decision{}, 7s);
    EXPECT_DOUBLE_EQ(governor.gauge(Signal::kSlotWal).lost().count(), 3.5);
    EXPECT_DOUBLE_EQ(governor.gauge(Signal::kReplayLag).lost().count(), 0);
}

TEST(WorkersUnder, FollowsTheFactor) {
    EXPECT_EQ(WorkersUnder({.verdict = Verdict::kGo}, 4), 4);
    EXPECT_EQ(WorkersUnder({.verdict = Verdict::kSlow, .factor = 0.5}, 4), 2);
    EXPECT_EQ(WorkersUnder({.verdict = Verdict::kSlow, .factor = 0.1}, 4), 1);
    EXPECT_EQ(WorkersUnder({.verdict = Verdict::kStop, .factor = 0}, 4), 1);
    EXPECT_EQ(WorkersUnder({.verdict = Verdict::kGo}, 0), 1);
}

}  // namespace
}  // namespace pgmigrate
