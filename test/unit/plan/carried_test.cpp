// SPDX-License-Identifier: PostgreSQL
// Views, triggers, policies, statistics and publications on replaced columns: carried over, or refused with the list.
#include "plan/carried.h"

#include "support/planning.h"

namespace pgmigrate {
namespace {

class CarriedTest : public PlanTest {
  protected:
    static std::string Alter(const std::string &column, const std::string &table = "t") {
        return R"({"alter_column": {"table": ")" + table + R"(", "column": ")" + column +
               R"(", "type": "bigint", "up": "1", "down": "1"}})";
    }
    static std::string Drop(const std::string &column) {
        return R"({"drop_column": {"table": "t", "column": ")" + column + R"("}})";
    }
    static Dependent WithObstacle(Dependent dependent, std::string obstacle) {
        dependent.obstacle = std::move(obstacle);
        return dependent;
    }
};

TEST_F(CarriedTest, ReadersAreDroppedFirstAndMadeLast) {
    Tables({TableBuilder("t", {Column("a"), Column("b")})
                .With(DependentOn("view", "x.w", {"a"}, 2))
                .With(DependentOn("view", "x.v", {"a"}, 1))
                .With(DependentOn("view", "x.other", {"b"}, 1))
                .With(DependentOn("policy", "p", {"a", "b"}))});
    Operations(Alter("a"));
    EXPECT_THAT(Contract(), ElementsAre("DROP TRIGGER IF EXISTS \"~pgmigrate_sync\" ON public.t", "DROP view x.w", "DROP view x.v", "DROP policy p",
                                        "ALTER TABLE public.t DROP COLUMN a", "ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_a TO a",
                                        "CREATE policy p", "GRANT policy p", "CREATE view x.v", "GRANT view x.v", "CREATE view x.w",
                                        "GRANT view x.w"));
    EXPECT_EQ(StepWith("DROP view x.v").table, "x.v");
    EXPECT_TRUE(CarriesDependent(StepWith("DROP view x.v")));
    EXPECT_TRUE(CarriesDependent(StepWith("CREATE view x.v")));
    EXPECT_FALSE(CarriesDependent(StepWith("DROP COLUMN a")));
}

TEST_F(CarriedTest, MadeAnewBeforeTheMigrationRenames) {
    Tables({TableBuilder("t", {Column("a")}).With(DependentOn("view", "v", {"a"}, 1)),
            TableBuilder("u", {Column("a")}).With(DependentOn("view", "v", {"a"}, 1))});
    Operations(R"({"rename_column": {"table": "u", "from": "a", "to": "c"}}, {"rename_column": {"table": "t", "from": "a", "to": "b"}}, )" +
               Alter("b") + R"(, {"rename_table": {"from": "t", "to": "tt"}})");
    const int made = Position("CREATE view v");
    EXPECT_LT(Position("public.t RENAME COLUMN _pgmigrate_new_b TO a"), made);
    EXPECT_GT(Position("public.t RENAME COLUMN a TO b"), made);
    EXPECT_GT(Position("public.u RENAME COLUMN a TO c"), made);
    EXPECT_GT(Position("public.t RENAME TO tt"), made);
}

TEST_F(CarriedTest, NothingToCarry) {
    Tables({TableBuilder("t", {Column("a"), Column("b")}).With(DependentOn("view", "v", {"b"}, 1)).With(DependentOn("other", "f", {}))});
    Operations(R"({"rename_column": {"table": "t", "from": "a", "to": "c"}}, )" + Alter("c"));
    EXPECT_THAT(Contract(), ElementsAre("DROP TRIGGER IF EXISTS \"~pgmigrate_sync\" ON public.t", "ALTER TABLE public.t DROP COLUMN a",
                                        "ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_c TO a", "ALTER TABLE public.t RENAME COLUMN a TO c"));
    EXPECT_THAT(plan.trial.stage, IsEmpty());
    EXPECT_THAT(plan.trial.objects, IsEmpty());
    Operations(R"({"rename_column": {"table": "t", "from": "b", "to": "c"}})");
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t RENAME COLUMN b TO c")) << "a view follows a rename";
}

TEST_F(CarriedTest, TrialTakesTheLocksAndTheTypesOfCompletion) {
    binder.stored_alike = {"integer -> oid"};
    Tables({TableBuilder("t", {Column("a"), Column("b")}).With(DependentOn("view", "v", {"a", "b"}, 1))});
    Operations(Alter("a") + R"(, {"alter_column": {"table": "t", "column": "b", "type": "oid", "up": "b", "down": "b"}})");
    EXPECT_THAT(plan.trial.stage,
                ElementsAre("DROP view v", "ALTER TABLE public.t RENAME COLUMN a TO _pgmigrate_aside_a",
                            "ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_a TO a", "ALTER TABLE public.t RENAME COLUMN b TO _pgmigrate_aside_b",
                            "ALTER TABLE public.t ADD COLUMN b oid"));
    ASSERT_EQ(plan.trial.objects.size(), 1);
    EXPECT_EQ(plan.trial.objects[0].identity, "view v");
    EXPECT_THAT(plan.trial.objects[0].statements, ElementsAre("CREATE view v", "GRANT view v"));
    EXPECT_THAT(plan.locks, ElementsAre(NeededLock{"public.t", true}, NeededLock{"v", true}));
    EXPECT_LT(Position("DROP view v"), Position("ALTER COLUMN b TYPE oid"));
}

