// SPDX-License-Identifier: PostgreSQL
// rename_column, drop_column, and alter_column as far as it needs no shadow.
#include "support/planning.h"

namespace pgmigrate {
namespace {

class ColumnOperationsTest : public PlanTest {
  protected:
    void SetUp() override { Tables({TableBuilder("t", {NotNull(Column("id")), Column("a", "text"), Column("b", "text")})}); }
};

TEST_F(ColumnOperationsTest, RenameIsForTheViewAtStartAndForTheTableAtCompletion) {
    Operations(R"({"rename_column": {"table": "t", "from": "a", "to": "c"}})");
    EXPECT_THAT(Expand(), IsEmpty());
    EXPECT_THAT(plan.locks, IsEmpty());
    EXPECT_THAT(Publish(), Contains("CREATE VIEW public_02.t WITH (security_invoker = true) AS SELECT id, a AS c, b FROM public.t"));
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t RENAME COLUMN a TO c"));
    EXPECT_FALSE(plan.NeedsWorker());
}

TEST_F(ColumnOperationsTest, SwapPutsOneNameAside) {
    Operations(R"({"rename_column": {"table": "t", "from": "a", "to": "x"}},
                  {"rename_column": {"table": "t", "from": "b", "to": "a"}},
                  {"rename_column": {"table": "t", "from": "x", "to": "b"}})");
    EXPECT_THAT(Publish(), Contains(HasSubstr("SELECT id, a AS b, b AS a FROM public.t")));
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t RENAME COLUMN a TO _pgmigrate_aside_b",
                                        "ALTER TABLE public.t RENAME COLUMN b TO a",
                                        "ALTER TABLE public.t RENAME COLUMN _pgmigrate_aside_b TO b"));
}

TEST_F(ColumnOperationsTest, RenameChainRunsFromItsEnd) {
    Operations(R"({"rename_column": {"table": "t", "from": "b", "to": "c"}},
                  {"rename_column": {"table": "t", "from": "a", "to": "b"}})");
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t RENAME COLUMN b TO c", "ALTER TABLE public.t RENAME COLUMN a TO b"));
}

TEST_F(ColumnOperationsTest, RenameThereAndBackIsNothing) {
    Operations(R"({"rename_column": {"table": "t", "from": "a", "to": "c"}},
                  {"rename_column": {"table": "t", "from": "c", "to": "a"}})");
    EXPECT_THAT(Contract(), IsEmpty());
    EXPECT_THAT(plan.changed_tables, IsEmpty());
}

TEST_F(ColumnOperationsTest, ExpressionsUseTheNewNameAndThePhysicalColumn) {
    Operations(R"({"rename_column": {"table": "t", "from": "a", "to": "c"}},
                  {"add_column": {"table": "t", "up": "c || t.c", "column": {"name": "a", "type": "text", "nullable": true}}})");
    EXPECT_EQ(Spec().up[0].target, "_pgmigrate_new_a");
    EXPECT_THAT(Spec().up[0].parameters, ElementsAre("a"));
    EXPECT_THAT(Contract(), ElementsAre(HasSubstr("DROP TRIGGER"), "ALTER TABLE public.t RENAME COLUMN a TO c",
                                        "ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_a TO a"));
}

TEST_F(ColumnOperationsTest, DropWithoutDownOnlyLeavesTheViewUntilCompletion) {
    Operations(R"({"drop_column": {"table": "t", "column": "a"}})");
    EXPECT_THAT(Expand(), IsEmpty());
    EXPECT_THAT(Publish(), Contains(HasSubstr("SELECT id, b FROM public.t")));
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t DROP COLUMN a"));
    EXPECT_THAT(plan.warnings, IsEmpty());
}

TEST_F(ColumnOperationsTest, DropWithDownKeepsTheOldVersionFed) {
    Operations(R"({"drop_column": {"table": "t", "column": "a", "down": "b || id"}})");
    EXPECT_THAT(Spec().up, IsEmpty());
    EXPECT_THAT(Spec().down, ElementsAre(SyncExpression{.target = "a", .expression = "$1 || $2", .parameters = {"b", "id"},
                                                        .is_immutable = true}));
    EXPECT_FALSE(plan.NeedsWorker()) << "nothing is filled";
    EXPECT_THAT(Contract(), ElementsAre(HasSubstr("DROP TRIGGER"), "ALTER TABLE public.t DROP COLUMN a"));
}

TEST_F(ColumnOperationsTest, DownOfADroppedColumnDoesNotSeeIt) {
    Operations(R"({"drop_column": {"table": "t", "column": "a", "down": "b"}})");
    EXPECT_THAT(binder.calls.back().names, ElementsAre("id", "b"));
}

TEST_F(ColumnOperationsTest, DownOfADroppedColumnThatIsWrongIsAWarning) {
    binder.refused = {{"nonsense", "column \"nonsense\" does not exist"}};
    Operations(R"({"drop_column": {"table": "t", "column": "a", "down": "nonsense"}})");
    EXPECT_THAT(plan.warnings, ElementsAre(HasSubstr("\"down\" of dropped column \"a\" of table \"t\" cannot be used: column "
                                                     "\"nonsense\" does not exist")));
    EXPECT_THAT(Expand(), IsEmpty());
}

