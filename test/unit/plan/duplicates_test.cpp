// SPDX-License-Identifier: PostgreSQL
// What happens to the constraints and indexes of a column that gets a shadow or is dropped.
#include "support/planning.h"

namespace pgmigrate {
namespace {

class DuplicatesTest : public PlanTest {
  protected:
    /// Gives a column of t a shadow.
    const Plan &Shadow(const std::string &column, const std::string &more_operations = "") {
        return Operations(R"({"alter_column": {"table": "t", "column": ")" + column + R"(", "type": "bigint", "up": "1", "down": "1"}})" +
                          more_operations);
    }
    const Plan &Drop(const std::string &column) {
        return Operations(R"({"drop_column": {"table": "t", "column": ")" + column + R"("}})");
    }
};

TEST_F(DuplicatesTest, PrimaryKeyIsBuiltBesideTheOldOneAndTakesItsPlace) {
    Tables({TableBuilder("t", {NotNull(Column("id")), Column("a")}).PrimaryKey("t_pkey", {"id"})});
    Shadow("id");
    EXPECT_THAT(Indexes(), ElementsAre("CREATE UNIQUE INDEX CONCURRENTLY _pgmigrate_dup_t_pkey ON public.t USING btree (_pgmigrate_new_id)"));
    EXPECT_EQ(StepWith("CONCURRENTLY").undo, "DROP INDEX IF EXISTS public._pgmigrate_dup_t_pkey");
    EXPECT_EQ(StepWith("CONCURRENTLY").object, "public._pgmigrate_dup_t_pkey");
    EXPECT_LT(Position("SET NOT NULL"), Position("PRIMARY KEY USING INDEX _pgmigrate_dup_t_pkey"));
    EXPECT_LT(Position("DROP COLUMN id"), Position("ADD CONSTRAINT t_pkey PRIMARY KEY"));
}

TEST_F(DuplicatesTest, IndexOfAnotherColumnIsLeftAlone) {
    Tables({TableBuilder("t", {Column("a"), Column("b")}).With(Index("i", {"b"})).With(Check("c", {"b"}, "(b > 0)"))});
    Shadow("a");
    EXPECT_THAT(Indexes(), IsEmpty());
    EXPECT_THAT(Contract(), ElementsAre(HasSubstr("DROP TRIGGER"), HasSubstr("DROP COLUMN a"), HasSubstr("RENAME COLUMN")));
}

TEST_F(DuplicatesTest, EverythingAnIndexSays) {
    CatalogIndex index = Index("i", {"a"});
    index.method = "gist";
    index.unique = true;
    index.nulls_not_distinct = true;
    index.keys[0].options = " COLLATE pg_catalog.\"C\" public.my_ops DESC NULLS LAST";
    index.keys.push_back({.column = {}, .expression = "lower(b)", .options = ""});
    index.included = {"c", "b"};
    index.predicate = "(a > 0)";
    index.storage_parameters = "fillfactor=70";
    index.tablespace = "Fast";
    index.comment = "it's";
    index.is_clustered = true;
    Tables({TableBuilder("t", {Column("a"), Column("b"), Column("c")}).With(index)});
    Shadow("a");
    EXPECT_THAT(Indexes(), ElementsAre("CREATE UNIQUE INDEX CONCURRENTLY _pgmigrate_dup_i ON public.t USING gist (_pgmigrate_new_a COLLATE "
                                       "pg_catalog.\"C\" public.my_ops DESC NULLS LAST, (lower(b))) INCLUDE (c, b) NULLS NOT DISTINCT "
                                       "WITH (fillfactor=70) TABLESPACE \"Fast\" WHERE (_pgmigrate_new_a > 0)"));
    EXPECT_THAT(Contract(), ElementsAre(HasSubstr("DROP TRIGGER"), HasSubstr("DROP COLUMN a"),
                                        "ALTER INDEX public._pgmigrate_dup_i RENAME TO i", "COMMENT ON INDEX public.i IS 'it''s'",
                                        "ALTER TABLE public.t CLUSTER ON i", HasSubstr("RENAME COLUMN")));
}

TEST_F(DuplicatesTest, ColumnReadOnlyByAnExpressionPredicateOrIncludeMovesTheIndexToo) {
    CatalogIndex expression = Index("by_expression", {});
    expression.keys.push_back({.column = {}, .expression = "(a + b)", .options = " DESC"});
    CatalogIndex predicate = Index("by_predicate", {"b"});
    predicate.predicate = "(a IS NULL)";
    CatalogIndex include = Index("by_include", {"b"});
    include.included = {"a"};
    Tables({TableBuilder("t", {Column("a"), Column("b")}).With(expression).With(include).With(predicate)});
    Shadow("a");
    EXPECT_THAT(Indexes(),
                ElementsAre("CREATE INDEX CONCURRENTLY _pgmigrate_dup_by_expression ON public.t USING btree (((_pgmigrate_new_a + b)) DESC)",
                            "CREATE INDEX CONCURRENTLY _pgmigrate_dup_by_include ON public.t USING btree (b) INCLUDE (_pgmigrate_new_a)",
                            "CREATE INDEX CONCURRENTLY _pgmigrate_dup_by_predicate ON public.t USING btree (b) WHERE (_pgmigrate_new_a IS NULL)"));
}

TEST_F(DuplicatesTest, IndexWhoseExpressionDoesNotFitTheNewTypeIsLostWithAWarning) {
    CatalogIndex index = Index("i", {});
    index.keys.push_back({.column = {}, .expression = "lower(a)", .options = ""});
    CatalogIndex partial = Index("j", {"a"});
    partial.predicate = "(a ~ 'x')";
    Tables({TableBuilder("t", {Column("a", "text")}).With(index).With(partial)});
    binder.refused = {{"(a ~ 'x') -> boolean", "operator does not exist"}};
    Shadow("a");
    EXPECT_THAT(plan.warnings, ElementsAre("index \"j\" of table \"t\" is not kept: operator does not exist"));
    EXPECT_THAT(Indexes(), ElementsAre(HasSubstr("_pgmigrate_dup_i")));
    EXPECT_THAT(Contract(), Not(Contains(HasSubstr(" j"))));
}

TEST_F(DuplicatesTest, InvalidIndexIsNotDuplicated) {
    CatalogIndex index = Index("i", {"a"});
    index.valid = false;
    Tables({TableBuilder("t", {Column("a")}).With(index)});
    Shadow("a");
    EXPECT_THAT(Indexes(), IsEmpty());
}

TEST_F(DuplicatesTest, DroppedColumnTakesItsIndexesAndConstraintsAlong) {
    Tables({TableBuilder("t", {Column("a"), Column("b")}).With(Index("i", {"a", "b"})).With(Check("c", {"a", "b"}, "(a < b)"))});
    Drop("a");
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t DROP COLUMN a"));
    Shadow("b", R"(, {"drop_column": {"table": "t", "column": "a"}})");
    EXPECT_THAT(Indexes(), IsEmpty());
    EXPECT_THAT(Expand(), Not(Contains(HasSubstr("CHECK"))));
}

TEST_F(DuplicatesTest, CheckIsAddedNotValidAndRenamedAfterTheOldOneIsGone) {
    CatalogConstraint check = Check("c", {"a", "b"}, "(a < b)");
    check.no_inherit = true;
    check.comment = "it's";
    Tables({TableBuilder("t", {Column("a"), Column("b")}).With(check)});
    Shadow("a");
    EXPECT_THAT(Expand(), Contains("ALTER TABLE public.t ADD CONSTRAINT _pgmigrate_dup_c CHECK ((_pgmigrate_new_a < b)) NO INHERIT NOT VALID"));
    EXPECT_THAT(Undos(), Contains("ALTER TABLE IF EXISTS public.t DROP CONSTRAINT IF EXISTS _pgmigrate_dup_c"));
    EXPECT_THAT(Statements(Phase::kValidate), ElementsAre("ALTER TABLE public.t VALIDATE CONSTRAINT _pgmigrate_dup_c"));
    EXPECT_THAT(Contract(), ElementsAre(HasSubstr("DROP TRIGGER"), "ALTER TABLE public.t DROP COLUMN a",
                                        "ALTER TABLE public.t RENAME CONSTRAINT _pgmigrate_dup_c TO c",
                                        "COMMENT ON CONSTRAINT c ON public.t IS 'it''s'", HasSubstr("RENAME COLUMN")));
}

TEST_F(DuplicatesTest, CheckWithBothColumnsReplaced) {
    Tables({TableBuilder("t", {Column("a"), Column("b")}).With(Check("c", {"a", "b"}, "(a < b)"))});
    Shadow("a", R"(, {"alter_column": {"table": "t", "column": "b", "type": "bigint", "up": "b", "down": "b"}})");
    EXPECT_THAT(Expand(), Contains(HasSubstr("CHECK ((_pgmigrate_new_a < _pgmigrate_new_b))")));
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.t DROP COLUMN a, DROP COLUMN b"));
}

TEST_F(DuplicatesTest, CheckThatDoesNotFitTheNewTypeIsLostWithAWarning) {
    Tables({TableBuilder("t", {Column("a", "text")}).With(Check("c", {"a"}, "(a <> '')"))});
    binder.refused = {{"(a <> '')", "invalid input syntax"}};
    Shadow("a");
    EXPECT_THAT(plan.warnings, ElementsAre("check constraint \"c\" of table \"t\" is not kept: invalid input syntax"));
    EXPECT_THAT(Contract(), Not(Contains(HasSubstr("RENAME CONSTRAINT"))));
}

TEST_F(DuplicatesTest, ConstraintThatWasNotValidStaysSo) {
    CatalogConstraint check = Check("c", {"a"}, "(a > 0)");
    check.validated = false;
    Tables({TableBuilder("t", {Column("a")}).With(check)});
    Shadow("a");
    EXPECT_THAT(Statements(Phase::kValidate), IsEmpty());
    EXPECT_THAT(Contract(), Contains(HasSubstr("RENAME CONSTRAINT")));
}

TEST_F(DuplicatesTest, DuplicateSeesTheColumnUnderItsOldName) {
    Tables({TableBuilder("t", {Column("a"), Column("b")}).With(Check("c", {"a"}, "(a > 0)"))});
    Operations(R"({"rename_column": {"table": "t", "from": "b", "to": "x"}}, {"rename_column": {"table": "t", "from": "a", "to": "b"}},
                  {"alter_column": {"table": "t", "column": "b", "type": "bigint", "up": "b", "down": "b"}})");
    EXPECT_THAT(Expand(), Contains(HasSubstr("CHECK ((_pgmigrate_new_b > 0))")));
}

TEST_F(DuplicatesTest, ForeignKeyKeepsItsOptionsAndTheColumnsToSet) {
    CatalogConstraint key = ForeignKey("f", {"a", "b"}, "public.o", {"x", "y"});
    key.foreign_key_options = " MATCH FULL ON UPDATE CASCADE ON DELETE SET NULL";
    key.delete_set_columns = {"a"};
    key.deferrable = key.initially_deferred = true;
    Tables({TableBuilder("o", {Column("x"), Column("y")}), TableBuilder("t", {Column("a"), Column("b")}).With(key)});
    Shadow("a");
    EXPECT_THAT(Expand(), Contains("ALTER TABLE public.t ADD CONSTRAINT _pgmigrate_dup_f FOREIGN KEY (_pgmigrate_new_a, b) REFERENCES "
                                   "public.o (x, y) MATCH FULL ON UPDATE CASCADE ON DELETE SET NULL (_pgmigrate_new_a) DEFERRABLE "
                                   "INITIALLY DEFERRED NOT VALID"));
    EXPECT_THAT(plan.locks, ElementsAre(NeededLock{.table = "public.t", .exclusive = true},
                                        NeededLock{.table = "public.o", .exclusive = false}));
}

TEST_F(DuplicatesTest, OldForeignKeyIsDroppedByItselfSoThatTheReferencedTableIsLockedInTime) {
    Tables({TableBuilder("o", {Column("x")}), TableBuilder("t", {Column("a")}).With(ForeignKey("f", {"a"}, "public.o", {"x"}))});
    Shadow("a");
    EXPECT_LT(Position("DROP CONSTRAINT f"), Position("DROP COLUMN a"));
    EXPECT_LT(Position("DROP COLUMN a"), Position("RENAME CONSTRAINT _pgmigrate_dup_f TO f"));
    EXPECT_EQ(StepWith("DROP CONSTRAINT f").table, "public.o");
    EXPECT_EQ(StepWith("DROP CONSTRAINT f").lock, "ACCESS EXCLUSIVE");
    Drop("a");
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t DROP CONSTRAINT f", "ALTER TABLE public.t DROP COLUMN a"));
}

TEST_F(DuplicatesTest, ForeignKeyToItsOwnTableNeedsNoLockApart) {
    Tables({TableBuilder("t", {NotNull(Column("id")), Column("parent")}).PrimaryKey("t_pkey", {"id"})
                .With(ForeignKey("f", {"parent"}, "public.t", {"id"}))});
    Shadow("parent");
    EXPECT_THAT(plan.locks, ElementsAre(NeededLock{.table = "public.t", .exclusive = true}));
    EXPECT_THAT(Contract(), Not(Contains(HasSubstr("DROP CONSTRAINT"))));
}

TEST_F(DuplicatesTest, UniqueConstraintKeepsDeferrabilityIncludeAndComment) {
    TableBuilder table("t", {Column("a"), Column("b")});
    table.Unique("u", {"a"});
    table->constraints[0].deferrable = true;
    table->constraints[0].comment = "one";
    table->indexes[0].included = {"b"};
    Tables({table});
    Shadow("a");
    EXPECT_THAT(Indexes(), ElementsAre("CREATE UNIQUE INDEX CONCURRENTLY _pgmigrate_dup_u ON public.t USING btree (_pgmigrate_new_a) INCLUDE (b)"));
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.t ADD CONSTRAINT u UNIQUE USING INDEX _pgmigrate_dup_u DEFERRABLE"));
    EXPECT_THAT(Contract(), Contains("COMMENT ON CONSTRAINT u ON public.t IS 'one'"));
}

TEST_F(DuplicatesTest, ConstraintWhoseIncludedColumnMovesIsRenamedWithItsDuplicateOnly) {
    TableBuilder table("t", {Column("a"), Column("b")});
    table.Unique("u", {"a"});
    table->indexes[0].included = {"b"};
    Tables({table});
    Shadow("b", R"(, {"rename_constraint": {"table": "t", "from": "u", "to": "v"}})");
    EXPECT_THAT(Contract(), ElementsAre(HasSubstr("DROP TRIGGER"), "ALTER TABLE public.t DROP COLUMN b",
                                        "ALTER TABLE public.t ADD CONSTRAINT v UNIQUE USING INDEX _pgmigrate_dup_u",
                                        HasSubstr("RENAME COLUMN")));
}

TEST_F(DuplicatesTest, ReplicaIdentityGoesToTheDuplicate) {
    CatalogIndex index = Index("I", {"a"});
    index.unique = index.is_replica_identity = true;
    TableBuilder table("t", {NotNull(Column("a"))});
    table.With(index);
    table->replica_identity = "USING INDEX \"I\"";
    Tables({table});
    Shadow("a");
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.t REPLICA IDENTITY USING INDEX \"I\""));
    EXPECT_LT(Position("RENAME TO \"I\""), Position("REPLICA IDENTITY"));
    Shadow("a", R"(, {"set_replica_identity": {"table": "t", "identity": {"type": "full"}}})");
    EXPECT_THAT(Contract(), Not(Contains(HasSubstr("REPLICA IDENTITY")))) << "FULL was asked for";
}

