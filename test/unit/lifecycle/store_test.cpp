// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_database.h"

namespace pgmigrate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The highest $n of a statement.
std::size_t ParameterCount(const std::string &sql) {
    std::size_t most = 0;
    for (std::size_t at = 0; (at = sql.find('$', at)) != std::string::npos; ++at)
        most = std::max(most, static_cast<std::size_t>(std::stoul(sql.substr(at + 1))));
    return most;
}

class StoreTest : public ::testing::Test {
  protected:
    /// Every statement names the schema of its table and gets as many parameters as it has.
    void TearDown() override {
        for (const auto *calls : {&database.queries, &database.executed})
            for (const FakeDatabase::Call &call : *calls) {
                EXPECT_EQ(ParameterCount(call.sql), call.parameters.size()) << call.sql;
                EXPECT_TRUE(call.sql.find("pgmigrate.") != std::string::npos ||
                            call.sql.find("pg_notify") != std::string::npos)
                    << call.sql;
            }
    }

    static Rows Migrations(std::vector<std::vector<Value>> values) {
        return {.columns = {"id", "schema_name", "name", "version_schema", "previous_version", "definition", "state",
                            "phase", "paused", "started_by", "search_path"},
                .values = std::move(values)};
    }
    static std::vector<Value> Migration(const std::string &id, const Value &previous = {},
                                        const std::string &state = "failed") {
        return {id, "public", "02", "public_02", previous, "{}", state, "indexing", "t", "olga", "public"};
    }

    FakeDatabase database;
    StateStore store{database};
    MigrationRecord record{.id = 7,
                           .schema_name = "public",
                           .name = "it's",
                           .version_schema = "public_02",
                           .previous_version = "",
                           .definition = "{}",
                           .state = State::kFilling,
                           .phase = State::kFilling,
                           .paused = false,
                           .started_by = "olga",
                           .search_path = "public"};
};

TEST_F(StoreTest, ReadsAMigration) {
    database.Answer("state <> 'completed'", Migrations({Migration("42")}));
    const std::optional<MigrationRecord> found = store.FindActive("public");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, 42);
    EXPECT_EQ(found->version_schema, "public_02");
    EXPECT_EQ(found->previous_version, "");
    EXPECT_EQ(found->state, State::kFailed);
    EXPECT_EQ(found->phase, State::kIndexing);
    EXPECT_TRUE(found->paused);
    EXPECT_THAT(database.queries[0].parameters, ElementsAre(Value("public")));
}

TEST_F(StoreTest, FindsNothing) {
    EXPECT_FALSE(store.FindActive("public"));
    EXPECT_FALSE(store.FindById(1));
    EXPECT_FALSE(store.FindByName("public", "x"));
    EXPECT_FALSE(store.FindLatestCompleted("public"));
    EXPECT_TRUE(store.FindWaitingForWorker().empty());
}

TEST_F(StoreTest, LatestCompletedIsTheNewestWhoseSchemaStillExists) {
    database.Answer("ORDER BY m.id DESC LIMIT 1", Migrations({Migration("9", "public_01", "completed")}));
    EXPECT_EQ(store.FindLatestCompleted("public")->previous_version, "public_01");
    EXPECT_THAT(database.queries[0].sql, HasSubstr("JOIN pg_namespace n ON n.nspname = m.version_schema"));
}

TEST_F(StoreTest, WaitingForAWorkerAreWorkerPhasesNeitherPausedNorFailed) {
    database.Answer("NOT m.paused", Migrations({Migration("1"), Migration("2")}));
    EXPECT_EQ(store.FindWaitingForWorker().size(), 2);
    for (int state = 0; state <= static_cast<int>(State::kFailed); ++state) {
        const std::string name = "'" + std::string(StateName(static_cast<State>(state))) + "'";
        EXPECT_EQ(database.queries[0].sql.find(name) != std::string::npos, IsWorkerPhase(static_cast<State>(state)))
            << name;
    }
}

TEST_F(StoreTest, InsertPassesValuesAsParametersAndAbsenceAsNull) {
    database.Answer("RETURNING id", {.columns = {"id"}, .values = {{"11"}}});
    EXPECT_EQ(store.Insert(record), 11);
    EXPECT_THAT(database.queries[0].parameters,
                ElementsAre("public", "it's", "public_02", Value(), "{}", "filling", "filling", "olga", "public"));
    EXPECT_EQ(database.queries[0].sql.find("it's"), std::string::npos);
}

TEST_F(StoreTest, AnAdoptedMigrationKeepsItsKindAndTimes) {
    database.Answer("RETURNING id", {.columns = {"id"}, .values = {{"11"}}});
    const PgrollMigration origin{.name = "it's",
                                 .parent = "",
                                 .kind = "baseline",
                                 .version = "02",
                                 .definition = "{}",
                                 .done = true,
                                 .created_at = "2025-01-01",
                                 .updated_at = "2025-01-02",
                                 .resulting_schema = {}};
    EXPECT_EQ(store.InsertAdopted(record, origin), 11);
    EXPECT_THAT(database.executed[0].parameters, ElementsAre("11", "baseline", "2025-01-01", "2025-01-02", Value()));
}

