// SPDX-License-Identifier: PostgreSQL
#include "plan/rehearsal.h"

#include "support/planning.h"

namespace pgmigrate {
namespace {

class RehearsalTest : public PlanTest {
  protected:
    void Rehearse(const std::string &operations) {
        migration = ParseMigration("{\"operations\": [" + operations + "]}");
        rehearsal = PlanRehearsal(migration, request, catalog, Operations(operations), "stage", binder);
    }
    std::vector<std::string> Told() const {
        std::vector<std::string> told;
        for (const RehearsedStatement &rehearsed : rehearsal.statements) told.push_back(rehearsed.statement);
        return told;
    }

    Migration migration;
    Rehearsal rehearsal;
};

TEST_F(RehearsalTest, CopiesOfWhatTheOperationsNameAndTheirKeysPointTo) {
    TableBuilder table("t", {NotNull(Column("id")), Column("Name", "text"), Column("u")});
    table.PrimaryKey("t_pkey", {"id"}).With(Index("t_name", {"Name"})).With(ForeignKey("f", {"u"}, "public.u", {"id"}));
    table.With(ForeignKey("g", {"u"}, "elsewhere.x", {"id"}));
    table->columns[1].collation = "pg_catalog.\"C\"";
    Tables(
        {table, TableBuilder("u", {Column("id")}).PrimaryKey("u_pkey", {"id"}), TableBuilder("other", {Column("a")})});
    Rehearse(R"({"alter_column": {"table": "t", "column": "u", "type": "bigint", "up": "u", "down": "u"}})");
    EXPECT_THAT(rehearsal.stage,
                ElementsAre("CREATE SCHEMA stage", "GRANT USAGE ON SCHEMA stage TO olga",
                            "CREATE TABLE stage.t (id integer NOT NULL, \"Name\" text COLLATE pg_catalog.\"C\", u integer)",
                            "GRANT SELECT ON stage.t TO olga", "CREATE UNIQUE INDEX t_pkey ON stage.t USING btree (id)",
                            "CREATE TABLE stage.u (id integer)", "GRANT SELECT ON stage.u TO olga",
                            "CREATE UNIQUE INDEX u_pkey ON stage.u USING btree (id)"));
    EXPECT_THAT(Told(), ElementsAre("ALTER TABLE stage.t ADD COLUMN _pgmigrate_new_u bigint",
                                    "ALTER TABLE stage.t ADD CONSTRAINT _pgmigrate_dup_f FOREIGN KEY (_pgmigrate_new_u) "
                                    "REFERENCES stage.u (id) NOT VALID"));
}

TEST_F(RehearsalTest, IndexesAreBuiltInTheTransactionAndKnowTheirOperation) {
    Tables({TableBuilder("t", {Column("a"), Column("b")}).With(Index("i", {"b"}))});
    Rehearse(R"({"create_index": {"name": "n", "table": "t", "columns": ["a"], "unique": true}},
                {"alter_column": {"table": "t", "column": "b", "type": "bigint", "up": "b", "down": "b"}},
                {"create_table": {"name": "c", "columns": [{"name": "x", "type": "int"}]}})");
    EXPECT_THAT(Told(), ElementsAre("CREATE TABLE stage.c (x integer NOT NULL)",
                                    "ALTER TABLE stage.t ADD COLUMN _pgmigrate_new_b bigint",
                                    "CREATE INDEX _pgmigrate_dup_i ON stage.t USING btree (_pgmigrate_new_b)",
                                    "CREATE UNIQUE INDEX n ON stage.t USING btree (a)"));
    EXPECT_EQ(rehearsal.statements[0].operation, 2);
    EXPECT_EQ(rehearsal.statements[1].operation, 1);
    EXPECT_FALSE(rehearsal.statements[2].operation);
    EXPECT_EQ(rehearsal.statements[3].operation, 0);
}

TEST_F(RehearsalTest, TheOwnerMayReadWhatTheExpressionsRead) {
    Tables({TableBuilder("t", {Column("a"), Column("b")})});
    Rehearse(R"({"drop_column": {"table": "t", "column": "b", "down": "a"}})");
    EXPECT_THAT(Told(), IsEmpty());
    EXPECT_THAT(rehearsal.stage, ElementsAre("CREATE SCHEMA stage", "GRANT USAGE ON SCHEMA stage TO olga",
                                             "CREATE TABLE stage.t (a integer, b integer)", "GRANT SELECT ON stage.t TO olga"));
    ASSERT_EQ(rehearsal.owner_queries.size(), 1);
    EXPECT_EQ(rehearsal.owner_queries[0].query, "SELECT a FROM stage.t");
}

TEST_F(RehearsalTest, NothingToRehearse) {
    Tables({TableBuilder("t", {Column("a")})});
    Rehearse(
        R"({"rename_column": {"table": "t", "from": "a", "to": "b"}}, {"rename_table": {"from": "t", "to": "s"}})");
    EXPECT_THAT(rehearsal.stage, IsEmpty());
    Rehearse(R"({"sql": {"up": "DROP TABLE t"}})");
    EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(RehearsalTest, AReplicaIdentityNeedsEveryIndexUnderItsName) {
    CatalogIndex partial = Index("p", {"a"});
    partial.predicate = "(a > 0)";
    CatalogIndex broken = Index("broken", {"a"});
    broken.valid = false;
    TableBuilder table("t", {Column("a")});
    table.Unique("k", {"a"}).With(partial).With(broken);
    table->constraints[0].deferrable = true;
    Tables({table});
    Rehearse(R"({"set_replica_identity": {"table": "t", "identity": {"type": "index", "index": "p"}}})");
    EXPECT_THAT(rehearsal.stage, ElementsAre("CREATE SCHEMA stage", "CREATE TABLE stage.t (a integer)",
                                             "CREATE UNIQUE INDEX k ON stage.t USING btree (a)",
                                             "ALTER TABLE stage.t ADD CONSTRAINT k UNIQUE USING INDEX k DEFERRABLE",
                                             "CREATE INDEX p ON stage.t USING btree (a) WHERE (a > 0)"));
    EXPECT_THAT(Told(), ElementsAre("ALTER TABLE stage.t REPLICA IDENTITY USING INDEX p"));
}

TEST_F(RehearsalTest, ErrorsSayWhereTheyComeFrom) {
    Tables({TableBuilder("t", {Column("a")})});
    Rehearse(R"({"create_index": {"name": "n", "table": "t", "columns": ["a"]}})");
    const ErrorText asked = OfRehearsal(migration, rehearsal.statements[0],
                                        {.message = "stage.t is odd", .detail = "So it is"}, "stage", "public");
    EXPECT_EQ(asked.message, "public.t is odd");
    EXPECT_EQ(asked.detail, "So it is. It is in operations[0].create_index.");
    EXPECT_EQ(asked.hint, "Correct this part of the migration and start it again.");
    const ErrorText followed = OfRehearsal(migration, {.statement = "CREATE INDEX d ON stage.t (a)", .operation = {}},
                                           {.message = "no"}, "stage", "public");
    EXPECT_EQ(followed.detail, "The new version of the table needs: CREATE INDEX d ON public.t (a).");
    EXPECT_THAT(followed.hint, HasSubstr("Drop the index or constraint in the same migration"));
}

}  // namespace
}  // namespace pgmigrate
