// SPDX-License-Identifier: PostgreSQL
// alter_column where the column gets a shadow: sync expressions, defaults, NOT NULL, sequences, chains.
#include "support/planning.h"

namespace pgmigrate {
namespace {

class AlterColumnTest : public PlanTest {
  protected:
    void SetUp() override { Tables({TableBuilder("t", {NotNull(Column("id")), Column("a", "text")})}); }

    const Plan &ToInteger(const std::string &more = "") {
        return Operations(R"j({"alter_column": {"table": "t", "column": "a", "type": "int", "up": "length(a)", "down": "a || ''")j" +
                          more + "}}");
    }
};

TEST_F(AlterColumnTest, EveryStatementOfATypeChangeInOrder) {
    request.previous_version = "public_01";
    request.previous_views = {"t", "u"};
    ToInteger();
    EXPECT_THAT(Expand(), ElementsAre("ALTER TABLE public.t ADD COLUMN _pgmigrate_new_a integer", HasSubstr("CREATE TRIGGER"),
                                      HasSubstr("ENABLE ALWAYS")));
    EXPECT_EQ(StepWith("CREATE TRIGGER").undo, "DROP TRIGGER IF EXISTS \"~pgmigrate_sync\" ON public.t");
    EXPECT_THAT(Statements(Phase::kFill), ElementsAre("fill public.t: _pgmigrate_new_a := length(a)"));
    EXPECT_THAT(Publish(), ElementsAre("CREATE SCHEMA public_02",
                                       "CREATE VIEW public_02.t WITH (security_invoker = true) AS SELECT id, _pgmigrate_new_a AS a "
                                       "FROM public.t"));
    EXPECT_THAT(Contract(), ElementsAre("DROP VIEW IF EXISTS public_01.t, public_01.u", "DROP SCHEMA IF EXISTS public_01",
                                        "DROP TRIGGER IF EXISTS \"~pgmigrate_sync\" ON public.t", "ALTER TABLE public.t DROP COLUMN a",
                                        "ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_a TO a"));
    EXPECT_THAT(Undos(), ElementsAre("ALTER TABLE IF EXISTS public.t DROP COLUMN IF EXISTS _pgmigrate_new_a",
                                     "DROP TRIGGER IF EXISTS \"~pgmigrate_sync\" ON public.t", "DROP SCHEMA IF EXISTS public_02",
                                     "DROP VIEW IF EXISTS public_02.t"));
}

TEST_F(AlterColumnTest, WhatTheTriggerIsTold) {
    request.previous_version = "public_01";
    binder.stable_texts = {"length(a)"};
    ToInteger();
    const SyncSpec wanted{
        .new_version = "public_02",
        .old_version = "public_01",
        .search_path = "public, pg_temp",
        .up = {{.target = "_pgmigrate_new_a", .expression = "length($1)", .parameters = {"a"}, .is_immutable = false}},
        .down = {{.target = "a", .expression = "$1 || ''", .parameters = {"_pgmigrate_new_a"}, .is_immutable = true}},
        .default_from_source = {}};
    EXPECT_EQ(Spec(), wanted);
    EXPECT_EQ(plan.owner_queries.size(), 2);
    EXPECT_EQ(plan.owner_queries[1].query, "SELECT _pgmigrate_new_a || '' FROM public.t");
}

TEST_F(AlterColumnTest, UpSeesTheOldTypeAndDownTheNewOne) {
    ToInteger();
    EXPECT_EQ(binder.calls[0].target_type, "integer");
    EXPECT_EQ(binder.calls[1].target_type, "text");
}

TEST_F(AlterColumnTest, WithoutExpressionsTheColumnItselfIsAssigned) {
    AlterColumn operation;
    operation.table = "t";
    operation.column = "a";
    operation.type = "varchar";
    Planned({operation});
    EXPECT_EQ(Spec().up[0].expression, "$1");
    EXPECT_EQ(Spec().down[0].expression, "$1");
    EXPECT_THAT(Expand()[0], HasSubstr("character varying"));
}

TEST_F(AlterColumnTest, BrokenDownIsAWarningAndTheNewValueTakesItsPlace) {
    binder.refused = {{"a || ''", "operator does not exist"}};
    ToInteger();
    EXPECT_EQ(Spec().down[0].expression, "$1");
    EXPECT_THAT(plan.warnings, ElementsAre("\"down\" of column \"a\" of table \"t\" cannot be used: operator does not exist; the new "
                                           "value itself is written to the old column"));
}

TEST_F(AlterColumnTest, PropertiesFollowTheColumn) {
    CatalogColumn &column = catalog.tables[0].columns[1];
    column.collation = "pg_catalog.\"C\"";
    column.storage = "EXTERNAL";
    column.compression = "lz4";
    column.statistics_target = 500;
    column.options = "n_distinct = 7";
    column.comment = "it's";
    column.grants = {{.grantee = "Reader", .privilege = "SELECT"}, {.grantee = "", .privilege = "UPDATE", .grantable = true}};
    Operations(R"({"alter_column": {"table": "t", "column": "a", "nullable": false, "up": "a", "down": "a"}})");
    const std::vector<std::string> expand = Expand();
    EXPECT_THAT(std::vector(expand.begin(), expand.begin() + 8),
                ElementsAre("ALTER TABLE public.t ADD COLUMN _pgmigrate_new_a text COLLATE pg_catalog.\"C\"",
                            "COMMENT ON COLUMN public.t._pgmigrate_new_a IS 'it''s'",
                            "ALTER TABLE public.t ALTER COLUMN _pgmigrate_new_a SET STORAGE EXTERNAL",
                            "ALTER TABLE public.t ALTER COLUMN _pgmigrate_new_a SET COMPRESSION lz4",
                            "ALTER TABLE public.t ALTER COLUMN _pgmigrate_new_a SET STATISTICS 500",
                            "ALTER TABLE public.t ALTER COLUMN _pgmigrate_new_a SET (n_distinct = 7)",
                            "GRANT SELECT (_pgmigrate_new_a) ON public.t TO \"Reader\"",
                            "GRANT UPDATE (_pgmigrate_new_a) ON public.t TO PUBLIC WITH GRANT OPTION"));
    Operations(R"({"alter_column": {"table": "t", "column": "a", "type": "xml", "up": "a", "down": "a"}})");
    EXPECT_THAT(Expand(), Contains(HasSubstr("STORAGE")));
    EXPECT_THAT(Expand(), Contains(HasSubstr("COMPRESSION")));
    ToInteger();
    EXPECT_THAT(Expand(), Not(Contains(HasSubstr("STORAGE"))));
    EXPECT_THAT(Expand(), Not(Contains(HasSubstr("COMPRESSION"))));
}

TEST_F(AlterColumnTest, CollationStaysBehindWhereTheNewTypeHasNone) {
    catalog.tables[0].columns[1].collation = "pg_catalog.\"C\"";
    binder.refused = {{"CAST(NULL AS integer) COLLATE pg_catalog.\"C\"", "collations are not supported by type integer"}};
    ToInteger();
    EXPECT_EQ(Expand()[0], "ALTER TABLE public.t ADD COLUMN _pgmigrate_new_a integer");
    Operations(R"({"alter_column": {"table": "t", "column": "a", "type": "varchar", "up": "a", "down": "a"}})");
    EXPECT_EQ(Expand()[0], "ALTER TABLE public.t ADD COLUMN _pgmigrate_new_a character varying COLLATE pg_catalog.\"C\"");
}

TEST_F(AlterColumnTest, ConstantDefaultIsSetApartSoThatOldRowsStayUnfilled) {
    Tables({TableBuilder("t", {WithDefault(Column("a", "text"), "'x'::text")})});
    ToInteger();
    EXPECT_EQ(Expand()[0], "ALTER TABLE public.t ADD COLUMN _pgmigrate_new_a integer");
    EXPECT_EQ(Expand()[1], "ALTER TABLE public.t ALTER COLUMN _pgmigrate_new_a SET DEFAULT 'x'::text");
    EXPECT_THAT(Publish(), Not(Contains(HasSubstr("DEFAULT"))));
    EXPECT_THAT(Contract(), Not(Contains(HasSubstr("DEFAULT"))));
}

TEST_F(AlterColumnTest, DefaultThatDoesNotFitTheNewTypeIsLostWithAWarning) {
    Tables({TableBuilder("t", {WithDefault(Column("a", "text"), "'x'::text")})});
    binder.refused = {{"'x'::text -> integer", "invalid input"}};
    ToInteger();
    EXPECT_THAT(Expand(), Not(Contains(HasSubstr("SET DEFAULT"))));
    EXPECT_THAT(plan.warnings, ElementsAre("default of column \"a\" of table \"t\" is not kept: invalid input"));
}

TEST_F(AlterColumnTest, DefaultChangedOrDroppedTogetherWithTheType) {
    Tables({TableBuilder("t", {WithDefault(Column("a", "text"), "'x'::text")})});
    ToInteger(R"(, "default": "7")");
    EXPECT_EQ(Expand()[1], "ALTER TABLE public.t ALTER COLUMN _pgmigrate_new_a SET DEFAULT 7");
    ToInteger(R"(, "default": null)");
    EXPECT_THAT(Expand(), Not(Contains(HasSubstr("SET DEFAULT"))));
    EXPECT_THAT(plan.warnings, IsEmpty());
}

TEST_F(AlterColumnTest, NewVolatileDefaultIsTheViews) {
    binder.volatile_texts = {"random()"};
    ToInteger(R"j(, "default": "random()")j");
    EXPECT_THAT(Expand(), Not(Contains(HasSubstr("SET DEFAULT"))));
    EXPECT_THAT(Publish(), Contains("ALTER VIEW public_02.t ALTER COLUMN a SET DEFAULT random()"));
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.t ALTER COLUMN a SET DEFAULT random()"));
    EXPECT_THAT(Spec().default_from_source, IsEmpty());
}

TEST_F(AlterColumnTest, KeptVolatileDefaultIsEvaluatedOnceByTheOldColumn) {
    Tables({TableBuilder("t", {WithDefault(Column("a", "text"), "random()")})});
    binder.volatile_texts = {"random()"};
    ToInteger();
    EXPECT_THAT(Spec().default_from_source, ElementsAre("_pgmigrate_new_a"));
    EXPECT_THAT(Publish(), Not(Contains(HasSubstr("DEFAULT"))));
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.t ALTER COLUMN a SET DEFAULT random()"));
}

TEST_F(AlterColumnTest, SequenceOfASerialColumnMovesBeforeTheOldColumnGoesAndGrowsWithTheType) {
    Tables({TableBuilder("t", {Serial("id", "public.t_id_seq")}).PrimaryKey("t_pkey", {"id"})});
    const std::string nextval = "nextval('public.t_id_seq'::regclass)";
    binder.volatile_texts = {nextval};
    Operations(R"({"alter_column": {"table": "t", "column": "id", "type": "bigint", "up": "id", "down": "id"}})");
    EXPECT_THAT(Contract(),
                ElementsAre(HasSubstr("DROP TRIGGER"), "ALTER TABLE public.t ALTER COLUMN _pgmigrate_new_id SET NOT NULL",
                            "ALTER TABLE public.t DROP CONSTRAINT _pgmigrate_not_null_id",
                            "ALTER SEQUENCE public.t_id_seq AS bigint OWNED BY public.t._pgmigrate_new_id",
                            "ALTER TABLE public.t DROP COLUMN id",
                            "ALTER TABLE public.t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX _pgmigrate_dup_t_pkey",
                            "ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_id TO id",
                            "ALTER TABLE public.t ALTER COLUMN id SET DEFAULT " + nextval));
    Operations(R"({"alter_column": {"table": "t", "column": "id", "type": "smallint", "up": "id", "down": "id"}})");
    EXPECT_THAT(Contract(), Contains("ALTER SEQUENCE public.t_id_seq OWNED BY public.t._pgmigrate_new_id"));
}

TEST_F(AlterColumnTest, IdentityIsMadeAnewAndGoesOnWhereTheOldOneIs) {
    CatalogColumn id = NotNull(Column("id"));
    id.identity = "a";
    id.owned_sequence = "public.\"T.id_seq\"";
    id.sequence_options = "START WITH 5 INCREMENT BY 2 CACHE 1";
    Tables({TableBuilder("t", {id})});
    Operations(R"({"alter_column": {"table": "t", "column": "id", "type": "bigint", "up": "id", "down": "id"}})");
    EXPECT_THAT(Spec().default_from_source, ElementsAre("_pgmigrate_new_id"));
    EXPECT_THAT(Contract(),
                ElementsAre(HasSubstr("DROP TRIGGER"), HasSubstr("SET NOT NULL"), HasSubstr("DROP CONSTRAINT"),
                            "ALTER TABLE public.t ALTER COLUMN _pgmigrate_new_id ADD GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "
                            "public._pgmigrate_new_t_id_seq START WITH 5 INCREMENT BY 2 CACHE 1)",
                            "SELECT pg_catalog.setval('public._pgmigrate_new_t_id_seq', last_value, is_called) FROM public.\"T.id_seq\"",
                            "ALTER TABLE public.t DROP COLUMN id",
                            "ALTER SEQUENCE public._pgmigrate_new_t_id_seq RENAME TO \"T.id_seq\"",
                            "ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_id TO id"));
    EXPECT_THAT(plan.warnings, IsEmpty());
}

TEST_F(AlterColumnTest, IdentityOfATypeThatCannotHaveOneIsLostWithAWarning) {
    CatalogColumn id = NotNull(Column("id"));
    id.identity = "d";
    id.owned_sequence = "public.t_id_seq";
    Tables({TableBuilder("t", {id})});
    Operations(R"({"alter_column": {"table": "t", "column": "id", "type": "text", "up": "id", "down": "id"}})");
    EXPECT_THAT(plan.warnings, ElementsAre("identity of column \"id\" of table \"t\" is not kept: type text cannot have one"));
    EXPECT_THAT(Contract(), Not(Contains(HasSubstr("IDENTITY"))));
    Operations(R"({"alter_column": {"table": "t", "column": "id", "nullable": true, "up": "id", "down": "id"}})");
    EXPECT_THAT(plan.warnings, ElementsAre(HasSubstr("the column becomes nullable")));
}

TEST_F(AlterColumnTest, DefaultInsteadOfIdentity) {
    CatalogColumn id = NotNull(Column("id"));
    id.identity = "d";
    id.owned_sequence = "public.t_id_seq";
    Tables({TableBuilder("t", {id})});
    Operations(R"({"alter_column": {"table": "t", "column": "id", "type": "text", "default": "'x'", "up": "id", "down": "id"}})");
    EXPECT_THAT(Spec().default_from_source, IsEmpty());
    EXPECT_THAT(Expand(), Contains("ALTER TABLE public.t ALTER COLUMN _pgmigrate_new_id SET DEFAULT 'x'"));
    EXPECT_THAT(plan.warnings, IsEmpty());
}

TEST_F(AlterColumnTest, NotNullIsProvedByACheckAndNotScannedForAtCompletion) {
    Operations(R"j({"alter_column": {"table": "t", "column": "a", "nullable": false, "up": "coalesce(a, '')", "down": "a"}})j");
    EXPECT_THAT(Expand(), Contains("ALTER TABLE public.t ADD CONSTRAINT _pgmigrate_not_null_a CHECK (_pgmigrate_new_a IS NOT NULL) NOT VALID"));
    EXPECT_LT(Position("VALIDATE CONSTRAINT", Phase::kValidate), Position("SET NOT NULL"));
    EXPECT_LT(Position("SET NOT NULL"), Position("DROP CONSTRAINT"));
    EXPECT_LT(Position("DROP CONSTRAINT"), Position("DROP COLUMN"));
}

TEST_F(AlterColumnTest, NotNullHelperTakesAFreeName) {
    Tables({TableBuilder("t", {Column("a")}).With(Check("_pgmigrate_not_null_a", {}, "true"))});
    Operations(R"({"alter_column": {"table": "t", "column": "a", "nullable": false, "up": "1", "down": "a"}})");
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.t DROP CONSTRAINT _pgmigrate_not_null_a_1"));
}

TEST_F(AlterColumnTest, DroppedNotNull) {
    Operations(R"j({"alter_column": {"table": "t", "column": "id", "nullable": true, "up": "id", "down": "coalesce(id, 0)"}})j");
    EXPECT_THAT(Expand(), Not(Contains(HasSubstr("IS NOT NULL"))));
    EXPECT_THAT(Contract(), Not(Contains(HasSubstr("SET NOT NULL"))));
}

TEST_F(AlterColumnTest, ChainOfTwoGoesForwardForUpAndBackForDown) {
    Operations(R"j({"alter_column": {"table": "t", "column": "a", "type": "int", "up": "length(a)", "down": "a || 'x'"}},
                  {"alter_column": {"table": "t", "column": "a", "type": "bigint", "up": "a * 2", "down": "a / 2"}})j");
    EXPECT_THAT(Spec().up, ElementsAre(SyncExpression{"_pgmigrate_new_a", "length($1)", {"a"}, true},
                                       SyncExpression{"_pgmigrate_new_a_1", "$1 * 2", {"_pgmigrate_new_a"}, true}));
    EXPECT_THAT(Spec().down, ElementsAre(SyncExpression{"_pgmigrate_new_a", "$1 / 2", {"_pgmigrate_new_a_1"}, true},
                                         SyncExpression{"a", "$1 || 'x'", {"_pgmigrate_new_a"}, true}));
    EXPECT_THAT(Contract(), ElementsAre(HasSubstr("DROP TRIGGER"), "ALTER TABLE public.t DROP COLUMN a, DROP COLUMN _pgmigrate_new_a",
                                        "ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_a_1 TO a"));
}

TEST_F(AlterColumnTest, ChainKeepsOneNotNullHelperOnTheLastShadow) {
    Operations(R"j({"alter_column": {"table": "t", "column": "a", "nullable": false, "up": "a", "down": "a"}},
                  {"alter_column": {"table": "t", "column": "a", "type": "int", "up": "length(a)", "down": "''"}})j");
    EXPECT_THAT(Statements(Phase::kValidate), ElementsAre("ALTER TABLE public.t VALIDATE CONSTRAINT _pgmigrate_not_null_a"));
    EXPECT_THAT(Expand(), Contains(HasSubstr("CHECK (_pgmigrate_new_a_1 IS NOT NULL)")));
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.t ALTER COLUMN _pgmigrate_new_a_1 SET NOT NULL"));
}

TEST_F(AlterColumnTest, ChainThatEndsNullableKeepsNoNotNullHelper) {
    Operations(R"j({"alter_column": {"table": "t", "column": "a", "nullable": false, "up": "a", "down": "a"}},
                  {"alter_column": {"table": "t", "column": "a", "nullable": true, "up": "nullif(a, '')", "down": "a"}})j");
    EXPECT_THAT(Statements(Phase::kValidate), IsEmpty());
    EXPECT_THAT(Contract(), Not(Contains(HasSubstr("NOT NULL"))));
}

TEST_F(AlterColumnTest, AlteredAndDroppedByOneMigration) {
    Operations(R"({"alter_column": {"table": "t", "column": "a", "nullable": false, "up": "a", "down": "a"}},
                  {"drop_column": {"table": "t", "column": "a", "down": "'x'"}})");
    EXPECT_THAT(Spec().down, ElementsAre(SyncExpression{"_pgmigrate_new_a", "'x'", {}, true},
                                         SyncExpression{"a", "$1", {"_pgmigrate_new_a"}, true}));
    EXPECT_THAT(Contract(), ElementsAre(HasSubstr("DROP TRIGGER"), "ALTER TABLE public.t DROP COLUMN a, DROP COLUMN _pgmigrate_new_a"));
}

TEST_F(AlterColumnTest, AddedAndAlteredByOneMigration) {
    Operations(R"({"add_column": {"table": "t", "up": "id", "column": {"name": "n", "type": "int", "nullable": true}}},
                  {"alter_column": {"table": "t", "column": "n", "type": "bigint", "up": "n + 1", "down": "n - 1"}})");
    EXPECT_THAT(Spec().up, ElementsAre(SyncExpression{"_pgmigrate_new_n", "$1", {"id"}, true},
                                       SyncExpression{"_pgmigrate_new_n_1", "$1 + 1", {"_pgmigrate_new_n"}, true}));
    EXPECT_THAT(Contract(), ElementsAre(HasSubstr("DROP TRIGGER"), "ALTER TABLE public.t DROP COLUMN _pgmigrate_new_n",
                                        "ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_n_1 TO n"));
}

TEST_F(AlterColumnTest, RenamedAndAltered) {
    Operations(R"j({"rename_column": {"table": "t", "from": "a", "to": "b"}},
                  {"alter_column": {"table": "t", "column": "b", "type": "int", "up": "length(b)", "down": "''"}},
                  {"rename_column": {"table": "t", "from": "b", "to": "c"}})j");
    EXPECT_THAT(Spec().up, ElementsAre(SyncExpression{"_pgmigrate_new_b", "length($1)", {"a"}, true}));
    EXPECT_THAT(Publish(), Contains(HasSubstr("SELECT id, _pgmigrate_new_b AS c FROM")));
    EXPECT_THAT(Contract(), ElementsAre(HasSubstr("DROP TRIGGER"), "ALTER TABLE public.t DROP COLUMN a",
                                        "ALTER TABLE public.t RENAME COLUMN _pgmigrate_new_b TO a",
                                        "ALTER TABLE public.t RENAME COLUMN a TO c"));
}

TEST_F(AlterColumnTest, UniqueCheckAndForeignKeyAreOnTheShadow) {
    Tables({TableBuilder("t", {NotNull(Column("id")), Column("a")}), TableBuilder("o", {Column("id")}).PrimaryKey("o_pkey", {"id"})});
    Operations(R"({"alter_column": {"table": "t", "column": "a", "up": "a", "down": "a", "unique": {"name": "u"},
                   "check": {"name": "c", "constraint": "a > 0 AND id > 0"}, "references": {"name": "f", "table": "o", "column": "id"}}})");
    EXPECT_THAT(Expand(), Contains("ALTER TABLE public.t ADD CONSTRAINT c CHECK (_pgmigrate_new_a > 0 AND id > 0) NOT VALID"));
    EXPECT_THAT(Expand(), Contains("ALTER TABLE public.t ADD CONSTRAINT f FOREIGN KEY (_pgmigrate_new_a) REFERENCES public.o (id) NOT VALID"));
    EXPECT_THAT(Indexes(), ElementsAre("CREATE UNIQUE INDEX CONCURRENTLY u ON public.t USING btree (_pgmigrate_new_a)"));
    EXPECT_THAT(Statements(Phase::kValidate), ElementsAre("ALTER TABLE public.t VALIDATE CONSTRAINT c",
                                                          "ALTER TABLE public.t VALIDATE CONSTRAINT f"));
    EXPECT_EQ(StepWith("UNIQUE INDEX").object, "public.u");
    EXPECT_EQ(StepWith("UNIQUE INDEX").lock, "SHARE UPDATE EXCLUSIVE");
    EXPECT_LT(Position("DROP COLUMN"), Position("USING INDEX u"));
}

TEST_F(AlterColumnTest, ConditionMustBeBoolean) {
    binder.result_types = {{"a", "text"}};
    const PlanRefusal refusal = Refused(
        R"({"alter_column": {"table": "t", "column": "a", "up": "a", "down": "a", "check": {"name": "c", "constraint": "a"}}})");
    EXPECT_EQ(refusal.state, "42804");
    EXPECT_EQ(refusal.text.message, "condition must be of type boolean, not text");
}

TEST_F(AlterColumnTest, GeneratedColumnIsRefused) {
    catalog.tables[0].columns[1].generated = true;
    const PlanRefusal refusal = Refused(R"({"alter_column": {"table": "t", "column": "a", "type": "int", "up": "1", "down": "1"}})");
    EXPECT_EQ(refusal.state, "0A000");
    EXPECT_EQ(refusal.text.message, "cannot alter generated column \"a\" of table \"t\"");
}

}  // namespace
}  // namespace pgmigrate
