// SPDX-License-Identifier: PostgreSQL
#include "support/planning.h"

namespace pgmigrate {
namespace {

class AddColumnTest : public PlanTest {
  protected:
    void SetUp() override { Tables({TableBuilder("t", {NotNull(Column("id")), Column("a", "text")})}); }

    /// A nullable column n of type int with more fields, given as the rest of the JSON object.
    const Plan &Add(const std::string &more, const std::string &up = "") {
        return Operations(R"({"add_column": {"table": "t", )" + (up.empty() ? "" : R"("up": ")" + up + "\", ") +
                          R"("column": {"name": "n", "type": "int")" + more + "}}}");
    }
};

TEST_F(AddColumnTest, NullableWithoutAnythingNeedsNoTriggerAndNoWorker) {
    Add(R"(, "nullable": true)");
    EXPECT_THAT(Expand(), ElementsAre("ALTER TABLE public.t ADD COLUMN _pgmigrate_new_n integer"));
    EXPECT_THAT(Undos(), Contains("ALTER TABLE IF EXISTS public.t DROP COLUMN IF EXISTS _pgmigrate_new_n"));
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_n TO n"));
    EXPECT_FALSE(plan.NeedsWorker());
    EXPECT_THAT(plan.fills, IsEmpty());
    EXPECT_THAT(plan.locks, ElementsAre(NeededLock{.table = "public.t", .exclusive = true}));
    EXPECT_THAT(plan.changed_tables, ElementsAre("t"));
}

TEST_F(AddColumnTest, DomainThatCannotBeFilledIsRefusedAndOneThatRewritesTheTableIsWarnedOf) {
    const auto add = [](const std::string &type) {
        return R"({"add_column": {"table": "t", "up": "a", "column": {"name": "n", "nullable": true, "type": ")" + type +
               "\"}}}";
    };
    binder.domains = {{"plain", {}},
                      {"checked", {.has_constraints = true}},
                      {"required", {.has_constraints = true, .forbids_null = true}},
                      {"preset", {.has_constraints = true, .has_default = true}}};
    Operations(add("plain"));
    EXPECT_THAT(plan.warnings, IsEmpty());
    Operations(add("checked"));
    EXPECT_THAT(plan.warnings, ElementsAre(HasSubstr("table \"t\" is rewritten")));
    EXPECT_EQ(Refused(add("required")).state, "0A000");
    EXPECT_EQ(Refused(add("preset")).state, "0A000");
    EXPECT_EQ(Refused(R"({"alter_column": {"table": "t", "column": "a", "type": "required", "up": "a", "down": "a"}})").state,
              "0A000");
}

TEST_F(AddColumnTest, ConstantDefaultIsStoredWithoutARewriteAndCarriesNotNull) {
    Add(R"(, "default": "7")");
    EXPECT_THAT(Expand(), ElementsAre("ALTER TABLE public.t ADD COLUMN _pgmigrate_new_n integer DEFAULT 7 NOT NULL"));
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_n TO n"));
    EXPECT_FALSE(plan.NeedsWorker());
}

TEST_F(AddColumnTest, StableDefaultIsEvaluatedOnceAsPostgreSqlDoes) {
    binder.stable_texts = {"now()"};
    Add(R"j(, "default": "now()")j");
    EXPECT_THAT(Expand(), ElementsAre("ALTER TABLE public.t ADD COLUMN _pgmigrate_new_n integer DEFAULT now() NOT NULL"));
}

TEST_F(AddColumnTest, VolatileDefaultFillsRowsAndIsTheViewsUntilCompletion) {
    binder.volatile_texts = {"random()"};
    Add(R"j(, "default": "random()")j");
    EXPECT_THAT(Expand()[0], "ALTER TABLE public.t ADD COLUMN _pgmigrate_new_n integer");
    EXPECT_THAT(Spec().up, ElementsAre(SyncExpression{.target = "_pgmigrate_new_n", .expression = "random()",
                                                      .parameters = {}, .is_immutable = false}));
    EXPECT_THAT(Publish(), Contains("ALTER VIEW public_02.t ALTER COLUMN n SET DEFAULT random()"));
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.t ALTER COLUMN n SET DEFAULT random()"));
    EXPECT_LT(Position("RENAME COLUMN"), Position("SET DEFAULT"));
}

