// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/preflight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.h"
#include "support/catalog_builders.h"

namespace pgmigrate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using std::chrono::minutes;
using std::chrono::seconds;

class PreflightTest : public ::testing::Test {
  protected:
    PreflightTest() {
        surroundings.sees_sessions = true;
        surroundings.reader = "olga";
        surroundings.worker_slots = 8;
        surroundings.workers = 2;
        surroundings.connection_slots = 100;
        surroundings.connections = 10;
        TableFacts table;
        table.oid = 1000;
        table.name = "t";
        facts = {table};
        TableChange change;
        change.table = "t";
        change.filled = true;
        change.sync_trigger = "~pgmigrate_sync";
        change.gone_columns = {"a"};
        plan.table_changes = {change};
        plan.changed_tables = {"t"};
        plan.steps.push_back(
            {.phase = Phase::kFill, .statement = "fill", .undo = {}, .table = {}, .lock = {}, .object = {}});
    }

    std::vector<Finding> Run(bool with_plan = true) {
        return Preflight({.catalog = catalog,
                          .tables = facts,
                          .surroundings = surroundings,
                          .foreign_keys = keys,
                          .volumes = volumes,
                          .free_disk = {.share = 0.25, .bytes = 0},
                          .patience = minutes(1),
                          .plan = with_plan ? &plan : nullptr});
    }

    /// "severity object: message" of one check's findings.
    std::vector<std::string> Of(const std::string &check, bool with_plan = true) {
        std::vector<std::string> texts;
        for (const Finding &finding : Run(with_plan))
            if (finding.check == check)
                texts.push_back(std::string(SeverityName(finding.severity)) + ' ' + finding.object + ": " +
                                finding.message);
        return texts;
    }

    Finding First(const std::string &check) {
        for (const Finding &finding : Run())
            if (finding.check == check) return finding;
        ADD_FAILURE() << "no finding of " << check;
        return {};
    }

    CatalogSchema catalog = SchemaOf({TableBuilder("t", {Column("a")})});
    std::vector<TableFacts> facts;
    Surroundings surroundings;
    std::vector<ForeignKeyEdge> keys;
    std::vector<VolumeNeed> volumes;
    Plan plan;
};

TEST_F(PreflightTest, EveryFindingSaysWhatToDo) {
    surroundings.in_recovery = true;
    surroundings.transactions = {{.pid = 1, .role = "r", .state = "active", .age = minutes(3), .tables = {1000}}};
    surroundings.prepared = {{.gid = "g", .owner = "r", .age = seconds(1), .tables = {}}};
    surroundings.slots = {{.name = "s", .active = false, .logical = true, .wal_status = "lost", .retained_bytes = {}}};
    surroundings.standbys = {{.name = "s", .state = "streaming", .lag_bytes = 1, .lag = seconds(0)}};
    facts[0].rules = {"r"};
    facts[0].children = {"public.c"};
    facts[0].publications = {{.name = "p", .all_columns = true, .row_filter = false}};
    for (const Finding &finding : Run()) {
        EXPECT_NE(finding.message, "");
        EXPECT_NE(finding.message.back(), '.') << finding.message;
        EXPECT_NE(finding.hint, "") << finding.message;
        EXPECT_EQ(finding.severity == Severity::kError && std::string_view(finding.state.code).empty(), false)
            << finding.message;
    }
}

TEST_F(PreflightTest, ErrorsComeFirst) {
    surroundings.workers = 8;
    const std::vector<Finding> findings = Run();
    EXPECT_TRUE(std::ranges::is_sorted(findings, {}, &Finding::severity));
    EXPECT_EQ(findings.front().check, "workers");
}

TEST_F(PreflightTest, AStandbyCannotBeChanged) {
    surroundings.in_recovery = true;
    EXPECT_THAT(Of("recovery"), ElementsAre("error : the server is a standby"));
    EXPECT_STREQ(First("recovery").state.code, "25006");
}

TEST_F(PreflightTest, FreeWorkers) {
    EXPECT_THAT(Of("workers"), ElementsAre("info : 6 of 8 background worker slots are free"));
    surroundings.workers = 8;
    EXPECT_THAT(Of("workers"), ElementsAre("error : no background worker slot is free, 8 are in use"));
    EXPECT_STREQ(First("workers").state.code, "53400");
    EXPECT_THAT(Of("workers", false), ElementsAre("error : no background worker slot is free, 8 are in use"));
    surroundings.parallel_workers = 1;
    EXPECT_THAT(Of("workers"), ElementsAre("warning : no background worker slot is free, 8 are in use"));
    plan.steps.clear();
    EXPECT_THAT(Of("workers"), IsEmpty()) << "it needs none";
}

TEST_F(PreflightTest, FreeConnections) {
    EXPECT_THAT(Of("connections"), ElementsAre("info : 90 of 100 connections are free"));
    surroundings.connections = 95;
    EXPECT_THAT(Of("connections"), ElementsAre("warning : 5 of 100 connections are free"));
    surroundings.connections = 103;
    EXPECT_THAT(Of("connections"), ElementsAre("warning : 0 of 100 connections are free"));
}