TEST_F(DuplicatesTest, ReplicaIdentityAskedForGoesToTheDuplicateToo) {
    CatalogIndex index = Index("i", {"a"});
    index.unique = true;
    Tables({TableBuilder("t", {NotNull(Column("a"))}).With(index)});
    Shadow("a", R"(, {"set_replica_identity": {"table": "t", "identity": {"type": "index", "index": "i"}}})");
    EXPECT_THAT(Expand(), Contains("ALTER TABLE public.t REPLICA IDENTITY USING INDEX i"));
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.t REPLICA IDENTITY USING INDEX i"));
}

TEST_F(DuplicatesTest, TemporaryNamesAreFreeInTheSchemaAndOnTheTable) {
    Tables({TableBuilder("t", {Column("a")}).With(Index("i", {"a"})).With(Check("c", {"a"}, "(a > 0)"))
                .With(Check("_pgmigrate_dup_c", {}, "true"))});
    catalog.relation_names.insert("_pgmigrate_dup_i");
    Shadow("a");
    EXPECT_THAT(Indexes(), ElementsAre(HasSubstr("CONCURRENTLY _pgmigrate_dup_i_1 ON")));
    EXPECT_THAT(Contract(), Contains("ALTER INDEX public._pgmigrate_dup_i_1 RENAME TO i"));
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.t RENAME CONSTRAINT _pgmigrate_dup_c_1 TO c"));
}