TEST_F(AddColumnTest, UpOtherThanAVolatileDefaultIsRefused) {
    binder.volatile_texts = {"random()"};
    const PlanRefusal refusal = Refused(
        R"j({"add_column": {"table": "t", "up": "1", "column": {"name": "n", "type": "int", "default": "random()"}}})j");
    EXPECT_EQ(refusal.state, "22023");
    EXPECT_EQ(refusal.text.message, "\"up\" of column \"n\" must be the same as its volatile default");
    EXPECT_THAT(refusal.text.detail, HasSubstr("It is in operations[0].add_column."));
}

TEST_F(AddColumnTest, UpFillsAndNotNullIsAValidatedCheckUntilCompletion) {
    Add("", "length(a) + id");
    EXPECT_THAT(Expand(),
                ElementsAre("ALTER TABLE public.t ADD COLUMN _pgmigrate_new_n integer",
                            "ALTER TABLE public.t ADD CONSTRAINT _pgmigrate_not_null_n CHECK (_pgmigrate_new_n IS NOT NULL) NOT VALID",
                            HasSubstr("CREATE TRIGGER \"~pgmigrate_sync\" BEFORE INSERT OR UPDATE ON public.t FOR EACH ROW "
                                      "EXECUTE FUNCTION public.pgmigrate_sync('{"),
                            "ALTER TABLE public.t ENABLE ALWAYS TRIGGER \"~pgmigrate_sync\""));
    EXPECT_THAT(Statements(Phase::kFill), ElementsAre("fill public.t: _pgmigrate_new_n := length(a) + id"));
    EXPECT_THAT(Statements(Phase::kValidate), ElementsAre("ALTER TABLE public.t VALIDATE CONSTRAINT _pgmigrate_not_null_n"));
    EXPECT_THAT(Statements(Phase::kVerify), ElementsAre("verify public.t"));
    EXPECT_THAT(Contract(), ElementsAre("DROP TRIGGER IF EXISTS \"~pgmigrate_sync\" ON public.t",
                                        "ALTER TABLE public.t ALTER COLUMN _pgmigrate_new_n SET NOT NULL",
                                        "ALTER TABLE public.t DROP CONSTRAINT _pgmigrate_not_null_n",
                                        "ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_n TO n"));
    EXPECT_TRUE(plan.NeedsWorker());
    ASSERT_EQ(plan.fills.size(), 1);
    EXPECT_EQ(plan.fills[0].oid, 1000);
    EXPECT_EQ(plan.fills[0].filenode, 2000);
    EXPECT_EQ(plan.fills[0].trigger_name, "~pgmigrate_sync");
}

TEST_F(AddColumnTest, LocksAndOwnersOfTheSteps) {
    Add("", "id");
    EXPECT_EQ(StepWith("ADD COLUMN").lock, "ACCESS EXCLUSIVE");
    EXPECT_EQ(StepWith("VALIDATE").lock, "SHARE UPDATE EXCLUSIVE");
    EXPECT_EQ(StepWith("fill").lock, "ROW EXCLUSIVE");
    EXPECT_EQ(StepWith("fill").object, "~pgmigrate_sync");
    EXPECT_EQ(StepWith("verify").lock, "ACCESS SHARE");
    EXPECT_EQ(StepWith("SET NOT NULL").lock, "ACCESS EXCLUSIVE");
    for (const Step &step : plan.steps) {
        EXPECT_EQ(step.as_extension, step.statement.starts_with("CREATE TRIGGER")) << step.statement;
        const bool is_undone_by_others = step.phase == Phase::kContract || step.phase == Phase::kFill;
        EXPECT_TRUE(!is_undone_by_others || step.undo.empty()) << step.statement;
    }
}

TEST_F(AddColumnTest, UpRunsAsTheOwnerSoItsRightsAreAsked) {
    Add("", "length(a)");
    ASSERT_EQ(plan.owner_queries.size(), 1);
    EXPECT_EQ(plan.owner_queries[0].owner, "olga");
    EXPECT_EQ(plan.owner_queries[0].query, "SELECT length(a) FROM public.t");
}