TEST_F(PreflightTest, WhatTheRoleMayNotSeeIsNoFailure) {
    surroundings.sees_sessions = false;
    EXPECT_THAT(Of("sessions"), ElementsAre(HasSubstr("info : free workers and connections, long transactions")));
    EXPECT_THAT(Of("sessions"), ElementsAre(HasSubstr("not visible to role olga")));
    EXPECT_THAT(Of("workers"), IsEmpty());
    EXPECT_THAT(Of("connections"), IsEmpty());
}

TEST_F(PreflightTest, LongTransactions) {
    surroundings.transactions = {
        {.pid = 11, .role = "app", .state = "idle in transaction", .age = seconds(119), .tables = {5, 1000}},
        {.pid = 12, .role = "app", .state = "", .age = minutes(121), .tables = {5}}};
    EXPECT_THAT(
        Of("long transactions"),
        ElementsAre("warning process 11: process 11 of role app is in a transaction for 119 s, idle in transaction"
                    " and has locked public.t",
                    "warning process 12: process 12 of role app is in a transaction for 2 h"));
}

TEST_F(PreflightTest, PreparedTransactions) {
    surroundings.prepared = {{.gid = "young", .owner = "app", .age = seconds(59), .tables = {5}},
                             {.gid = "old", .owner = "app", .age = seconds(60), .tables = {}},
                             {.gid = "it's", .owner = "app", .age = seconds(1), .tables = {1000}}};
    EXPECT_THAT(
        Of("prepared transactions"),
        ElementsAre("warning old: transaction \"old\" of role app is prepared for 60 s",
                    "warning it's: transaction \"it's\" of role app is prepared for 1 s and has locked public.t",
                    "info young: transaction \"young\" of role app is prepared for 59 s"));
    EXPECT_THAT(Run()[1].hint, HasSubstr("COMMIT PREPARED 'it''s';"));
}

TEST_F(PreflightTest, SlotsThatNobodyReads) {
    surroundings.slots = {
        {.name = "idle", .active = false, .logical = true, .wal_status = "reserved", .retained_bytes = 20 << 20},
        {.name = "fresh", .active = false, .logical = false, .wal_status = "", .retained_bytes = {}},
        {.name = "used", .active = true, .logical = false, .wal_status = "reserved", .retained_bytes = 0},
        {.name = "gone", .active = false, .logical = false, .wal_status = "lost", .retained_bytes = {}}};
    EXPECT_THAT(Of("replication slots"),
                ElementsAre("warning idle: logical replication slot is not in use and keeps 20 MB of WAL",
                            "warning gone: physical replication slot is not in use; its WAL is lost",
                            "info fresh: physical replication slot is not in use",
                            "info used: physical replication slot is in use and keeps 0 bytes of WAL"));
}

TEST_F(PreflightTest, StandbysThatAreBehind) {
    surroundings.standbys = {{.name = "near", .state = "streaming", .lag_bytes = 64 << 20, .lag = seconds(5)},
                             {.name = "slow", .state = "streaming", .lag_bytes = 0, .lag = seconds(6)},
                             {.name = "far", .state = "catchup", .lag_bytes = (64 << 20) + 1, .lag = seconds(0)}};
    EXPECT_THAT(Of("replication lag"), ElementsAre("warning slow: standby is streaming and 0 bytes of WAL, 6 s behind",
                                                   "warning far: standby is catchup and 64 MB of WAL, 0 s behind",
                                                   "info near: standby is streaming and 64 MB of WAL, 5 s behind"));
}

TEST_F(PreflightTest, Disk) {
    const Volume volume{.device = "1", .name = "pg_default", .free = 300, .total = 1000};
    volumes = {{.volume = volume, .needed = 0}};
    EXPECT_THAT(Of("disk"),
                ElementsAre("info pg_default: 300 bytes of 1000 bytes are free on the file system of pg_default"));
    volumes[0].needed = 51;
    EXPECT_THAT(Of("disk"), ElementsAre("error pg_default: the migration needs about 51 bytes on the file system of "
                                        "pg_default, where 300 bytes of 1000 bytes are free; less than "
                                        "pgmigrate.min_free_disk would be left"));
    EXPECT_STREQ(First("disk").state.code, "53100");
    volumes[0].needed = 301;
    EXPECT_THAT(Of("disk"), ElementsAre("error pg_default: the migration needs about 301 bytes on the file system of "
                                        "pg_default, where 300 bytes of 1000 bytes are free"));
    volumes[0] = {.volume = {.device = "1", .name = "pg_default", .free = 200, .total = 1000}, .needed = 0};
    EXPECT_THAT(Of("disk"), ElementsAre(HasSubstr("warning")));
}

TEST_F(PreflightTest, WhatReadsATable) {
    catalog.tables[0].dependents = {DependentOn("view", "public.v", {"a", "B"}), DependentOn("trigger", "g", {"a"}),
                                    DependentOn("other", "function f()", {})};
    catalog.tables[0].dependents[2].obstacle = "it cannot";
    catalog.tables[0].dependents[2].identity = "function f()";
    EXPECT_THAT(Of("dependent objects"), ElementsAre("info public.t: view public.v reads a, \"B\"",
                                                     "info public.t: function f() reads it; it cannot"));
}

