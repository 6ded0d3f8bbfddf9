// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/fill_method.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace pgmigrate {
namespace {

FillFacts Ordinary() {
    FillFacts facts;
    facts.table = "public.t";
    facts.server_version = 15;
    facts.access_method = "heap";
    return facts;
}

struct Case {
    void (*change)(FillFacts &);
    const char *reason;
};

const Case kObstacles[] = {
    {[](FillFacts &facts) { facts.server_version = 14; }, "method page is not proven on PostgreSQL 14"},
    {[](FillFacts &facts) { facts.server_version = 19; }, "method page is not proven on PostgreSQL 19"},
    {[](FillFacts &facts) { facts.access_method = "columnar"; }, "table access method is columnar, not heap"},
    {[](FillFacts &facts) { facts.persistence = 'u'; }, "table is unlogged"},
    {[](FillFacts &facts) { facts.persistence = 't'; }, "table is temporary"},
    {[](FillFacts &facts) { facts.rewritten = true; }, "table was rewritten after the migration had started"},
    {[](FillFacts &facts) { facts.publication = "p"; }, "publication \"p\" carries the new column"},
    {[](FillFacts &facts) { facts.indexed_column = "c"; }, "column \"c\" has an index already"},
    {[](FillFacts &facts) { facts.writing_column = "c"; },
     "expression of column \"c\" calls a VOLATILE function, which may write"},
};

TEST(ChooseFillMethod, FillsAnOrdinaryTableInPlace) {
    EXPECT_EQ(ChooseFillMethod(FillWish::kAuto, Ordinary()).method, FillMethod::kPage);
    EXPECT_EQ(ChooseFillMethod(FillWish::kPage, Ordinary()).method, FillMethod::kPage);
    EXPECT_NO_THROW(RequireWishedMethod(FillWish::kPage, Ordinary()));
}

TEST(ChooseFillMethod, EachObstacleAloneIsEnoughWhateverIsWished) {
    for (const Case &obstacle : kObstacles) {
        FillFacts facts = Ordinary();
        obstacle.change(facts);
        for (const FillWish wish : {FillWish::kAuto, FillWish::kPage})
            EXPECT_EQ(ChooseFillMethod(wish, facts), (FillChoice{FillMethod::kUpdate, obstacle.reason}));
    }
}

TEST(ChooseFillMethod, UpdatesWhenThatIsWished) {
    EXPECT_EQ(ChooseFillMethod(FillWish::kUpdate, Ordinary()).method, FillMethod::kUpdate);
}

TEST(RequireWishedMethod, RefusesOnlyAWishForPage) {
    for (const Case &obstacle : kObstacles) {
        FillFacts facts = Ordinary();
        obstacle.change(facts);
        EXPECT_NO_THROW(RequireWishedMethod(FillWish::kAuto, facts));
        EXPECT_NO_THROW(RequireWishedMethod(FillWish::kUpdate, facts));
        try {
            RequireWishedMethod(FillWish::kPage, facts);
            ADD_FAILURE() << obstacle.reason;
        } catch (const Error &error) {
            EXPECT_TRUE(error.state() == "0A000");
            EXPECT_THAT(error.text().detail, testing::HasSubstr(obstacle.reason));
            EXPECT_THAT(error.text().hint, testing::HasSubstr("pgmigrate.fill_method"));
        }
    }
}

TEST(FillWish, NamesAreThoseOfTheSetting) {
    for (const FillWish wish : {FillWish::kAuto, FillWish::kPage, FillWish::kUpdate})
        EXPECT_EQ(FillWishFromName(FillWishName(wish)), wish);
    EXPECT_EQ(FillWishFromName("fast"), std::nullopt);
}

}  // namespace
}  // namespace pgmigrate