TEST_F(StoreTest, PhasePauseAndFailure) {
    store.SetPhase(7, State::kReady);
    EXPECT_THAT(database.executed[0].parameters, ElementsAre("7", "ready"));
    EXPECT_THAT(database.executed[0].sql, HasSubstr("error = NULL"));
    store.SetPaused(7, true);
    store.SetPaused(7, false);
    EXPECT_THAT(database.executed[1].parameters, ElementsAre("7", "t"));
    EXPECT_THAT(database.executed[2].parameters, ElementsAre("7", "f"));
    store.SetFailed(7, {"23514"}, {.message = "m", .detail = "", .hint = "h"});
    EXPECT_THAT(database.executed[3].parameters, ElementsAre("7", "23514", "m", Value(), "h"));
    EXPECT_THAT(database.executed[3].sql, HasSubstr("state = 'failed'"));
    EXPECT_EQ(database.executed[3].sql.find("phase ="), std::string::npos) << "it resumes in the phase where it failed";
    store.SaveResultingSchema(7);
    EXPECT_THAT(database.executed[4].parameters, ElementsAre("7"));
    EXPECT_THAT(database.executed[4].sql, HasSubstr("resulting_schema = pgmigrate.read_schema(schema_name)"));
    store.Delete(7);
    EXPECT_THAT(database.executed[5].parameters, ElementsAre("7"));
}

TEST_F(StoreTest, LatestResultingSchemaMayBeUnknown) {
    EXPECT_FALSE(store.LatestResultingSchema("public"));
    database.Answer("resulting_schema", {.columns = {"resulting_schema"}, .values = {{Value()}}});
    EXPECT_FALSE(store.LatestResultingSchema("public"));
    database.Answer("resulting_schema", {.columns = {"resulting_schema"}, .values = {{"{}"}}});
    EXPECT_EQ(store.LatestResultingSchema("public"), "{}");
}

TEST_F(StoreTest, StepsAreNumberedInOrder) {
    Step bare;
    bare.phase = Phase::kContract;
    bare.statement = "C";
    store.InsertSteps(7, {{.phase = Phase::kExpand,
                           .statement = "A",
                           .undo = "B",
                           .table = "t",
                           .lock = "SHARE",
                           .object = "o",
                           .partition_of = "p"},
                          bare});
    ASSERT_EQ(database.executed.size(), 2);
    EXPECT_THAT(database.executed[0].parameters, ElementsAre("7", "1", "expand", "t", "SHARE", "A", "B", "o", "p"));
    EXPECT_THAT(database.executed[1].parameters,
                ElementsAre("7", "2", "contract", Value(), Value(), "C", Value(), Value(), Value()));
}

TEST_F(StoreTest, StepsAreReadBack) {
    database.Answer(
        "FROM pgmigrate.step",
        {.columns = {"position", "phase", "table_name", "lock", "statement", "undo", "object", "partition_of", "done"},
         .values = {{"1", "expand", Value(), Value(), "A", Value(), Value(), Value(), "t"},
                    {"2", "contract", "t", "SHARE", "C", "D", "o", "p", "f"}}});
    const std::vector<StepRecord> steps = store.Steps(7);
    ASSERT_EQ(steps.size(), 2);
    EXPECT_TRUE(steps[0].done);
    EXPECT_EQ(steps[0].step.undo, "");
    EXPECT_EQ(steps[1].position, 2);
    EXPECT_EQ(steps[1].step.phase, Phase::kContract);
    EXPECT_EQ(steps[1].step.object, "o");
    EXPECT_EQ(steps[1].step.partition_of, "p");
    ASSERT_EQ(store.Steps(7, Phase::kContract).size(), 1);
    EXPECT_TRUE(store.Steps(7, Phase::kFill).empty());
    EXPECT_THAT(database.queries[0].sql, HasSubstr("ORDER BY position"));
}

TEST_F(StoreTest, StepsAndPhasesAreMarked) {
    store.MarkStepDone(7, 3);
    store.MarkPhaseDone(7, Phase::kPublish);
    EXPECT_THAT(database.executed[0].parameters, ElementsAre("7", "3"));
    EXPECT_THAT(database.executed[1].parameters, ElementsAre("7", "publish"));
}

TEST_F(StoreTest, FillsAreReadInsertedAndSaved) {
    database.Answer("FROM pgmigrate.fill",
                    {.columns = {"relation", "relation_oid", "trigger_name", "filenode", "start_filenode", "blocks",
                                 "blocks_filled", "rows_filled", "verify_block", "is_filled"},
                     .values = {{"public.t", "16384", "~s", "4294967295", "1", "-1", "8", "9000000000", "2", "t"}}});
    const std::vector<FillRecord> fills = store.Fills(7);
    ASSERT_EQ(fills.size(), 1);
    EXPECT_EQ(fills[0].filenode, 4294967295);
    EXPECT_EQ(fills[0].blocks, -1);
    EXPECT_EQ(fills[0].rows_filled, 9000000000);
    EXPECT_TRUE(fills[0].is_filled);
    store.InsertFill(7, fills[0]);
    EXPECT_THAT(database.executed[0].parameters, ElementsAre("7", "16384", "~s", "4294967295", "1", "-1"));
    store.SaveVerifyProgress(7, fills[0], 6);
    EXPECT_THAT(database.executed[1].parameters, ElementsAre("7", "16384", "4294967295", "-1", "8", "2", "6"));
    EXPECT_THAT(database.executed[1].sql, HasSubstr("rows_verified = rows_verified + $7"));
}

TEST_F(StoreTest, AnEventIsARowAndANotification) {
    store.RecordEvent(record, "started");
    EXPECT_THAT(database.executed[0].parameters, ElementsAre("public", "it's", "started", Value()));
    EXPECT_THAT(database.queries[0].sql, HasSubstr("pg_notify('pgmigrate', json_build_object("));
    EXPECT_THAT(database.queries[0].parameters, ElementsAre("public", "it's", "started"));
}

}  // namespace
}  // namespace pgmigrate
