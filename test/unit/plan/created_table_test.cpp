// SPDX-License-Identifier: PostgreSQL
// Operations on a table that the same migration creates: plain statements, all of them at start.
#include "support/planning.h"

namespace pgmigrate {
namespace {

class CreatedTable : public PlanTest {
  protected:
    /// Statements of expansion behind CREATE TABLE.
    std::vector<std::string> Then(const std::string &operations) {
        Operations(kTable + ", " + operations);
        std::vector<std::string> statements = Expand();
        statements.erase(statements.begin());
        EXPECT_FALSE(plan.NeedsWorker());
        return statements;
    }
    PlanRefusal RefusedThen(const std::string &operation) { return Refused(kTable + ", " + operation); }

    const std::string kTable = R"({"create_table": {"name": "n", "columns": [{"name": "a", "type": "int", "pk": true},
        {"name": "b", "type": "text", "nullable": true, "unique": true, "default": "'x'",
         "check": {"name": "b_check", "constraint": "b > a"}}]}})";
};

TEST_F(CreatedTable, TypeChangesWithoutACastOrARowAndTheDefaultIsReadAnew) {
    EXPECT_THAT(Then(R"({"alter_column": {"table": "n", "column": "b", "type": "int", "up": "b", "down": "b"}})"),
                ElementsAre("ALTER TABLE public.n ALTER COLUMN b DROP DEFAULT, ALTER COLUMN b TYPE integer USING NULL, "
                            "ALTER COLUMN b SET DEFAULT 'x'"));
    EXPECT_THAT(Then(R"({"alter_column": {"table": "n", "column": "a", "type": "int8", "up": "a", "down": "a"}})"),
                ElementsAre("ALTER TABLE public.n ALTER COLUMN a TYPE bigint USING NULL"));
    EXPECT_THAT(plan.warnings, IsEmpty());
}

TEST_F(CreatedTable, ADefaultThatDoesNotFitGoesWithAWarning) {
    binder.refused["'x' -> integer"] = "no integer";
    EXPECT_THAT(Then(R"({"alter_column": {"table": "n", "column": "b", "type": "int", "up": "1", "down": "b"}})"),
                ElementsAre("ALTER TABLE public.n ALTER COLUMN b DROP DEFAULT, ALTER COLUMN b TYPE integer USING NULL"));
    EXPECT_THAT(plan.warnings, ElementsAre("default of column \"b\" of table \"n\" is not kept: no integer"));
}

TEST_F(CreatedTable, AGeneratedColumnTakesNoUsing) {
    Operations(R"({"create_table": {"name": "g", "columns": [{"name": "a", "type": "int", "generated": {"expression": "1"}}]}},
                  {"alter_column": {"table": "g", "column": "a", "type": "int8", "up": "a", "down": "a"}})");
    EXPECT_EQ(Expand().back(), "ALTER TABLE public.g ALTER COLUMN a TYPE bigint");
}

TEST_F(CreatedTable, EverythingElseAColumnCanGet) {
    EXPECT_THAT(
        Then(R"({"alter_column": {"table": "n", "column": "b", "nullable": false, "default": null, "comment": "it's",
                 "unique": {"name": "u"}, "check": {"name": "c", "constraint": "b <> a"},
                 "references": {"name": "f", "table": "n", "column": "a"}, "up": "b", "down": "b"}})"),
        ElementsAre("ALTER TABLE public.n ALTER COLUMN b DROP DEFAULT", "ALTER TABLE public.n ALTER COLUMN b SET NOT NULL",
                    "ALTER TABLE public.n ADD CONSTRAINT u UNIQUE (b)",
                    "ALTER TABLE public.n ADD CONSTRAINT c CHECK (b <> a)",
                    "ALTER TABLE public.n ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES public.n (a)",
                    "COMMENT ON COLUMN public.n.b IS 'it''s'"));
}

TEST_F(CreatedTable, AddedColumnHasTheKeyNameItWouldHaveElsewhere) {
    EXPECT_THAT(Then(R"({"add_column": {"table": "n", "column": {"name": "c", "type": "int", "unique": true, "nullable": true}}})"),
                ElementsAre("ALTER TABLE public.n ADD COLUMN c integer",
                            "ALTER TABLE public.n ADD CONSTRAINT n_c_key UNIQUE (c)"));
}