TEST_F(DuplicatesTest, LongNamesWithACommonBeginningStayDifferent) {
    const std::string common(62, 'x');
    Tables({TableBuilder("t", {Column("a")}).With(Index(common + "1", {"a"})).With(Index(common + "2", {"a"}))});
    Shadow("a");
    std::vector<std::string> objects;
    for (const Step &step : plan.steps)
        if (step.phase == Phase::kIndex) objects.push_back(step.object);
    ASSERT_EQ(objects.size(), 2);
    EXPECT_NE(objects[0], objects[1]);
    for (const std::string &object : objects) EXPECT_LE(object.size(), std::string("public.").size() + 63);
    EXPECT_THAT(Contract(), Contains("ALTER INDEX " + objects[1] + " RENAME TO " + common + "2"));
}

TEST_F(DuplicatesTest, EqualConstraintNamesOnTwoTables) {
    const auto table = [](const std::string &name) { return TableBuilder(name, {Column("a")}).With(Check("c", {"a"}, "(a > 0)")); };
    Tables({table("t"), table("u")});
    Shadow("a", R"(, {"alter_column": {"table": "u", "column": "a", "type": "bigint", "up": "a", "down": "a"}})");
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.t RENAME CONSTRAINT _pgmigrate_dup_c TO c"));
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.u RENAME CONSTRAINT _pgmigrate_dup_c TO c"));
    EXPECT_EQ(plan.fills.size(), 2);
    EXPECT_THAT(plan.locks, ElementsAre(NeededLock{.table = "public.t"}, NeededLock{.table = "public.u"}));
}