TEST_F(AddColumnTest, NotNullWithoutAnyValueIsRefused) {
    EXPECT_EQ(Refused(R"({"add_column": {"table": "t", "column": {"name": "n", "type": "int"}}})").state, "22023");
}

TEST_F(AddColumnTest, UniqueCheckAndForeignKey) {
    Tables({TableBuilder("t", {Column("id")}), TableBuilder("other", {Column("id")}).PrimaryKey("other_pkey", {"id"})});
    Add(R"(, "nullable": true, "unique": true, "comment": "it's", "check": {"name": "positive", "constraint": "n > 0"},
         "references": {"name": "fk", "table": "other", "column": "id", "on_delete": "CASCADE"})");
    EXPECT_THAT(Expand(),
                ElementsAre("ALTER TABLE public.t ADD COLUMN _pgmigrate_new_n integer",
                            "COMMENT ON COLUMN public.t._pgmigrate_new_n IS 'it''s'",
                            "ALTER TABLE public.t ADD CONSTRAINT positive CHECK (_pgmigrate_new_n > 0) NOT VALID",
                            "ALTER TABLE public.t ADD CONSTRAINT fk FOREIGN KEY (_pgmigrate_new_n) REFERENCES public.other (id) "
                            "ON DELETE CASCADE NOT VALID"));
    EXPECT_THAT(Indexes(), ElementsAre("CREATE UNIQUE INDEX CONCURRENTLY t_n_key ON public.t USING btree (_pgmigrate_new_n)"));
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t ADD CONSTRAINT t_n_key UNIQUE USING INDEX t_n_key",
                                        "ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_n TO n"));
    EXPECT_THAT(plan.locks, ElementsAre(NeededLock{.table = "public.t", .exclusive = true},
                                        NeededLock{.table = "public.other", .exclusive = false}));
    EXPECT_THAT(Undos(), Contains("DROP INDEX IF EXISTS public.t_n_key"));
    EXPECT_THAT(Undos(), Contains("ALTER TABLE IF EXISTS public.t DROP CONSTRAINT IF EXISTS fk"));
}

TEST_F(AddColumnTest, UniqueTakesAFreeNameForItsIndex) {
    catalog.relation_names.insert("t_n_key");
    Add(R"(, "nullable": true, "unique": true)");
    EXPECT_THAT(Indexes(), ElementsAre(HasSubstr("CONCURRENTLY t_n_key_1 ON")));
}

TEST_F(AddColumnTest, ColumnsOfOneTableAreAddedByOneStatement) {
    Operations(R"({"add_column": {"table": "t", "column": {"name": "x", "type": "int", "nullable": true}}},
                  {"add_column": {"table": "t", "column": {"name": "y", "type": "int", "default": "1"}}})");
    EXPECT_THAT(Expand(), ElementsAre("ALTER TABLE public.t ADD COLUMN _pgmigrate_new_x integer, "
                                      "ADD COLUMN _pgmigrate_new_y integer DEFAULT 1 NOT NULL"));
    EXPECT_THAT(Undos(), Contains("ALTER TABLE IF EXISTS public.t DROP COLUMN IF EXISTS _pgmigrate_new_x, "
                                  "DROP COLUMN IF EXISTS _pgmigrate_new_y"));
}

TEST_F(AddColumnTest, LaterUpReadsAnEarlierNewColumn) {
    Operations(R"({"add_column": {"table": "t", "up": "id", "column": {"name": "x", "type": "int", "nullable": true}}},
                  {"add_column": {"table": "t", "up": "x + 1", "column": {"name": "y", "type": "int", "nullable": true}}})");
    EXPECT_EQ(Spec().up[1].expression, "$1 + 1");
    EXPECT_THAT(Spec().up[1].parameters, ElementsAre("_pgmigrate_new_x"));
}

TEST_F(AddColumnTest, PhysicalNameStepsAsideForAnExistingColumn) {
    Tables({TableBuilder("t", {Column("_pgmigrate_new_n")})});
    Add(R"(, "nullable": true)");
    EXPECT_THAT(Contract(), ElementsAre("ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_n_1 TO n"));
}

