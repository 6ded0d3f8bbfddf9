// SPDX-License-Identifier: PostgreSQL
#include "support/planning.h"

namespace pgmigrate {
namespace {

class ConstraintOperationsTest : public PlanTest {
  protected:
    void SetUp() override {
        Tables({TableBuilder("t", {NotNull(Column("id")), Column("a"), Column("b")}),
                TableBuilder("o", {Column("x"), Column("y")}).PrimaryKey("o_pkey", {"x", "y"})});
    }

    /// create_constraint on columns a and b of t with expressions for both.
    const Plan &Create(const std::string &fields) {
        return Operations(R"({"create_constraint": {"table": "t", "columns": ["a", "b"], "up": {"a": "a + 1", "b": "b"},
                              "down": {"a": "a - 1", "b": "b"}, )" + fields + "}}");
    }
};

TEST_F(ConstraintOperationsTest, UniqueOnShadowsOfAllItsColumns) {
    Create(R"("type": "unique", "name": "u")");
    EXPECT_THAT(Expand(), ElementsAre("ALTER TABLE public.t ADD COLUMN _pgmigrate_new_a integer, ADD COLUMN _pgmigrate_new_b integer",
                                      HasSubstr("CREATE TRIGGER"), HasSubstr("ENABLE ALWAYS")));
    EXPECT_THAT(Indexes(), ElementsAre("CREATE UNIQUE INDEX CONCURRENTLY u ON public.t USING btree (_pgmigrate_new_a, _pgmigrate_new_b)"));
    EXPECT_THAT(Contract(), ElementsAre(HasSubstr("DROP TRIGGER"), "ALTER TABLE public.t DROP COLUMN a, DROP COLUMN b",
                                        "ALTER TABLE public.t ADD CONSTRAINT u UNIQUE USING INDEX u",
                                        "ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_a TO a",
                                        "ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_b TO b"));
    EXPECT_THAT(Spec().down, ElementsAre(SyncExpression{"b", "$1", {"_pgmigrate_new_b"}, true},
                                         SyncExpression{"a", "$1 - 1", {"_pgmigrate_new_a"}, true}));
    EXPECT_THAT(Undos(), Contains("DROP INDEX IF EXISTS public.u"));
}

TEST_F(ConstraintOperationsTest, IncludedColumnsFollowLaterRenamesAndShadows) {
    Operations(R"({"create_constraint": {"table": "t", "type": "unique", "name": "u", "columns": ["a"], "up": {"a": "a"}, "down": {"a": "a"},
                   "index_parameters": {"include_columns": ["b"], "storage_parameters": "fillfactor=70", "tablespace": "Fast"}}},
                  {"rename_column": {"table": "t", "from": "b", "to": "c"}},
                  {"rename_column": {"table": "t", "from": "id", "to": "b"}})");
    EXPECT_THAT(Indexes(), ElementsAre("CREATE UNIQUE INDEX CONCURRENTLY u ON public.t USING btree (_pgmigrate_new_a) INCLUDE (b) "
                                       "WITH (fillfactor=70) TABLESPACE \"Fast\""));
}

TEST_F(ConstraintOperationsTest, PrimaryKeyMakesItsColumnsNotNull) {
    Create(R"("type": "primary_key", "name": "t_pkey")");
    EXPECT_THAT(Statements(Phase::kValidate), ElementsAre("ALTER TABLE public.t VALIDATE CONSTRAINT _pgmigrate_not_null_a",
                                                          "ALTER TABLE public.t VALIDATE CONSTRAINT _pgmigrate_not_null_b"));
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.t ALTER COLUMN _pgmigrate_new_a SET NOT NULL, "
                                     "ALTER COLUMN _pgmigrate_new_b SET NOT NULL"));
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.t DROP CONSTRAINT _pgmigrate_not_null_a, DROP CONSTRAINT _pgmigrate_not_null_b"));
    EXPECT_LT(Position("SET NOT NULL"), Position("ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_pkey"));
}

