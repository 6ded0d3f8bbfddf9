// SPDX-License-Identifier: PostgreSQL
#include "monitor/message.h"

#include <gtest/gtest.h>

namespace pgmigrate {
namespace {

TEST(Message, FillsInWhatIsKnown) {
    const MessageFacts facts{{"a", "1"}, {"b", "{a}"}};
    EXPECT_EQ(FillTemplate("{a} and {a}, {b}.", facts), "1 and 1, {a}.");
    EXPECT_EQ(FillTemplate("{c} {} {{a}} } {a", facts), "{c} {} {1} } {a");
    EXPECT_EQ(FillTemplate("", facts), "");
}

TEST(Message, SaysWhatToDoNext) {
    Report report;
    report.state = "failed";
    report.failure.hint = "Mend it.";
    EXPECT_EQ(FactsOf(report).at("next_step"), "Mend it.");
    report.state = "paused";
    EXPECT_EQ(FactsOf(report).at("next_step"), "SELECT migrate_resume()");
    EXPECT_EQ(FactsOf(report).at("time_left"), "not known");
    EXPECT_EQ(FactsOf(report).at("error"), "none");
}

}  // namespace
}  // namespace pgmigrate
