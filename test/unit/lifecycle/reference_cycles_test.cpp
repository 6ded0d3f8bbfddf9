// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/reference_cycles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgmigrate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Names(const std::vector<std::pair<std::string, std::string>> &edges) {
    std::vector<ForeignKeyEdge> keys;
    for (const auto &[from, to] : edges) keys.push_back({.name = from + to, .from = from, .to = to});
    std::vector<std::string> names;
    for (const std::vector<std::string> &cycle : FindReferenceCycles(keys)) names.push_back(NameOfCycle(cycle));
    return names;
}

TEST(ReferenceCycles, NoneWithoutAWayBack) {
    EXPECT_THAT(Names({}), IsEmpty());
    EXPECT_THAT(Names({{"a", "b"}, {"b", "c"}, {"a", "c"}}), IsEmpty());
}

TEST(ReferenceCycles, BeginAtTheFirstName) {
    EXPECT_THAT(Names({{"c", "b"}, {"b", "a"}, {"a", "c"}}), ElementsAre("a → c → b → a"));
}

TEST(ReferenceCycles, ATableThatRefersToItself) {
    EXPECT_THAT(Names({{"a", "a"}, {"a", "b"}}), ElementsAre("a → a"));
    EXPECT_THAT(Names({{"a", "a"}, {"a", "b"}, {"b", "a"}}), ElementsAre("a → a", "a → b → a"));
}

TEST(ReferenceCycles, OneForEachGroupAndTheShortest) {
    EXPECT_THAT(Names({{"a", "b"}, {"b", "c"}, {"c", "a"}, {"b", "a"}, {"x", "y"}, {"y", "x"}, {"c", "x"}}),
                ElementsAre("a → b → a", "x → y → x"));
}

TEST(ReferenceCycles, ATableThatOnlyLeadsToACycleIsNotInIt) {
    EXPECT_THAT(Names({{"a", "b"}, {"b", "c"}, {"c", "b"}}), ElementsAre("b → c → b"));
}

}  // namespace
}  // namespace pgmigrate