TEST_F(ColumnOperationsTest, DropOfANotNullColumnWarnsIfNothingGivesItAValue) {
    CatalogColumn generated = NotNull(WithDefault(Column("g"), "(id * 2)"));
    generated.generated = true;
    CatalogColumn identity = NotNull(Column("i"));
    identity.identity = "a";
    Tables({TableBuilder("t", {NotNull(Column("id")), NotNull(WithDefault(Column("d"), "1")), identity, generated})});
    Operations(R"({"drop_column": {"table": "t", "column": "d"}}, {"drop_column": {"table": "t", "column": "i"}},
                  {"drop_column": {"table": "t", "column": "g"}})");
    EXPECT_THAT(plan.warnings, IsEmpty());
    Operations(R"({"drop_column": {"table": "t", "column": "id"}}, {"drop_column": {"table": "t", "column": "g"}})");
    EXPECT_THAT(plan.warnings, ElementsAre(HasSubstr("dropped column \"id\" is NOT NULL")));
}

TEST_F(ColumnOperationsTest, DropAndAddOfOneNameReplacesTheColumn) {
    Operations(R"({"drop_column": {"table": "t", "column": "a"}},
                  {"add_column": {"table": "t", "column": {"name": "a", "type": "int", "nullable": true}}})");
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t DROP COLUMN a", "ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_a TO a"));
}

TEST_F(ColumnOperationsTest, RenameToADroppedNameRunsAfterTheDrop) {
    Operations(R"({"drop_column": {"table": "t", "column": "b"}}, {"rename_column": {"table": "t", "from": "a", "to": "b"}})");
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t DROP COLUMN b", "ALTER TABLE public.t RENAME COLUMN a TO b"));
}

TEST_F(ColumnOperationsTest, DropsOfOneTableAreOneStatementAndGeneratedColumnsGoFirst) {
    CatalogColumn generated = WithDefault(Column("g"), "(a * 2)");
    generated.generated = true;
    Tables({TableBuilder("t", {Column("id"), Column("a"), generated})});
    Operations(R"({"drop_column": {"table": "t", "column": "a"}}, {"drop_column": {"table": "t", "column": "g"}})");
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t DROP COLUMN g, DROP COLUMN a"));
}

TEST_F(ColumnOperationsTest, AGeneratedColumnThatStaysForbidsTheDropOfWhatItReads) {
    CatalogColumn generated = WithDefault(Column("g"), "(a * 2)");
    generated.generated = true;
    Tables({TableBuilder("t", {Column("id"), Column("a"), generated})});
    const PlanRefusal refusal = Refused(R"({"drop_column": {"table": "t", "column": "a"}})");
    EXPECT_EQ(refusal.state, "2BP01");
    EXPECT_THAT(refusal.text.message, HasSubstr("generated column \"g\" of table \"t\" is computed from column \"a\""));
    EXPECT_EQ(Refused(R"({"drop_column": {"table": "t", "column": "id"}})").state, "");
}

TEST_F(ColumnOperationsTest, NewDefaultIsTheViewsAtOnceAndTheTablesAtCompletion) {
    Operations(R"({"alter_column": {"table": "t", "column": "a", "default": "'x'"}})");
    EXPECT_THAT(Expand(), IsEmpty());
    EXPECT_THAT(Publish(), Contains("ALTER VIEW public_02.t ALTER COLUMN a SET DEFAULT 'x'"));
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t ALTER COLUMN a SET DEFAULT 'x'"));
}

TEST_F(ColumnOperationsTest, DroppedDefaultIsANullThatPostgreSqlKeepsOnAView) {
    Tables({TableBuilder("t", {WithDefault(Column("a", "text"), "'x'::text")})});
    Operations(R"({"alter_column": {"table": "t", "column": "a", "default": null}})");
    EXPECT_THAT(Publish(), Contains("ALTER VIEW public_02.t ALTER COLUMN a SET DEFAULT CAST(NULLIF('', '') AS text)"));
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t ALTER COLUMN a DROP DEFAULT"));
}

TEST_F(ColumnOperationsTest, NewCommentIsTheViewsAtOnceAndTheTablesAtCompletion) {
    Operations(R"({"alter_column": {"table": "t", "column": "a", "comment": "it's"}},
                  {"rename_column": {"table": "t", "from": "a", "to": "c"}})");
    EXPECT_THAT(Publish(), Contains("COMMENT ON COLUMN public_02.t.c IS 'it''s'"));
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t RENAME COLUMN a TO c", "COMMENT ON COLUMN public.t.c IS 'it''s'"));
}

TEST_F(ColumnOperationsTest, RemovedComment) {
    catalog.tables[0].columns[1].comment = "old";
    Operations(R"({"alter_column": {"table": "t", "column": "a", "comment": null}})");
    EXPECT_THAT(Publish(), Not(Contains(HasSubstr("COMMENT"))));
    EXPECT_THAT(Contract(), ElementsAre("COMMENT ON COLUMN public.t.a IS NULL"));
}