TEST_F(ConstraintOperationsTest, SecondPrimaryKeyIsRefused) {
    Tables({TableBuilder("t", {NotNull(Column("id")), Column("a")}).PrimaryKey("t_pkey", {"id"})});
    const std::string create = R"({"create_constraint": {"table": "t", "type": "primary_key", "name": "k", "columns": ["a"],
                                   "up": {"a": "a"}, "down": {"a": "a"}}})";
    const PlanRefusal refusal = Refused(create);
    EXPECT_EQ(refusal.state, "42710");
    EXPECT_EQ(refusal.text.message, "table \"t\" has a primary key already");
    Operations(R"({"drop_column": {"table": "t", "column": "id"}}, )" + create);
    EXPECT_LT(Position("DROP COLUMN"), Position("ADD CONSTRAINT k PRIMARY KEY USING INDEX k"));
}

TEST_F(ConstraintOperationsTest, CheckReadsShadowsAndOtherColumns) {
    Create(R"("type": "check", "name": "c", "check": "a < b AND id > 0", "no_inherit": true)");
    EXPECT_THAT(Expand(), Contains("ALTER TABLE public.t ADD CONSTRAINT c CHECK (_pgmigrate_new_a < _pgmigrate_new_b AND id > 0) "
                                   "NO INHERIT NOT VALID"));
    EXPECT_THAT(Statements(Phase::kValidate), ElementsAre("ALTER TABLE public.t VALIDATE CONSTRAINT c"));
    EXPECT_THAT(Contract(), Not(Contains(HasSubstr("CONSTRAINT"))));
}

TEST_F(ConstraintOperationsTest, ForeignKeySetsTheShadows) {
    ForeignKeyReference reference;
    reference.table = "o";
    reference.columns = {"x", "y"};
    reference.match_type = MatchType::kFull;
    reference.on_update = ReferentialAction::kRestrict;
    reference.on_delete = ReferentialAction::kSetNull;
    reference.on_delete_set_columns = {"b"};
    ConstraintDefinition definition;
    definition.name = "f";
    definition.type = ConstraintType::kForeignKey;
    definition.columns = {"a", "b"};
    definition.references = reference;
    definition.deferrable = true;
    Planned({CreateConstraint{.table = "t", .constraint = definition, .up = {{"a", "a"}, {"b", "b"}}, .down = {{"a", "a"}, {"b", "b"}}}});
    EXPECT_THAT(Expand(), Contains("ALTER TABLE public.t ADD CONSTRAINT f FOREIGN KEY (_pgmigrate_new_a, _pgmigrate_new_b) REFERENCES "
                                   "public.o (x, y) MATCH FULL ON UPDATE RESTRICT ON DELETE SET NULL (_pgmigrate_new_b) DEFERRABLE "
                                   "NOT VALID"));
    EXPECT_THAT(plan.locks, Contains(NeededLock{.table = "public.o", .exclusive = false}));
}

TEST_F(ConstraintOperationsTest, ForeignKeyToWhatTheMigrationAddsReplacesOrDropsIsRefused) {
    Tables({TableBuilder("t", {Column("a")}), TableBuilder("o", {Column("x")})});
    const std::string key = R"({"create_constraint": {"table": "t", "type": "foreign_key", "name": "f", "columns": ["a"], "up": {"a": "a"},
                                "down": {"a": "a"}, "references": {"table": "o", "columns": ["x"]}}})";
    const std::string shadow = R"({"alter_column": {"table": "o", "column": "x", "type": "bigint", "up": "x", "down": "x"}})";
    EXPECT_EQ(Refused(shadow + ", " + key).state, "0A000");
    EXPECT_EQ(Refused(key + ", " + shadow).state, "2BP01");
    EXPECT_EQ(Refused(key + R"(, {"drop_column": {"table": "o", "column": "x"}})").state, "2BP01");
    EXPECT_EQ(Refused(key + R"(, {"drop_table": {"name": "o"}})").state, "2BP01");
    EXPECT_EQ(Refused(key + R"(, {"rename_column": {"table": "o", "from": "x", "to": "y"}})").state, "");
    EXPECT_EQ(Refused(R"({"drop_table": {"name": "o"}}, )" + key).state, "42P01");
}

