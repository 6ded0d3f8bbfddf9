// SPDX-License-Identifier: PostgreSQL
// The plan as a whole: phases, version schema and views, the sync trigger's name, names that need quoting.
#include "support/planning.h"

#include <algorithm>

namespace pgmigrate {
namespace {

TEST_F(PlanTest, EmptyMigrationPublishesTheTablesAsTheyAre) {
    Tables({TableBuilder("t", {Column("a")}), TableBuilder("empty", {})});
    catalog.grants = {{.grantee = "app", .privilege = "USAGE"}, {.grantee = "", .privilege = "USAGE", .grantable = true}};
    Planned({});
    EXPECT_THAT(Publish(), ElementsAre("CREATE SCHEMA public_02", "GRANT USAGE ON SCHEMA public_02 TO app",
                                       "GRANT USAGE ON SCHEMA public_02 TO PUBLIC WITH GRANT OPTION",
                                       "CREATE VIEW public_02.t WITH (security_invoker = true) AS SELECT a FROM public.t",
                                       "CREATE VIEW public_02.empty WITH (security_invoker = true) AS SELECT  FROM public.empty"));
    EXPECT_THAT(Undos(), ElementsAre("DROP SCHEMA IF EXISTS public_02", "DROP VIEW IF EXISTS public_02.t", "DROP VIEW IF EXISTS public_02.empty"));
    EXPECT_FALSE(plan.NeedsWorker());
    EXPECT_THAT(plan.locks, IsEmpty());
    EXPECT_THAT(Contract(), IsEmpty());
}

TEST_F(PlanTest, ViewsCarryCommentsAndTheRightsThatMeanSomethingThere) {
    CatalogColumn column = Column("a");
    column.comment = "it's";
    column.grants = {{.grantee = "app", .privilege = "UPDATE"}, {.grantee = "app", .privilege = "REFERENCES"}};
    TableBuilder table("t", {column});
    table->comment = "table";
    table->grants = {{.grantee = "app", .privilege = "SELECT"}, {.grantee = "app", .privilege = "TRUNCATE"},
                     {.grantee = "", .privilege = "INSERT"}, {.grantee = "App 2", .privilege = "DELETE", .grantable = true}};
    Tables({table});
    Operations(R"({"rename_column": {"table": "t", "from": "a", "to": "b"}})");
    EXPECT_THAT(Publish(), ElementsAre("CREATE SCHEMA public_02", HasSubstr("CREATE VIEW"), "COMMENT ON VIEW public_02.t IS 'table'",
                                       "COMMENT ON COLUMN public_02.t.b IS 'it''s'", "GRANT SELECT ON public_02.t TO app",
                                       "GRANT INSERT ON public_02.t TO PUBLIC",
                                       "GRANT DELETE ON public_02.t TO \"App 2\" WITH GRANT OPTION",
                                       "GRANT UPDATE (b) ON public_02.t TO app"));
}

TEST_F(PlanTest, RightsOnThePreviousVersionAreCarriedToTheNextOne) {
    TableBuilder table("t", {Column("a"), Column("b")});
    table->grants = {{.grantee = "app", .privilege = "SELECT"}};
    Tables({table});
    catalog.grants = {{.grantee = "", .privilege = "USAGE"}};
    request.previous_rights = {
        .schema = {{.grantee = "", .privilege = "USAGE"}, {.grantee = "app", .privilege = "USAGE"}},
        .views = {{.view = "gone", .grants = {{.grantee = "app", .privilege = "SELECT"}}, .columns = {}},
                  {.view = "t",
                   .grants = {{.grantee = "app", .privilege = "SELECT", .grantable = true}, {.grantee = "app", .privilege = "INSERT"}},
                   .columns = {{.column = "a", .grant = {.grantee = "clerk", .privilege = "UPDATE"}},
                               {.column = "b", .grant = {.grantee = "clerk", .privilege = "SELECT"}}}}},
        .defaults = {{.role = "olga", .objects = "TABLES", .grant = {.grantee = "app", .privilege = "SELECT"}},
                     {.role = "max", .objects = "TABLES", .grant = {.grantee = "app", .privilege = "SELECT"}, .role_is_callers = false}},
        .new_tables = {{.grantee = "app", .privilege = "SELECT"}, {.grantee = "app", .privilege = "TRIGGER"}}};
    Operations(R"({"rename_table": {"from": "t", "to": "u"}}, {"rename_column": {"table": "u", "from": "a", "to": "c"}},
                  {"drop_column": {"table": "u", "column": "b"}}, {"create_table": {"name": "n", "columns": [{"name": "id", "type": "int"}]}})");
    EXPECT_THAT(Publish(), ElementsAre("CREATE SCHEMA public_02", "GRANT USAGE ON SCHEMA public_02 TO PUBLIC",
                                       "GRANT USAGE ON SCHEMA public_02 TO app", HasSubstr("CREATE VIEW public_02.u"),
                                       "GRANT SELECT ON public_02.u TO app WITH GRANT OPTION", "GRANT INSERT ON public_02.u TO app",
                                       "GRANT UPDATE (c) ON public_02.u TO clerk",
                                       "ALTER DEFAULT PRIVILEGES FOR ROLE olga IN SCHEMA public_02 GRANT SELECT ON TABLES TO app",
                                       HasSubstr("CREATE VIEW public_02.n"), "GRANT SELECT ON public_02.n TO app"));
    EXPECT_THAT(plan.warnings, ElementsAre(HasSubstr("default privileges that role \"max\" has set")));
}

TEST_F(PlanTest, StepsComeInOrderOfPhase) {
    Tables({TableBuilder("t", {NotNull(Column("a")), Column("b")}).PrimaryKey("t_pkey", {"a"}), TableBuilder("u", {Column("a")})});
    request.previous_version = "public_01";
    Operations(R"({"alter_column": {"table": "t", "column": "a", "type": "bigint", "up": "a", "down": "a"}},
                  {"alter_column": {"table": "u", "column": "a", "nullable": false, "up": "1", "down": "a"}},
                  {"create_index": {"name": "i", "table": "u", "columns": {"a": {}}}}, {"sql": {"up": "SELECT 1", "onComplete": true}})");
    EXPECT_TRUE(std::ranges::is_sorted(plan.steps, {}, &Step::phase));
    EXPECT_EQ(Contract().front(), "DROP SCHEMA IF EXISTS public_01") << "no views: no DROP VIEW";
    EXPECT_EQ(Contract().back(), "SELECT 1");
    EXPECT_EQ(Statements(Phase::kFill).size(), 2);
}

TEST_F(PlanTest, EveryObjectOfExpansionIsUndone) {
    Tables({TableBuilder("t", {NotNull(Column("a")), Column("b")}).PrimaryKey("t_pkey", {"a"}).With(Check("c", {"a"}, "(a > 0)")).With(Index("i", {"b"}))});
    Operations(R"({"alter_column": {"table": "t", "column": "a", "type": "bigint", "up": "a", "down": "a"}},
                  {"add_column": {"table": "t", "column": {"name": "n", "type": "serial", "unique": true}}},
                  {"create_index": {"name": "j", "table": "t", "columns": {"b": {}}}},
                  {"set_replica_identity": {"table": "t", "identity": {"type": "full"}}},
                  {"create_table": {"name": "x", "columns": [{"name": "id", "type": "int"}]}})");
    for (const Step &step : plan.steps) {
        const bool makes = step.statement.find("ADD ") != std::string::npos || step.statement.starts_with("CREATE ") ||
                           step.statement.find("REPLICA IDENTITY") != std::string::npos;
        EXPECT_TRUE(!makes || step.phase == Phase::kContract || !step.undo.empty()) << step.statement;
    }
    for (const std::string &undo : Undos())
        EXPECT_TRUE(undo.find("IF EXISTS") != std::string::npos) << undo << " fails if the step never ran";
}

TEST_F(PlanTest, PlanningTwiceGivesTheSame) {
    Tables({TableBuilder("t", {Column("a")}).With(Index("i", {"a"}))});
    const std::string operations = R"({"alter_column": {"table": "t", "column": "a", "type": "bigint", "up": "a", "down": "a"}})";
    Operations(operations);
    const std::vector<std::string> first = Contract();
    Operations(operations);
    EXPECT_EQ(first, Contract());
}

TEST_F(PlanTest, TriggerFiresBehindTheTablesOwn) {
    struct Case {
        std::vector<std::string> others;
        std::string wanted;
    };
    const Case cases[] = {{{}, "~pgmigrate_sync"},
                          {{"a", "zzz", "Z", "{"}, "~pgmigrate_sync"},
                          {{"~"}, "~pgmigrate_sync"},
                          {{"~pgmigrate_sync"}, "~~pgmigrate_sync"},
                          {{"~z"}, "~~pgmigrate_sync"},
                          {{"~~~a", "~z"}, "~~~pgmigrate_sync"}};
    for (const Case &test : cases) {
        Tables({TableBuilder("t", {Column("a")})});
        catalog.tables[0].before_row_triggers = test.others;
        Operations(R"({"drop_column": {"table": "t", "column": "a", "down": "1"}})");
        EXPECT_THAT(Contract()[0], "DROP TRIGGER IF EXISTS \"" + test.wanted + "\" ON public.t");
        EXPECT_THAT(Expand()[1], HasSubstr("TRIGGER \"" + test.wanted + "\""));
    }
    catalog.tables[0].before_row_triggers = {"\u00e9"};
    Operations(R"({"drop_column": {"table": "t", "column": "a", "down": "1"}})");
    EXPECT_THAT(Contract()[0], HasSubstr('"' + std::string(63 - 14, '~') + "pgmigrate_sync\"")) << "a name that is as far back as one can be";
}

TEST_F(PlanTest, ViewsMadeAgainFromTheCatalog) {
    Tables({TableBuilder("t", {Column("a")}), TableBuilder("u", {Column("b")})});
    catalog.grants = {{.grantee = "app", .privilege = "USAGE"}};
    catalog.tables[0].grants = {{.grantee = "app", .privilege = "SELECT"}};
    std::vector<std::string> statements;
    for (const Step &step : PlanViewsAgain("public_02", catalog, binder)) statements.push_back(step.statement);
    EXPECT_THAT(statements, ElementsAre(HasSubstr("CREATE VIEW public_02.t"), "GRANT SELECT ON public_02.t TO app", HasSubstr("CREATE VIEW public_02.u")));
}

/// Names that hurt, each 63 bytes at most.
class HostileNames : public PlanTest, public ::testing::WithParamInterface<std::string> {
  protected:
    /// Takes everything quoted out of a statement: what is left must be harmless SQL.
    static std::string WithoutQuoted(const std::string &sql) {
        std::string rest;
        for (std::size_t at = 0; at < sql.size(); ++at) {
            const char quote = sql[at];
            if (quote != '"' && quote != '\'') {
                rest += quote;
                continue;
            }
            while (++at < sql.size()) {
                if (quote == '\'' && sql[at] == '\\') {
                    ++at;
                } else if (sql[at] == quote && at + 1 < sql.size() && sql[at + 1] == quote) {
                    ++at;
                } else if (sql[at] == quote) {
                    break;
                }
            }
            if (at >= sql.size()) ADD_FAILURE() << "unclosed quote in " << sql;
        }
        return rest;
    }
};

TEST_P(HostileNames, AreQuotedInEveryStatement) {
    const std::string &name = GetParam();
    ASSERT_LE(name.size(), kLongestName);
    const auto named = [&](const std::string &suffix) { return name.substr(0, 60) + suffix; };
    CatalogIndex index = Index(named("i"), {name});
    index.comment = name;
    index.is_clustered = true;
    CatalogColumn column = NotNull(Column(name));
    column.comment = name;
    column.grants = {{.grantee = name, .privilege = "SELECT"}};
    TableBuilder table(name, {column, Column(named("b"))});
    table.With(index).With(Check(named("c"), {name}, QuoteIdentifier(name) + " > 0")).PrimaryKey(named("p"), {name});
    table->grants = {{.grantee = name, .privilege = "SELECT"}};
    table->comment = name;
    Tables({table});
    catalog.name = request.schema_name = name;
    catalog.grants = {{.grantee = name, .privilege = "USAGE"}};
    request.version_schema = named("2");
    request.previous_version = named("1");
    request.previous_views = {name};

    AlterColumn alter;
    alter.table = alter.column = name;
    alter.type = "bigint";
    alter.up = alter.down = QuoteIdentifier(name);
    AddColumn add;
    add.table = name;
    add.column.name = named("n");
    add.column.type = "serial";
    add.column.unique = true;
    add.column.comment = name;
    add.column.check = CheckConstraint{.name = named("k"), .expression = QuoteIdentifier(named("n")) + " > 0"};
    CreateIndex create_index;
    create_index.name = named("x");
    create_index.table = name;
    create_index.columns.resize(1);
    create_index.columns[0].column = named("b");
    CreateTable create;
    create.name = named("t");
    create.comment = name;
    create.columns = {add.column};
    create.columns[0].type = "int";
    create.columns[0].check->name = named("l");
    Planned({alter, add, create_index, RenameColumn{.table = name, .from = named("b"), .to = named("d")},
             RenameConstraint{.table = name, .from = named("c"), .to = named("e")}, create,
             RenameTable{.from = name, .to = named("r")}});

    EXPECT_GT(plan.steps.size(), 30U);
    for (const Step &step : plan.steps) {
        if (step.phase == Phase::kFill || step.phase == Phase::kVerify) continue;  // descriptions
        for (const std::string &sql : {step.statement, step.undo, step.table, step.phase == Phase::kIndex ? step.object : ""}) {
            const std::string rest = WithoutQuoted(sql);
            EXPECT_EQ(rest.find_first_of(";\n\\"), std::string::npos) << rest;
            EXPECT_EQ(rest.find("DROP DATABASE"), std::string::npos) << rest;
            for (const char c : rest) EXPECT_LT(static_cast<unsigned char>(c), 0x80) << rest;
        }
    }
    EXPECT_EQ(Spec().up[0].parameters.front(), name);
    EXPECT_EQ(plan.locks[0].table, QualifiedName(name, name));
}

INSTANTIATE_TEST_SUITE_P(All, HostileNames,
                         ::testing::Values("A", "select", "a b", "it's", "a\"b", "a\"\"b", "\";DROP DATABASE x;--", "'; DROP DATABASE x; --",
                                           "a\nb", "a\\b", "a\\'b", "$1", "a.b", "Stra\u00dfe \u65e5\u672c\u8a9e \U0001F600", " ", "1", "--", "/*",
                                           std::string(63, 'x'), std::string(63, 'X'), std::string(61, 'x') + "\u00e9", "{fmt}", "%s"));

TEST_F(PlanTest, DerivedNamesAreNeverCutByPostgreSql) {
    const std::string longest(63, 'n');
    Tables({TableBuilder(longest, {NotNull(Column(longest)), Column("b")}).Unique(std::string(63, 'u'), {longest}).With(Check(longest, {longest}, "true"))});
    Operations(R"({"alter_column": {"table": ")" + longest + R"(", "column": ")" + longest + R"(", "type": "bigint", "up": "1", "down": "1"}},
                  {"add_column": {"table": ")" + longest + R"(", "column": {"name": "s", "type": "serial", "unique": true}}})");
    for (const Step &step : plan.steps) {
        std::size_t length = 0;
        for (const char c : step.statement) {
            length = c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ? length + 1 : 0;
            EXPECT_LE(length, kLongestName) << step.statement;
        }
    }
}

TEST_F(HostileNames, OperationsAreLeftOutOrPutOff) {
    Tables({TableBuilder("t", {Column("a")}), TableBuilder("made", {Column("b")})});
    const std::string operations = R"({"create_table": {"name": "n", "columns": [{"name": "id", "type": "int"}]}},
        {"rename_column": {"table": "t", "from": "a", "to": "c"}}, {"sql": {"up": "SELECT 1"}},
        {"rename_table": {"from": "made", "to": "later"}})";
    request.until = 2;
    Operations(operations);
    EXPECT_THAT(plan.direct_operations, ElementsAre(0));
    EXPECT_EQ(plan.direct_steps.size(), 1);
    EXPECT_FALSE(plan.has_provisional_names);
    EXPECT_THAT(Contract(), ElementsAre(HasSubstr("RENAME COLUMN a TO c")));
    request.until.reset();
    request.executed = {0, 2};
    Operations(operations);
    EXPECT_THAT(Expand(), IsEmpty());
    EXPECT_THAT(Contract(), ElementsAre(HasSubstr("RENAME COLUMN a TO c"), HasSubstr("RENAME TO later")));
}

TEST_F(HostileNames, TableThatWaitsForItsNameIsProvisional) {
    Tables({TableBuilder("t", {Column("a")})});
    Operations(R"({"drop_table": {"name": "t"}}, {"create_table": {"name": "t", "columns": [{"name": "id", "type": "int"}]}})");
    EXPECT_TRUE(plan.has_provisional_names);
}

}  // namespace
}  // namespace pgmigrate