TEST_F(AddColumnTest, SerialNumbersRowsByTheFillAndOwnsItsSequenceInTheEnd) {
    Operations(R"({"add_column": {"table": "t", "column": {"name": "n", "type": "BigSerial"}}})");
    EXPECT_EQ(Expand()[0], "CREATE SEQUENCE public.t_n_seq AS bigint");
    EXPECT_EQ(plan.steps[0].undo, "DROP SEQUENCE IF EXISTS public.t_n_seq");
    EXPECT_EQ(Expand()[1], "ALTER TABLE public.t ADD COLUMN _pgmigrate_new_n bigint");
    EXPECT_EQ(Spec().up[0].expression, "nextval('public.t_n_seq'::regclass)");
    EXPECT_THAT(Contract(), ElementsAre(HasSubstr("DROP TRIGGER"),
                                        "ALTER TABLE public.t ALTER COLUMN _pgmigrate_new_n SET NOT NULL",
                                        "ALTER TABLE public.t DROP CONSTRAINT _pgmigrate_not_null_n",
                                        "ALTER SEQUENCE public.t_n_seq OWNED BY public.t._pgmigrate_new_n",
                                        "ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_n TO n",
                                        "ALTER TABLE public.t ALTER COLUMN n SET DEFAULT nextval('public.t_n_seq'::regclass)"));
}

TEST_F(AddColumnTest, OnATableTheMigrationCreatesIsAPlainStatement) {
    Operations(R"({"create_table": {"name": "c", "columns": [{"name": "id", "type": "int", "pk": true}]}},
                  {"add_column": {"table": "c", "column": {"name": "n", "type": "int", "default": "1", "unique": true,
                   "comment": "number", "check": {"name": "positive", "constraint": "n > 0"}}}})");
    EXPECT_THAT(Expand(), ElementsAre(HasSubstr("CREATE TABLE public.c"),
                                      "ALTER TABLE public.c ADD COLUMN n integer DEFAULT 1 NOT NULL",
                                     "ALTER TABLE public.c ADD CONSTRAINT c_n_key UNIQUE (n)",
                                      "ALTER TABLE public.c ADD CONSTRAINT positive CHECK (n > 0)",
                                      "COMMENT ON COLUMN public.c.n IS 'number'"));
    EXPECT_THAT(Publish(), Contains("COMMENT ON COLUMN public_02.c.n IS 'number'"));
    EXPECT_THAT(Contract(), IsEmpty());
    EXPECT_FALSE(plan.NeedsWorker());
}

TEST_F(AddColumnTest, SerialOnACreatedTableIsAnIntegerToLaterExpressions) {
    binder.unknown_types = {"serial"};
    Operations(R"({"create_table": {"name": "c", "columns": [{"name": "id", "type": "int", "pk": true}]}},
                  {"add_column": {"table": "c", "column": {"name": "n", "type": "serial"}}},
                  {"alter_column": {"table": "c", "column": "n", "default": "7"}})");
    EXPECT_EQ(binder.calls.back().target_type, "integer");
}

TEST_F(AddColumnTest, DroppedAgainByTheSameMigrationTakesAllItsPiecesAlong) {
    Operations(R"({"add_column": {"table": "t", "up": "id", "column": {"name": "n", "type": "int", "unique": true,
                    "check": {"name": "positive", "constraint": "n > 0"}}}},
                  {"create_index": {"name": "i", "table": "t", "columns": {"n": {}}}},
                  {"create_index": {"name": "j", "table": "t", "columns": {"id": {}}, "predicate": "n > 1"}},
                  {"drop_column": {"table": "t", "column": "n"}})");
    EXPECT_THAT(Indexes(), IsEmpty());
    EXPECT_THAT(Statements(Phase::kValidate), IsEmpty());
    EXPECT_THAT(Contract(), ElementsAre(HasSubstr("DROP TRIGGER"), "ALTER TABLE public.t DROP COLUMN _pgmigrate_new_n"));
}

}  // namespace
}  // namespace pgmigrate