TEST_F(ColumnOperationsTest, NoDefaultForIdentityAndGeneratedColumns) {
    catalog.tables[0].columns[0].identity = "d";
    catalog.tables[0].columns[1].generated = true;
    for (const std::string column : {"id", "a"}) {
        const PlanRefusal refusal = Refused(R"({"alter_column": {"table": "t", "column": ")" + column + R"(", "default": "1"}})");
        EXPECT_EQ(refusal.state, "22023") << column;
        EXPECT_THAT(refusal.text.message, HasSubstr("column \"" + column + "\" of table \"t\" is a"));
    }
}

TEST_F(ColumnOperationsTest, CreatedTableIsChangedDirectly) {
    Operations(R"({"create_table": {"name": "c", "columns": [{"name": "id", "type": "int", "pk": true}, {"name": "x", "type": "int"}]}},
                  {"alter_column": {"table": "c", "column": "x", "default": "7", "comment": "seven"}},
                  {"rename_column": {"table": "c", "from": "x", "to": "y"}},
                  {"alter_column": {"table": "c", "column": "y", "default": null, "comment": null}},
                  {"drop_column": {"table": "c", "column": "y", "down": "1"}})");
    EXPECT_THAT(Expand(), ElementsAre(HasSubstr("CREATE TABLE public.c"), "ALTER TABLE public.c ALTER COLUMN x SET DEFAULT 7",
                                      "COMMENT ON COLUMN public.c.x IS 'seven'", "ALTER TABLE public.c RENAME COLUMN x TO y",
                                      "ALTER TABLE public.c ALTER COLUMN y DROP DEFAULT", "COMMENT ON COLUMN public.c.y IS NULL",
                                      "ALTER TABLE public.c DROP COLUMN y"));
    EXPECT_THAT(Contract(), IsEmpty());
    EXPECT_THAT(Publish(), ElementsAre("CREATE SCHEMA public_02", HasSubstr("VIEW public_02.t "), HasSubstr("VIEW public_02.c ")));
}

TEST_F(ColumnOperationsTest, MissingAndDuplicateNames) {
    struct Case {
        std::string operation;
        std::string state;
        std::string message;
    };
    const Case cases[] = {
        {R"({"rename_column": {"table": "x", "from": "a", "to": "c"}})", "42P01", "table \"x\" does not exist"},
        {R"({"rename_column": {"table": "t", "from": "x", "to": "c"}})", "42703", "column \"x\" of table \"t\" does not exist"},
        {R"({"rename_column": {"table": "t", "from": "a", "to": "b"}})", "42701", "column \"b\" of table \"t\" already exists"},
        {R"({"rename_column": {"table": "t", "from": "A", "to": "c"}})", "42703", "column \"A\" of table \"t\" does not exist"},
        {R"({"drop_column": {"table": "t", "column": "x"}})", "42703", "column \"x\" of table \"t\" does not exist"},
        {R"({"drop_column": {"table": "t", "column": "a"}}, {"drop_column": {"table": "t", "column": "a"}})", "42703",
         "column \"a\" of table \"t\" does not exist"},
        {R"({"add_column": {"table": "t", "column": {"name": "a", "type": "int", "nullable": true}}})", "42701",
         "column \"a\" of table \"t\" already exists"},
        {R"({"alter_column": {"table": "t", "column": "x", "default": "1"}})", "42703", "column \"x\" of table \"t\" does not exist"},
        {R"({"alter_column": {"table": "t", "column": "id", "nullable": false, "up": "id"}})", "22023",
         "column \"id\" of table \"t\" is NOT NULL already"},
        {R"({"alter_column": {"table": "t", "column": "a", "nullable": true, "down": "a"}})", "22023",
         "column \"a\" of table \"t\" is nullable already"},
    };
    for (const Case &test : cases) {
        const PlanRefusal refusal = Refused(test.operation);
        EXPECT_EQ(refusal.state, test.state) << test.operation;
        EXPECT_EQ(refusal.text.message, test.message);
        EXPECT_NE(refusal.text.hint, "");
        EXPECT_THAT(refusal.text.detail, HasSubstr("It is in operations["));
    }
}

TEST_F(ColumnOperationsTest, WhatPostgreSqlSaysKeepsItsSqlstateAndGetsThePlace) {
    binder.refused = {{"nonsense", "column \"nonsense\" does not exist"}};
    const PlanRefusal refusal =
        Refused(R"({"add_column": {"table": "t", "up": "nonsense", "column": {"name": "n", "type": "int"}}})");
    EXPECT_EQ(refusal.state, "42804");
    EXPECT_EQ(refusal.text.message, "column \"nonsense\" does not exist");
    EXPECT_EQ(refusal.text.detail, "It is in operations[0].add_column.");
    EXPECT_NE(refusal.text.hint, "");
    binder.unknown_types = {"wrong"};
    EXPECT_EQ(Refused(R"({"add_column": {"table": "t", "up": "1", "column": {"name": "n", "type": "wrong"}}})").state, "42704");
}

}  // namespace
}  // namespace pgmigrate