TEST_F(CreatedTable, ConstraintsAndIndexesAreFoundAgain) {
    EXPECT_THAT(Then(R"({"rename_constraint": {"table": "n", "from": "n_b_key", "to": "k"}},
                        {"drop_constraint": {"table": "n", "name": "k", "down": "b"}},
                        {"create_index": {"name": "n_b_key", "table": "n", "columns": ["b"]}},
                        {"drop_index": {"name": "n_b_key"}},
                        {"drop_multicolumn_constraint": {"table": "n", "name": "b_check", "down": {"a": "a", "b": "b"}}})"),
                ElementsAre("ALTER TABLE public.n RENAME CONSTRAINT n_b_key TO k", "ALTER TABLE public.n DROP CONSTRAINT k",
                            "CREATE INDEX n_b_key ON public.n USING btree (b)", "DROP INDEX public.n_b_key",
                            "ALTER TABLE public.n DROP CONSTRAINT b_check"));
}

TEST_F(CreatedTable, ADroppedColumnTakesThemWithIt) {
    EXPECT_THAT(Then(R"({"drop_column": {"table": "n", "column": "b"}},
                        {"create_constraint": {"table": "n", "name": "b_check", "type": "check", "check": "a > 0"}},
                        {"create_index": {"name": "n_b_key", "table": "n", "columns": ["a"]}})"),
                ElementsAre("ALTER TABLE public.n DROP COLUMN b", "ALTER TABLE public.n ADD CONSTRAINT b_check CHECK (a > 0)",
                            "CREATE INDEX n_b_key ON public.n USING btree (a)"));
}

TEST_F(CreatedTable, ADroppedTableFreesItsNames) {
    Operations(kTable + R"(, {"drop_table": {"name": "n"}}, )" + kTable);
    EXPECT_EQ(std::ranges::count(Expand(), "DROP TABLE public.n"), 1);
    EXPECT_EQ(Expand().front(), Expand().back());
}

TEST_F(CreatedTable, AHeldNameIsGivenAtCompletionUnlessAnotherIsGivenBefore) {
    Tables({TableBuilder("old", {Column("a")}).Unique("n_b_key", {"a"})});
    Operations(R"({"drop_table": {"name": "old"}}, )" + kTable);
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.n RENAME CONSTRAINT _pgmigrate_new_n_b_key TO n_b_key"));
    EXPECT_TRUE(plan.has_provisional_names);
    Operations(R"({"drop_table": {"name": "old"}}, )" + kTable +
               R"(, {"rename_constraint": {"table": "n", "from": "n_b_key", "to": "k"}})");
    EXPECT_THAT(Expand(), Contains("ALTER TABLE public.n RENAME CONSTRAINT _pgmigrate_new_n_b_key TO k"));
    EXPECT_THAT(Contract(), Not(Contains(HasSubstr("RENAME CONSTRAINT"))));
    EXPECT_FALSE(plan.has_provisional_names);
}

TEST_F(CreatedTable, RulesAreThoseOfOtherTables) {
    const std::pair<const char *, const char *> cases[] = {
        {R"({"alter_column": {"table": "n", "column": "a", "nullable": false, "up": "a"}})", "22023"},
        {R"({"alter_column": {"table": "n", "column": "b", "unique": {"name": "n_b_key"}}})", "42710"},
        {R"({"alter_column": {"table": "n", "column": "b", "unique": {"name": "n"}}})", "42P07"},
        {R"({"create_constraint": {"table": "n", "name": "k", "type": "primary_key", "columns": ["b"], "up": {"b": "b"}, "down": {"b": "b"}}})", "42710"},
        {R"({"drop_constraint": {"table": "n", "name": "n_pkey", "down": "a"}})", "0A000"},
        {R"({"drop_constraint": {"table": "n", "name": "b_check", "down": "a"}})", "22023"},
        {R"({"drop_constraint": {"table": "n", "name": "k", "down": "a"}})", "42704"},
        {R"({"rename_constraint": {"table": "n", "from": "n_b_key", "to": "b_check"}})", "42710"},
        {R"({"drop_index": {"name": "n_b_key"}})", "2BP01"},
    };
    for (const auto &[operation, state] : cases) EXPECT_EQ(RefusedThen(operation).state, state) << operation;
}

}  // namespace
}  // namespace pgmigrate
