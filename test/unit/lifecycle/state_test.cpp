// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/state.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace pgmigrate {
namespace {

constexpr State kAll[] = {State::kFilling,    State::kIndexing, State::kValidating, State::kVerifying,
                          State::kPublishing, State::kReady,    State::kCompleted,  State::kFailed};

TEST(State, NamesAreReadBack) {
    for (const State state : kAll) EXPECT_EQ(StateFromName(StateName(state)), state);
    EXPECT_EQ(StateName(State::kFilling), "filling");
    EXPECT_EQ(StateName(State::kFailed), "failed");
}

TEST(State, UnknownNamesAreRefused) {
    for (const std::string_view name : {"", "Filling", "paused", "filling "}) EXPECT_THROW(StateFromName(name), Error) << name;
}

TEST(State, WorkerPhasesFollowEachOtherUntilReady) {
    const State wanted[] = {State::kIndexing, State::kValidating, State::kVerifying, State::kPublishing, State::kReady};
    State phase = State::kFilling;
    for (const State next : wanted) {
        EXPECT_TRUE(IsWorkerPhase(phase));
        phase = NextPhase(phase);
        EXPECT_EQ(phase, next);
    }
}

TEST(State, NothingFollowsForAWorkerAfterReady) {
    for (const State state : {State::kReady, State::kCompleted, State::kFailed}) {
        EXPECT_FALSE(IsWorkerPhase(state)) << StateName(state);
        EXPECT_THROW(NextPhase(state), Error) << StateName(state);
    }
}

}  // namespace
}  // namespace pgmigrate
