// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/retry.h"

#include <gtest/gtest.h>

namespace pgmigrate {
namespace {

using namespace std::chrono_literals;

TEST(RetryPause, DoublesUpToItsLimit) {
    EXPECT_EQ(RetryPause({"40P01"}, 1), 100ms);
    EXPECT_EQ(RetryPause({"40P01"}, 2), 200ms);
    EXPECT_EQ(RetryPause({"40P01"}, 5), 1600ms);
    EXPECT_EQ(RetryPause({"40P01"}, 10), 30s);
}

TEST(RetryPause, GivesUpAfterTenFailures) { EXPECT_EQ(RetryPause({"40P01"}, 11), std::nullopt); }

TEST(RetryPause, HasNoneForAFailureThatStays) {
    for (const SqlState &state :
         {SqlState{"22P02"}, SqlState{"23505"}, SqlState{"MG001"}, SqlState{"42883"}, SqlState{"XX000"}})
        EXPECT_EQ(RetryPause(state, 1), std::nullopt) << state.code;
}

TEST(IsTransient, KnowsWhatGoesAwayByItself) {
    for (const SqlState &state : {SqlState{"40001"}, SqlState{"40P01"}, SqlState{"55P03"}, SqlState{"57014"},
                                  SqlState{"57P01"}, SqlState{"53100"}, SqlState{"53200"}, SqlState{"53300"}})
        EXPECT_TRUE(IsTransient(state)) << state.code;
    EXPECT_FALSE(IsTransient({"55006"}));
    EXPECT_FALSE(IsTransient({"40002"}));
}

}  // namespace
}  // namespace pgmigrate