TEST_F(DuplicatesTest, ExclusionConstraintIsBuiltUnderALockThatIsSaid) {
    TableBuilder table("t", {Column("a"), Column("b")});
    table.Key('x', "e", {"a"});
    table->constraints[0].exclusion_operators = {"OPERATOR(pg_catalog.=)"};
    table->constraints[0].initially_deferred = true;
    table->indexes[0].predicate = "(b > 0)";
    table->indexes[0].included = {"b"};
    table->indexes[0].storage_parameters = "fillfactor=70";
    Tables({table});
    Operations(R"({"alter_column": {"table": "t", "column": "a", "type": "bigint", "up": "1", "down": "1"}})");
    const Step &step = StepWith("EXCLUDE");
    EXPECT_EQ(step.statement, "ALTER TABLE public.t ADD CONSTRAINT _pgmigrate_dup_e EXCLUDE USING btree (_pgmigrate_new_a WITH "
                              "OPERATOR(pg_catalog.=)) INCLUDE (b) WITH (fillfactor=70) WHERE ((b > 0)) DEFERRABLE INITIALLY DEFERRED");
    EXPECT_EQ(step.undo, "ALTER TABLE IF EXISTS public.t DROP CONSTRAINT IF EXISTS _pgmigrate_dup_e");
    EXPECT_EQ(step.lock, "ACCESS EXCLUSIVE");
    EXPECT_EQ(step.phase, Phase::kIndex);
    EXPECT_THAT(plan.warnings, Contains(HasSubstr("exclusion constraint \"e\" of table \"t\" is built anew under an ACCESS EXCLUSIVE lock")));
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.t RENAME CONSTRAINT _pgmigrate_dup_e TO e"));
    catalog.tables[0].partitioned = true;
    const PlanRefusal refusal = Refused(R"({"alter_column": {"table": "t", "column": "a", "type": "bigint", "up": "1", "down": "1"}})");
    EXPECT_EQ(refusal.state, "0A000");
    EXPECT_EQ(refusal.text.message, "cannot alter a column of exclusion constraint \"e\" of partitioned table \"t\"");
    catalog.tables[0].partitioned = false;
    Drop("a");
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t DROP COLUMN a"));
}