TEST_F(ConstraintOperationsTest, ExpressionsMustMatchTheColumns) {
    const auto refusal = [&](const std::string &up, const std::string &down) {
        return Refused(R"({"create_constraint": {"table": "t", "type": "unique", "name": "u", "columns": ["a"], "up": )" + up +
                       R"(, "down": )" + down + "}}").state;
    };
    EXPECT_EQ(refusal(R"({"a": "a"})", R"({"a": "a"})"), "");
    EXPECT_EQ(refusal(R"({"a": "a", "b": "b"})", R"({"a": "a"})"), "22023");
    EXPECT_EQ(refusal(R"({"b": "b"})", R"({"a": "a"})"), "22023");
    EXPECT_EQ(refusal(R"({"a": "a"})", R"({"b": "b"})"), "22023");
}

TEST_F(ConstraintOperationsTest, CreatedTableGetsItsConstraintsAndIndexesDirectly) {
    Operations(R"({"create_table": {"name": "c", "columns": [{"name": "x", "type": "int"}]}},
                  {"create_constraint": {"table": "c", "type": "check", "name": "k", "columns": ["x"], "check": "x > 0",
                   "up": {"x": "x"}, "down": {"x": "x"}}},
                  {"create_index": {"name": "i", "table": "c", "columns": {"x": {"sort": "DESC"}}, "predicate": "x > 1", "unique": true}})");
    EXPECT_THAT(Expand(), ElementsAre(HasSubstr("CREATE TABLE"), "ALTER TABLE public.c ADD CONSTRAINT k CHECK (x > 0)",
                                      "CREATE UNIQUE INDEX i ON public.c USING btree (x DESC) WHERE x > 1"));
    EXPECT_FALSE(plan.NeedsWorker());
}

TEST_F(ConstraintOperationsTest, DropOfACheckShadowsItsColumnWithoutIt) {
    Tables({TableBuilder("t", {NotNull(Column("id")), Column("a")}).With(Check("c", {"a"}, "(a > 0)"))});
    Operations(R"j({"drop_constraint": {"table": "t", "name": "c", "up": "a", "down": "abs(a)"}})j");
    EXPECT_THAT(Expand(), ElementsAre(HasSubstr("ADD COLUMN _pgmigrate_new_a integer"), HasSubstr("CREATE TRIGGER"), HasSubstr("ENABLE")));
    EXPECT_THAT(Contract(), ElementsAre(HasSubstr("DROP TRIGGER"), "ALTER TABLE public.t DROP COLUMN a", HasSubstr("RENAME COLUMN")));
}

TEST_F(ConstraintOperationsTest, DropOfAUniqueConstraintDropsItsIndex) {
    Tables({TableBuilder("t", {Column("a")}).Unique("u", {"a"}).With(Index("i", {"a"}))});
    Operations(R"({"drop_constraint": {"table": "t", "name": "u", "down": "a"}})");
    EXPECT_THAT(Indexes(), ElementsAre(HasSubstr("_pgmigrate_dup_i")));
}

TEST_F(ConstraintOperationsTest, DropOfAForeignKeyLocksTheReferencedTable) {
    Tables({TableBuilder("t", {Column("a")}).With(ForeignKey("f", {"a"}, "public.o", {"x"})), TableBuilder("o", {Column("x")})});
    Operations(R"({"drop_constraint": {"table": "t", "name": "f", "down": "a"}})");
    EXPECT_EQ(StepWith("DROP CONSTRAINT f").table, "public.o");
    EXPECT_LT(Position("DROP CONSTRAINT f"), Position("DROP COLUMN a"));
    EXPECT_THAT(Expand(), Not(Contains(HasSubstr("FOREIGN KEY"))));
}

TEST_F(ConstraintOperationsTest, DropOfSeveralColumnsAtOnce) {
    Tables({TableBuilder("t", {NotNull(Column("a")), Column("b")}).With(Check("c", {"a", "b"}, "(a < b)"))});
    Operations(R"({"drop_multicolumn_constraint": {"table": "t", "name": "c", "up": {"a": "a + 1"}, "down": {"a": "a", "b": "b"}}})");
    EXPECT_THAT(Spec().up, ElementsAre(SyncExpression{"_pgmigrate_new_a", "$1 + 1", {"a"}, true},
                                       SyncExpression{"_pgmigrate_new_b", "$1", {"b"}, true}));
    EXPECT_THAT(Expand(), Contains(HasSubstr("CHECK (_pgmigrate_new_a IS NOT NULL)")));
    EXPECT_EQ(Refused(R"({"drop_constraint": {"table": "t", "name": "c", "down": "a"}})").state, "22023");
}

