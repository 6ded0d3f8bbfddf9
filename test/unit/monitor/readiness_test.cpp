// SPDX-License-Identifier: PostgreSQL
#include "monitor/readiness.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace pgmigrate {
namespace {

ReadinessInput Calm() {
    ReadinessInput input;
    input.state = input.phase = State::kReady;
    input.percent = 100;
    input.max_lag = 5;
    input.stable_for = 20;
    input.patience = 60;
    return input;
}

bool AllOk(const ReadinessInput &input) { return std::ranges::all_of(Readiness(input), &Condition::ok); }

/// The conditions that are not met, as "condition: value".
std::vector<std::string> Unmet(const ReadinessInput &input) {
    std::vector<std::string> unmet;
    for (const Condition &condition : Readiness(input))
        if (!condition.ok) unmet.push_back(condition.condition + ": " + condition.value);
    return unmet;
}

TEST(Readiness, ACalmServerIsReady) { EXPECT_TRUE(AllOk(Calm())); }

TEST(Readiness, LagMustHaveBeenLowAllTheTime) {
    ReadinessInput input = Calm();
    input.replicated = true;
    for (double age = 0; age <= 25; age += 5) input.lag.push_back({.age = age, .lag = 1});
    EXPECT_TRUE(AllOk(input));
    input.lag[2].lag = 6;
    EXPECT_EQ(Unmet(input), std::vector<std::string>{"replication lag: 1.0 s, known to be within the limit for 5 s"});
    input.lag[0].lag = 9.5;
    EXPECT_EQ(Unmet(input), std::vector<std::string>{"replication lag: 9.5 s"});
}

TEST(Readiness, TimeBetweenDistantReadingsIsUnknown) {
    EXPECT_EQ(SecondsWithinLag({{.age = 0, .lag = 0}, {.age = 8, .lag = 0}, {.age = 40, .lag = 0}}, 5), 8);
    EXPECT_EQ(SecondsWithinLag({}, 5), 0);
    EXPECT_EQ(SecondsWithinLag({{.age = 0, .lag = 5}}, 5), 0);
}

TEST(Readiness, ASlotWithoutReaderHasUnknownLag) {
    ReadinessInput input = Calm();
    input.silent_slots = {"a", "b"};
    EXPECT_EQ(Unmet(input), std::vector<std::string>{"replication lag: unknown: nobody reads slot a, b"});
}

TEST(Readiness, WhatIsNotDoneIsNamed) {
    ReadinessInput input = Calm();
    input.state = input.phase = State::kIndexing;
    input.paused = true;
    input.percent = 70;
    EXPECT_EQ(Unmet(input), (std::vector<std::string>{"state: paused while indexing, 70.0%", "rows verified: 0"}));
    input.paused = false;
    input.state = State::kFailed;
    EXPECT_EQ(Unmet(input).front(), "state: failed while indexing, 70.0%");
}

TEST(Readiness, EveryOldSessionTransactionAndIndexIsNamed) {
    ReadinessInput input = Calm();
    input.invalid_indexes = {"public.t_v"};
    input.transactions = {{.who = "process 7 of role app", .seconds = 90}, {.who = "prepared \"x\"", .seconds = 5}};
    input.old_sessions = {{.pid = 8,
                           .role = "app",
                           .application = "shop",
                           .from = "10.0.0.5",
                           .since = "2026-01-01 00:00:00+00",
                           .why = "reads public_01.t"}};
    EXPECT_EQ(Unmet(input),
              (std::vector<std::string>{
                  "indexes valid: invalid: public.t_v", "long transactions: process 7 of role app, for 90 s",
                  "long transactions: prepared \"x\", for 5 s",
                  "old version sessions: process 8 of role app (shop) from 10.0.0.5 since 2026-01-01 "
                  "00:00:00+00: reads public_01.t"}));
}

}  // namespace
}  // namespace pgmigrate