TEST_F(DuplicatesTest, ColumnThatAForeignKeyOfAnotherTablePointsTo) {
    Tables({TableBuilder("t", {Column("id"), Column("name"), Column("a")}).PrimaryKey("t_pkey", {"id"})});
    catalog.tables[0].indexes[0].included = {"name"};
    catalog.tables[0].incoming_foreign_keys = {Incoming("f", "public.o", {"t_id"}, {"id"})};
    for (const std::string column : {"id", "name"}) {
        const PlanRefusal refusal = Refused(R"({"drop_column": {"table": "t", "column": ")" + column + R"("}})");
        EXPECT_EQ(refusal.state, "2BP01") << column;
        EXPECT_THAT(refusal.text.message, HasSubstr("foreign key \"f\" of table public.o refers to what the migration drops of table \"t\""));
    }
    Drop("a");
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t DROP COLUMN a"));
}

TEST_F(DuplicatesTest, OnlyTheOwnerMayChangeATable) {
    Tables({TableBuilder("t", {Column("a")}), TableBuilder("u", {Column("a")})});
    catalog.tables[0].owned_by_caller = false;
    const PlanRefusal refusal = Refused(R"({"rename_column": {"table": "t", "from": "a", "to": "b"}})");
    EXPECT_EQ(refusal.state, "42501");
    EXPECT_EQ(refusal.text.message, "must be owner of table t");
    EXPECT_EQ(Refused(R"({"drop_table": {"name": "t"}})").state, "42501");
    EXPECT_EQ(Refused(R"({"drop_column": {"table": "u", "column": "a"}})").state, "");
}

}  // namespace
}  // namespace pgmigrate