TEST_F(CarriedTest, TrialOfAViewThatGroupsByAReplacedKey) {
    Dependent view = DependentOn("view", "v", {"id"}, 1);
    view.groups_by_key = true;
    CatalogColumn name = Column("n", "text");
    name.collation = "pg_catalog.\"C\"";
    Tables({TableBuilder("t", {Column("id"), name}).PrimaryKey("t_pkey", {"id"}).With(view)});
    Operations(R"({"rename_column": {"table": "t", "from": "id", "to": "nr"}}, )" + Alter("nr"));
    EXPECT_THAT(plan.trial.stage, ElementsAre("DROP view v", "ALTER TABLE public.t RENAME TO _pgmigrate_aside_t",
                                              "CREATE TABLE public.t (id bigint, n text COLLATE pg_catalog.\"C\", PRIMARY KEY (id))"));
    EXPECT_LT(Position("PRIMARY KEY USING INDEX"), Position("CREATE view v"));
    Operations(Alter("n"));
    EXPECT_THAT(plan.trial.stage, IsEmpty());
}

TEST_F(CarriedTest, RefusalListsAll) {
    Tables({TableBuilder("t", {Column("a"), Column("B"), Column("c")})
                .With(WithObstacle(DependentOn("materialized view", "m", {"a"}, 1), "its rows would have to be computed anew"))
                .With(DependentOn("view", "v", {"B"}, 1))
                .With(WithObstacle(DependentOn("other", "f()", {"c"}), "no"))
                .With(DependentOn("statistics", "s", {"B"})),
            TableBuilder("u", {Column("a")}).With(DependentOn("policy", "p", {"a"}))});
    const PlanRefusal refusal = Refused(Alter("a") + ", " + Drop("B") + R"(, {"drop_table": {"name": "u"}})");
    EXPECT_EQ(refusal.state, "2BP01");
    EXPECT_EQ(refusal.text.message, "other objects depend on what the migration replaces or drops");
    EXPECT_EQ(refusal.text.detail,
              "materialized view m reads t.a, replaced by the migration: its rows would have to be computed anew.\n"
              "view v reads t.\"B\", dropped by the migration.\npolicy p reads table public.u, which is dropped.");
    EXPECT_NE(refusal.text.hint, "");
}

TEST_F(CarriedTest, WhatBelongsToADroppedTableOrColumnGoesWithIt) {
    Dependent policy = DependentOn("policy", "p", {"a"});
    policy.relation = "public.t";
    Tables({TableBuilder("t", {Column("a"), Column("b")}).With(policy)});
    Operations(R"({"drop_table": {"name": "t"}})");
    EXPECT_THAT(Contract(), ElementsAre("DROP TABLE public.t"));
    Tables({TableBuilder("t", {Column("a"), Column("b")}).With(DependentOn("statistics", "s", {"a", "b"}))});
    Operations(Alter("a") + ", " + Drop("b"));
    EXPECT_THAT(Contract(), Not(Contains("CREATE statistics s")));
}

TEST_F(CarriedTest, CompletionTakesThemAsTheyAreByNow) {
    Tables({TableBuilder("t", {Column("a")})});
    Operations(Alter("a"));
    catalog.tables[0].dependents.push_back(DependentOn("view", "v", {"a"}, 1));
    plan.steps = WithDependentsOf(catalog, plan.steps);
    EXPECT_LT(Position("CREATE view v"), Position("GRANT view v"));
    CatalogTable &table = catalog.tables[0];
    table.dependents.push_back(DependentOn("trigger", "g", {"a"}));
    table.dependents[0].create = {"CREATE view v changed"};
    plan.steps = WithDependentsOf(catalog, plan.steps);
    EXPECT_LT(Position("DROP view v"), Position("DROP COLUMN a"));
    EXPECT_LT(Position("DROP trigger g"), Position("DROP COLUMN a"));
    EXPECT_LT(Position("TO a"), Position("CREATE trigger g"));
    EXPECT_EQ(Contract().back(), "CREATE view v changed");

    table.dependents[0].obstacle = "it has rules";
    EXPECT_THROW(WithDependentsOf(catalog, plan.steps), Error);
    table.dependents.clear();
    plan.steps = WithDependentsOf(catalog, plan.steps);
    EXPECT_THAT(Contract(), Not(Contains(HasSubstr("view"))));
}

TEST_F(CarriedTest, TypeThatPostgresDoesNotChangeIsFilled) {
    binder.stored_alike = {"integer -> oid"};
    const std::string operation = R"({"alter_column": {"table": "t", "column": "a", "type": "oid", "up": "a", "down": "a"}})";
    Tables({TableBuilder("t", {Column("a")})});
    Operations(operation);
    EXPECT_FALSE(plan.NeedsWorker());
    Tables({TableBuilder("t", {Column("a")}).With(DependentOn("row type", "column x of table y", {}))});
    Operations(operation);
    EXPECT_TRUE(plan.NeedsWorker());
}

}  // namespace
}  // namespace pgmigrate
