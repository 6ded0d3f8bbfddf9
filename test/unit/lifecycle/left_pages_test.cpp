// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/left_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

namespace pgmigrate {
namespace {

using namespace std::chrono_literals;

const PageLeft::Clock::time_point kStart{100s};
constexpr auto kPatience = 2000ms;

PageLeft Left(std::uint32_t block, std::uint32_t blocker = 0, int visits = 1) {
    return {.block = block, .blocker = blocker, .visits = visits, .since = kStart};
}

bool Never(std::uint32_t) { return false; }
bool Always(std::uint32_t) { return true; }

TEST(TakePages, TakesPagesWhoseBlockerIsOver) {
    std::vector<PageLeft> left{Left(1, 10), Left(2, 20), Left(3, 10)};
    const PagesToVisit taken = TakePages(
        left, [](std::uint32_t xid) { return xid < 15; }, kPatience, kStart);
    EXPECT_THAT(taken.pages, testing::ElementsAre(Left(1, 10), Left(3, 10)));
    EXPECT_THAT(left, testing::ElementsAre(Left(2, 20)));
    EXPECT_EQ(taken.stuck_behind, 0U);
}

TEST(TakePages, AsksOnceForThePagesOfABatch) {
    std::vector<PageLeft> left(100, Left(1, 10));
    int asked = 0;
    (void)TakePages(
        left, [&](std::uint32_t) { return ++asked > 1000; }, kPatience, kStart);
    EXPECT_EQ(asked, 1);
}

TEST(TakePages, LetsAPageInUseRestLongerEachTime) {
    for (const int visits : {1, 2, 5}) {
        std::vector<PageLeft> left{Left(1, 0, visits)};
        EXPECT_TRUE(TakePages(left, Always, kPatience, kStart + PageRest(visits) - 1ms).pages.empty()) << visits;
        EXPECT_EQ(TakePages(left, Never, kPatience, kStart + PageRest(visits)).pages.size(), 1U) << visits;
    }
    EXPECT_LT(PageRest(1), PageRest(2));
    EXPECT_EQ(PageRest(7), PageRest(1000));
}

TEST(TakePages, TakesEveryPageWhenPatienceEnds) {
    std::vector<PageLeft> left{Left(1, 10), Left(2, 0, 1000), Left(3, 30)};
    const PagesToVisit taken = TakePages(left, Never, kPatience, kStart + kPatience);
    EXPECT_EQ(taken.pages.size(), 3U);
    EXPECT_TRUE(left.empty());
    EXPECT_NE(taken.stuck_behind, 0U);
}

TEST(TakePages, APageInUseDoesNotMeanThatTheHorizonIsStuck) {
    std::vector<PageLeft> left{Left(1)};
    EXPECT_EQ(TakePages(left, Never, kPatience, kStart + kPatience).stuck_behind, 0U);
}

TEST(TakePages, NeitherLosesNorDoublesAPage) {
    std::mt19937 random(1);
    std::vector<PageLeft> left;
    for (std::uint32_t block = 0; block < 1000; ++block)
        left.push_back(Left(block, random() % 4, static_cast<int>(random() % 9)));
    std::multiset<std::uint32_t> seen;
    for (auto now = kStart; !left.empty(); now += 7ms)
        for (const PageLeft &page : TakePages(
                                        left, [&](std::uint32_t xid) { return xid % 2 == 1; }, kPatience, now)
                                        .pages)
            seen.insert(page.block);
    EXPECT_EQ(seen.size(), 1000U);
    EXPECT_EQ(std::set<std::uint32_t>(seen.begin(), seen.end()).size(), 1000U);
}

}  // namespace
}  // namespace pgmigrate
