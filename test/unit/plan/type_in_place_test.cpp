// SPDX-License-Identifier: PostgreSQL
// Type changes that leave every stored value as it is.
#include "support/planning.h"

namespace pgmigrate {
namespace {

constexpr const char *kLonger =
    R"({"alter_column": {"table": "t", "column": "v", "type": "long", "up": "v", "down": "v"}})";

class TypeInPlaceTest : public PlanTest {
  protected:
    TypeInPlaceTest() {
        binder.stored_alike = {"short -> long", "long -> longer"};
        Tables({TableBuilder("t", {Column("id"), Column("v", "short")})});
    }
    CatalogTable &Table() { return catalog.tables[0]; }
    bool IsFilled() {
        Operations(kLonger);
        return !Statements(Phase::kFill).empty();
    }
};

TEST_F(TypeInPlaceTest, CompletionAloneChangesTheTypeAndMakesTheViewAnew) {
    Operations(std::string(kLonger) + R"(, {"rename_column": {"table": "t", "from": "v", "to": "w"}})");
    EXPECT_FALSE(plan.NeedsWorker());
    EXPECT_THAT(Expand(), IsEmpty());
    EXPECT_THAT(Contract(),
                ElementsAre("DROP VIEW public_02.t", "ALTER TABLE public.t ALTER COLUMN v TYPE long",
                            "ALTER TABLE public.t RENAME COLUMN v TO w",
                            "CREATE VIEW public_02.t WITH (security_invoker = true) AS SELECT id, w FROM public.t"));
    EXPECT_THAT(plan.warnings, ElementsAre(HasSubstr("keeps type short until completion")));
    EXPECT_THAT(plan.changed_tables, ElementsAre("t"));
}

TEST_F(TypeInPlaceTest, TheLastTypeCounts) {
    Operations(std::string(kLonger) +
               R"(, {"alter_column": {"table": "t", "column": "v", "type": "longer", "up": "v", "down": "v"}})");
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.t ALTER COLUMN v TYPE longer"));
    Operations(std::string(kLonger) +
               R"j(, {"alter_column": {"table": "t", "column": "v", "type": "integer", "up": "f(v)", "down": "v"}})j");
    EXPECT_THAT(Contract(), Not(Contains(HasSubstr("ALTER COLUMN v TYPE"))));
    EXPECT_THAT(Statements(Phase::kFill), ElementsAre(HasSubstr("f(v)")));
}

TEST_F(TypeInPlaceTest, OrderedIndexesStay) {
    Table().indexes.push_back(Index("i", {"v"}));
    for (const std::string options : {"", " DESC", " DESC NULLS LAST", " NULLS FIRST"}) {
        Table().indexes[0].keys[0].options = options;
        EXPECT_FALSE(IsFilled()) << options;
    }
}

TEST_F(TypeInPlaceTest, WhatWouldBeCheckedOrRebuiltUnderTheLockIsFilled) {
    EXPECT_FALSE(IsFilled());
    const CatalogTable plain = Table();
    Table().constraints.push_back(Check("c", {"v"}, "v <> ''"));
    EXPECT_TRUE(IsFilled());
    Table() = plain;
    Table().constraints.push_back(ForeignKey("f", {"v"}, "public.o", {"v"}));
    EXPECT_TRUE(IsFilled());
    Table() = plain;
    Table().incoming_foreign_keys = {Incoming("f", "public.o", {"v"}, {"v"})};
    EXPECT_TRUE(IsFilled());
    Table() = plain;
    Table().indexes.push_back(Index("i", {"id"}));
    Table().indexes[0].predicate = "v <> ''";
    EXPECT_TRUE(IsFilled());
    Table().indexes[0] = Index("i", {"v"});
    Table().indexes[0].keys[0].options = " text_pattern_ops DESC";
    EXPECT_TRUE(IsFilled());
    Table() = plain;
    Table().partitioned = true;
    EXPECT_TRUE(IsFilled());
}

TEST_F(TypeInPlaceTest, NewPartialIndexHasToWait) {
    const auto index = [](const std::string &predicate) {
        return std::string(kLonger) +
               R"(, {"create_index": {"name": "i", "table": "t", "columns": [{"column": "v"}], "predicate": ")" + predicate +
               R"("}})";
    };
    EXPECT_EQ(Refused(index("v > 0")).state, "0A000");
    EXPECT_EQ(Refused(index("id > 0")).state, "");
}

TEST_F(TypeInPlaceTest, WhatChangesMoreThanTheTypeIsFilled) {
    for (const std::string more : {R"j("up": "f(v)", "down": "v")j", R"j("up": "v", "down": "g(v)")j",
                                   R"j("up": "id", "down": "v")j", R"j("up": "v", "down": "v", "nullable": false)j"}) {
        Operations(R"({"alter_column": {"table": "t", "column": "v", "type": "long", )" + more + "}}");
        EXPECT_THAT(Statements(Phase::kFill), Not(IsEmpty())) << more;
    }
    binder.stored_alike.clear();
    EXPECT_TRUE(IsFilled());
}

}  // namespace
}  // namespace pgmigrate