TEST_F(ConstraintOperationsTest, CheckWithoutColumnsIsDroppedByItself) {
    Tables({TableBuilder("t", {Column("a")}).With(Check("c", {}, "false"))});
    Planned({DropMulticolumnConstraint{.table = "t", .name = "c", .up = {}, .down = {}}});
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t DROP CONSTRAINT c"));
    EXPECT_THAT(plan.changed_tables, ElementsAre("t"));
}

TEST_F(ConstraintOperationsTest, PrimaryKeyAndExclusionConstraintsAreNotDropped) {
    Tables({TableBuilder("t", {Column("a"), Column("b")}).PrimaryKey("p", {"a"}).Key('x', "e", {"b"})});
    for (const std::string name : {"p", "e"}) {
        const PlanRefusal refusal = Refused(R"({"drop_constraint": {"table": "t", "name": ")" + name + R"(", "down": "1"}})");
        EXPECT_EQ(refusal.state, "0A000");
        EXPECT_EQ(refusal.text.message, "cannot drop constraint \"" + name + "\" of table \"t\"");
    }
}

TEST_F(ConstraintOperationsTest, RenameIsOneStatementAtCompletion) {
    Tables({TableBuilder("t", {Column("a")}).With(Check("c", {"a"}, "(a > 0)"))});
    Operations(R"({"rename_constraint": {"table": "t", "from": "c", "to": "d"}})");
    EXPECT_THAT(Expand(), IsEmpty());
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t RENAME CONSTRAINT c TO d"));
    EXPECT_THAT(plan.changed_tables, ElementsAre("t"));
}

TEST_F(ConstraintOperationsTest, RenameOfAConstraintThatMovesNamesItsDuplicate) {
    Tables({TableBuilder("t", {Column("a")}).With(Check("c", {"a"}, "(a > 0)"))});
    Operations(R"({"rename_constraint": {"table": "t", "from": "c", "to": "d"}},
                  {"alter_column": {"table": "t", "column": "a", "type": "bigint", "up": "a", "down": "a"}})");
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.t RENAME CONSTRAINT _pgmigrate_dup_c TO d"));
    EXPECT_THAT(Contract(), Not(Contains(HasSubstr("CONSTRAINT c TO"))));
}

TEST_F(ConstraintOperationsTest, RenameSwapAndChain) {
    Tables({TableBuilder("t", {Column("a")}).With(Check("c", {"a"}, "(a > 0)")).With(Check("d", {"a"}, "(a > 1)"))});
    Operations(R"({"rename_constraint": {"table": "t", "from": "d", "to": "e"}}, {"rename_constraint": {"table": "t", "from": "c", "to": "d"}})");
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t RENAME CONSTRAINT d TO e", "ALTER TABLE public.t RENAME CONSTRAINT c TO d"));
    Operations(R"({"rename_constraint": {"table": "t", "from": "c", "to": "x"}}, {"rename_constraint": {"table": "t", "from": "d", "to": "c"}},
                  {"rename_constraint": {"table": "t", "from": "x", "to": "d"}})");
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t RENAME CONSTRAINT c TO _pgmigrate_aside_d",
                                        "ALTER TABLE public.t RENAME CONSTRAINT d TO c",
                                        "ALTER TABLE public.t RENAME CONSTRAINT _pgmigrate_aside_d TO d"));
}

TEST_F(ConstraintOperationsTest, RenameToADroppedNameRunsAfterTheDrop) {
    Tables({TableBuilder("t", {Column("a"), Column("b")}).With(Check("c", {"a"}, "(a > 0)")).With(Check("d", {"b"}, "(b > 1)"))});
    Operations(R"({"drop_constraint": {"table": "t", "name": "c", "down": "a"}}, {"rename_constraint": {"table": "t", "from": "d", "to": "c"}})");
    EXPECT_LT(Position("DROP COLUMN a"), Position("RENAME CONSTRAINT d TO c"));
}