TEST_F(PreflightTest, TriggersThatFireAfterOurs) {
    facts[0].triggers = {{.name = "early", .event = "BEFORE ROW", .before_row = true, .enabled = true},
                         {.name = "\xc3\xbc", .event = "BEFORE ROW", .before_row = true, .enabled = true},
                         {.name = "\xc3\xbd", .event = "BEFORE ROW", .before_row = true, .enabled = false},
                         {.name = "\xc3\xbe", .event = "AFTER ROW", .before_row = false, .enabled = true}};
    EXPECT_THAT(Of("triggers"), ElementsAre(HasSubstr("warning public.t: BEFORE ROW trigger \"\xc3\xbc\" fires after"),
                                            "info public.t: BEFORE ROW trigger early",
                                            "info public.t: BEFORE ROW trigger \"\xc3\xbd\", disabled",
                                            "info public.t: AFTER ROW trigger \"\xc3\xbe\""));
}

TEST_F(PreflightTest, Inheritance) {
    facts[0].children = {"public.c"};
    EXPECT_THAT(Of("inheritance"), ElementsAre(HasSubstr("error public.t: table public.t has child tables")));
    EXPECT_THAT(Of("inheritance", false), ElementsAre("info public.t: has child tables: public.c"));
    plan.table_changes[0].filled = false;
    plan.table_changes[0].gone_columns.clear();
    EXPECT_THAT(Of("inheritance"), ElementsAre("info public.t: has child tables: public.c"));
    facts[0].children.clear();
    facts[0].parents = {"public.p"};
    facts[0].inherited_columns = {"a"};
    EXPECT_THAT(Of("inheritance"), ElementsAre("info public.t: is a child table of public.p"));
    plan.table_changes[0].renamed_columns = {"a"};
    EXPECT_THAT(Of("inheritance"),
                ElementsAre(HasSubstr("error public.t: column \"a\" of table public.t is inherited")));
}

TEST_F(PreflightTest, PublishedColumns) {
    facts[0].publications = {{.name = "p", .all_columns = true, .row_filter = false},
                             {.name = "q", .all_columns = false, .row_filter = true}};
    EXPECT_THAT(Of("publications"),
                ElementsAre("info public.t: publication p publishes all columns",
                            "info public.t: publication q publishes a list of columns of some rows"));
    plan.table_changes[0].columns = {{.name = "n", .type = "integer", .like = ""}};
    EXPECT_THAT(Of("publications"), ElementsAre(HasSubstr("warning public.t: publication p"), HasSubstr("info")));
}

TEST_F(PreflightTest, InvalidIndexes) {
    CatalogIndex index = Index("i", {"a"});
    index.valid = false;
    catalog.tables[0].indexes = {index};
    EXPECT_THAT(Of("invalid indexes"), ElementsAre("warning public.t: index i is not valid"));
    catalog.tables[0].indexes[0].unique = true;
    EXPECT_THAT(Of("invalid indexes"), ElementsAre(HasSubstr("error public.t: unique index i of table public.t")));
    EXPECT_THAT(Of("invalid indexes", false), ElementsAre("warning public.t: index i is not valid"));
}

TEST_F(PreflightTest, ForeignKeyCycles) {
    keys = {{.name = "k", .from = "public.t", .to = "public.u"},
            {.name = "l", .from = "public.u", .to = "public.t"},
            {.name = "m", .from = "public.x", .to = "public.y"},
            {.name = "n", .from = "public.y", .to = "public.x"}};
    EXPECT_THAT(Of("foreign key cycles"),
                ElementsAre("warning public.t: foreign keys form a cycle: public.t → public.u → public.t"));
    EXPECT_THAT(Of("foreign key cycles", false), ElementsAre(HasSubstr("info public.t")));
    EXPECT_THAT(Of("foreign keys"), ElementsAre("info public.t: foreign key k refers to public.u",
                                                "info public.u: foreign key l refers to public.t"));
}

TEST_F(PreflightTest, StartRaisesTheFirstErrorAndNamesAll) {
    EXPECT_NO_THROW(ThrowFirstError(Run()));
    surroundings.workers = 8;
    const auto raised = [&] {
        try {
            ThrowFirstError(Run());
        } catch (const Error &error) {
            return error;
        }
        return Error({"00000"}, {.message = "nothing"});
    };
    EXPECT_STREQ(raised().state().code, "53400");
    EXPECT_EQ(raised().text().detail, "");
    EXPECT_THAT(raised().text().hint, HasSubstr("migrate_check"));
    facts[0].children = {"public.c"};
    EXPECT_THAT(raised().text().detail, HasSubstr("All errors: workers: no background"));
    EXPECT_THAT(raised().text().detail, HasSubstr("; inheritance: table public.t"));
}

}  // namespace
}  // namespace pgmigrate