TEST_F(ConstraintOperationsTest, NewConstraintUnderADroppedOrRenamedNameWaitsForIt) {
    Tables({TableBuilder("t", {Column("a"), Column("b")}).With(Check("c", {"a"}, "(a > 0)"))});
    const std::string create = R"(, {"create_constraint": {"table": "t", "type": "check", "name": "c", "columns": ["b"], "check": "b > 0",
                                   "up": {"b": "b"}, "down": {"b": "b"}}})";
    Operations(R"({"drop_constraint": {"table": "t", "name": "c", "down": "a"}})" + create);
    EXPECT_THAT(Expand(), Contains("ALTER TABLE public.t ADD CONSTRAINT _pgmigrate_dup_c CHECK (_pgmigrate_new_b > 0) NOT VALID"));
    EXPECT_THAT(Statements(Phase::kValidate), ElementsAre("ALTER TABLE public.t VALIDATE CONSTRAINT _pgmigrate_dup_c"));
    EXPECT_LT(Position("DROP COLUMN a"), Position("RENAME CONSTRAINT _pgmigrate_dup_c TO c"));
    Operations(R"({"rename_constraint": {"table": "t", "from": "c", "to": "d"}})" + create);
    EXPECT_LT(Position("RENAME CONSTRAINT c TO d"), Position("RENAME CONSTRAINT _pgmigrate_dup_c TO c"));
}

TEST_F(ConstraintOperationsTest, CreateIndexIsBuiltConcurrentlyUnderItsOwnName) {
    Operations(R"({"create_index": {"name": "i", "table": "t", "method": "BTREE", "predicate": "b > 0", "storage_parameters": "fillfactor = 70",
                   "columns": [{"column": "a", "collate": "\"C\"", "opclass": {"name": "int4_ops", "params": ["x = 1"]}, "sort": "DESC",
                   "nulls": "LAST"}, {"column": "b", "nulls": "FIRST"}]}})");
    EXPECT_THAT(Indexes(), ElementsAre("CREATE INDEX CONCURRENTLY i ON public.t USING btree (a COLLATE \"C\" int4_ops (x = 1) DESC NULLS "
                                       "LAST, b NULLS FIRST) WITH (fillfactor = 70) WHERE b > 0"));
    EXPECT_THAT(Expand(), IsEmpty());
    EXPECT_THAT(plan.locks, IsEmpty());
    EXPECT_THAT(plan.changed_tables, ElementsAre("t"));
    EXPECT_TRUE(plan.NeedsWorker());
    EXPECT_THAT(Contract(), IsEmpty());
}

TEST_F(ConstraintOperationsTest, IndexOnANewColumnIsOnItsPhysicalOne) {
    Operations(R"({"create_index": {"name": "i", "table": "t", "columns": {"a": {}}, "predicate": "a > 0"}},
                  {"alter_column": {"table": "t", "column": "a", "type": "bigint", "up": "a", "down": "a"}})");
    EXPECT_THAT(Indexes(), ElementsAre("CREATE INDEX CONCURRENTLY i ON public.t USING btree (_pgmigrate_new_a) WHERE _pgmigrate_new_a > 0"));
}

TEST_F(ConstraintOperationsTest, DropIndexWaitsForCompletionAndItsTableIsLockedInTime) {
    Tables({TableBuilder("t", {Column("a")}).With(Index("I", {"a"}))});
    Operations(R"({"drop_index": {"name": "I"}})");
    EXPECT_THAT(Contract(), ElementsAre("DROP INDEX IF EXISTS public.\"I\""));
    EXPECT_EQ(StepWith("DROP INDEX").table, "public.t");
    EXPECT_EQ(StepWith("DROP INDEX").lock, "ACCESS EXCLUSIVE");
    EXPECT_EQ(StepWith("DROP INDEX").object, "public.\"I\"");
    EXPECT_THAT(plan.changed_tables, ElementsAre("t"));
}

TEST_F(ConstraintOperationsTest, DroppedIndexIsNotDuplicated) {
    Tables({TableBuilder("t", {Column("a")}).With(Index("i", {"a"}))});
    Operations(R"({"drop_index": {"name": "i"}}, {"alter_column": {"table": "t", "column": "a", "type": "bigint", "up": "a", "down": "a"}})");
    EXPECT_THAT(Indexes(), IsEmpty());
    EXPECT_LT(Position("DROP INDEX"), Position("DROP COLUMN"));
}

TEST_F(ConstraintOperationsTest, MissingAndDuplicateNames) {
    Tables({TableBuilder("t", {Column("a"), Column("b")}).With(Check("c", {"a"}, "(a > 0)")).Unique("u", {"b"}).With(Index("i", {"a"}))});
    struct Case {
        std::string operation;
        std::string state;
        std::string message;
    };
    const std::string add = R"({"create_constraint": {"table": "t", "columns": ["a"], "up": {"a": "a"}, "down": {"a": "a"}, )";
    const Case cases[] = {
        {R"({"drop_constraint": {"table": "t", "name": "x", "down": "a"}})", "42704", "constraint \"x\" for table \"t\" does not exist"},
        {R"({"drop_column": {"table": "t", "column": "a"}}, {"drop_constraint": {"table": "t", "name": "c", "down": "b"}})", "42704",
         "constraint \"c\" for table \"t\" does not exist"},
        {R"({"rename_constraint": {"table": "t", "from": "c", "to": "u"}})", "42710", "constraint \"u\" for table \"t\" already exists"},
        {R"({"rename_constraint": {"table": "t", "from": "u", "to": "i"}})", "42P07", "relation \"i\" already exists"},
        {R"({"rename_constraint": {"table": "t", "from": "x", "to": "y"}})", "42704", "constraint \"x\" for table \"t\" does not exist"},
        {add + R"("type": "check", "name": "c", "check": "true"}})", "42710", "constraint \"c\" for table \"t\" already exists"},
        {add + R"("type": "unique", "name": "i"}})", "42P07", "relation \"i\" already exists"},
        {R"({"create_constraint": {"table": "t", "columns": ["x"], "type": "unique", "name": "n", "up": {"x": "1"}, "down": {"x": "1"}}})",
         "42703", "column \"x\" of table \"t\" does not exist"},
        {R"({"create_index": {"name": "i", "table": "t", "columns": {"a": {}}}})", "42P07", "relation \"i\" already exists"},
        {R"({"create_index": {"name": "t", "table": "t", "columns": {"a": {}}}})", "42P07", "relation \"t\" already exists"},
        {R"({"create_index": {"name": "n", "table": "t", "columns": {"x": {}}}})", "42703", "column \"x\" of table \"t\" does not exist"},
        {R"({"create_index": {"name": "n", "table": "x", "columns": {"a": {}}}})", "42P01", "table \"x\" does not exist"},
        {R"({"drop_index": {"name": "x"}})", "42704", "index \"x\" does not exist"},
        {R"({"drop_index": {"name": "i"}}, {"drop_index": {"name": "i"}})", "42704", "index \"i\" does not exist"},
        {R"({"drop_index": {"name": "u"}})", "2BP01", "index \"u\" belongs to constraint \"u\" of table \"t\""},
        {R"({"alter_column": {"table": "t", "column": "a", "up": "a", "down": "a", "unique": {"name": "u"}}})", "42710",
         "constraint \"u\" for table \"t\" already exists"},
        {R"({"alter_column": {"table": "t", "column": "a", "up": "a", "down": "a", "unique": {"name": "i"}}})", "42P07",
         "relation \"i\" already exists"},
        {R"({"alter_column": {"table": "t", "column": "a", "up": "a", "down": "a", "references": {"name": "f", "table": "x", "column": "y"}}})",
         "42P01", "table \"x\" does not exist"},
        {R"({"alter_column": {"table": "t", "column": "a", "up": "a", "down": "a", "references": {"name": "f", "table": "t", "column": "y"}}})",
         "42703", "column \"y\" of table \"t\" does not exist"},
    };
    for (const Case &test : cases) {
        const PlanRefusal refusal = Refused(test.operation);
        EXPECT_EQ(refusal.state, test.state) << test.operation;
        EXPECT_EQ(refusal.text.message, test.message) << test.operation;
        EXPECT_NE(refusal.text.hint, "") << test.operation;
    }
}

}  // namespace
}  // namespace pgmigrate
