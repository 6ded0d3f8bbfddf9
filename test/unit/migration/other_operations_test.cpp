// SPDX-License-Identifier: PostgreSQL
#include "migration/support.h"

namespace pgmigrate {
namespace {

TEST(CreateIndex, ReadsEveryField) {
    const auto operation = ParseOne<CreateIndex>(R"("create_index": {"name": "i", "table": "t", "unique": true,
        "method": "GIN", "predicate": "a > 0", "storage_parameters": "fastupdate = off",
        "columns": [{"column": "a", "collate": "C", "sort": "DESC", "nulls": "first",
                     "opclass": {"name": "gist_trgm_ops", "params": ["siglen = 32"]}},
                    {"column": "b", "sort": "asc", "nulls": "LAST"}]})");
    EXPECT_EQ(operation.name, "i");
    EXPECT_EQ(operation.table, "t");
    EXPECT_TRUE(operation.unique);
    EXPECT_EQ(operation.method, "gin");
    EXPECT_EQ(operation.predicate, "a > 0");
    EXPECT_EQ(operation.storage_parameters, "fastupdate = off");
    EXPECT_EQ(operation.columns, (std::vector<IndexColumn>{{"a", "C", true, true, "gist_trgm_ops", {"siglen = 32"}},
                                                           {"b", std::nullopt, false, false, std::nullopt, {}}}));
}

TEST(CreateIndex, HasPgrollsDefaults) {
    const auto operation =
        ParseOne<CreateIndex>(R"("create_index": {"name": "i", "table": "t", "columns": [{"column": "a"}]})");
    EXPECT_FALSE(operation.unique);
    EXPECT_EQ(operation.method, "btree");
    EXPECT_EQ(operation.predicate, std::nullopt);
    EXPECT_EQ(operation.storage_parameters, std::nullopt);
    EXPECT_EQ(operation.columns,
              (std::vector<IndexColumn>{{"a", std::nullopt, false, std::nullopt, std::nullopt, {}}}));
}

TEST(CreateIndex, ReadsTheOlderFormsOfColumns) {
    const auto list = ParseOne<CreateIndex>(R"("create_index": {"name": "i", "table": "t", "columns": ["b", "a"]})");
    ASSERT_EQ(list.columns.size(), 2U);
    EXPECT_EQ(list.columns[0].column, "b");
    EXPECT_EQ(list.columns[1].column, "a");
    const auto map = ParseOne<CreateIndex>(
        R"("create_index": {"name": "i", "table": "t", "columns": {"b": {"sort": "DESC"}, "a": {}, "c": null}})");
    ASSERT_EQ(map.columns.size(), 3U);
    EXPECT_EQ(map.columns[0].column, "b");
    EXPECT_TRUE(map.columns[0].descending);
    EXPECT_EQ(map.columns[1].column, "a");
    EXPECT_EQ(map.columns[2].column, "c");
}

TEST(CreateIndex, NamesTheFieldAtFault) {
    ExpectRefusals({
        {R"("create_index": {"table": "t", "columns": ["a"]})", "missing field \"operations[0].create_index.name\""},
        {R"("create_index": {"name": "i", "columns": ["a"]})", "missing field \"operations[0].create_index.table\""},
        {R"("create_index": {"name": "i", "table": "t"})", "missing field \"operations[0].create_index.columns\""},
        {R"("create_index": {"name": "i", "table": "t", "columns": []})",
         "missing field \"operations[0].create_index.columns\""},
        {R"("create_index": {"name": "i", "table": "t", "columns": {}})",
         "missing field \"operations[0].create_index.columns\""},
        {R"("create_index": {"name": "i", "table": "t", "columns": "a"})",
         "field \"operations[0].create_index.columns\" must be a list"},
        {R"("create_index": {"name": "i", "table": "t", "columns": [""]})",
         "missing field \"operations[0].create_index.columns[0]\""},
        {R"("create_index": {"name": "i", "table": "t", "columns": [{"sort": "ASC"}]})",
         "missing field \"operations[0].create_index.columns[0].column\""},
        {R"("create_index": {"name": "i", "table": "t", "columns": [{"column": "a", "sort": "UP"}]})",
         "field \"operations[0].create_index.columns[0].sort\" has the unknown value \"UP\""},
        {R"("create_index": {"name": "i", "table": "t", "columns": [{"column": "a", "nulls": "NONE"}]})",
         "field \"operations[0].create_index.columns[0].nulls\" has the unknown value \"NONE\""},
        {R"("create_index": {"name": "i", "table": "t", "columns": [{"column": "a", "opclass": {}}]})",
         "missing field \"operations[0].create_index.columns[0].opclass.name\""},
        {R"("create_index": {"name": "i", "table": "t", "columns": {"a": {"column": "a"}}})",
         "unknown field \"operations[0].create_index.columns.a.column\""},
        {R"("create_index": {"name": "i", "table": "t", "columns": ["a"], "include": ["b"]})",
         "unknown field \"operations[0].create_index.include\""},
    });
}

TEST(DropIndex, ReadsItsFields) {
    EXPECT_EQ(ParseOne<DropIndex>(R"("drop_index": {"name": "i"})"), DropIndex{"i"});
    ExpectRefusals({
        {R"("drop_index": {})", "missing field \"operations[0].drop_index.name\""},
        {R"("drop_index": {"name": "i", "table": "t"})", "unknown field \"operations[0].drop_index.table\""},
    });
}

TEST(SetReplicaIdentity, ReadsItsFields) {
    EXPECT_EQ(ParseOne<SetReplicaIdentity>(
                  R"("set_replica_identity": {"table": "t", "identity": {"type": "INDEX", "index": "i"}})"),
              (SetReplicaIdentity{"t", "index", "i"}));
    for (const std::string type : {"full", "default", "nothing"}) {
        EXPECT_EQ(
            ParseOne<SetReplicaIdentity>("\"set_replica_identity\": {\"table\": \"t\", \"identity\": {\"type\": \"" +
                                         type + "\", \"index\": \"\"}}"),
            (SetReplicaIdentity{"t", type, std::nullopt}));
    }
    ExpectRefusals({
        {R"("set_replica_identity": {"identity": {"type": "full"}})",
         "missing field \"operations[0].set_replica_identity.table\""},
        {R"("set_replica_identity": {"table": "t"})", "missing field \"operations[0].set_replica_identity.identity\""},
        {R"("set_replica_identity": {"table": "t", "identity": {}})",
         "missing field \"operations[0].set_replica_identity.identity.type\""},
        {R"("set_replica_identity": {"table": "t", "identity": "full"})",
         "field \"operations[0].set_replica_identity.identity\" must be an object"},
        {R"("set_replica_identity": {"table": "t", "identity": {"type": "some"}})",
         "field \"operations[0].set_replica_identity.identity.type\" has the unknown value \"some\""},
        {R"("set_replica_identity": {"table": "t", "identity": {"type": "full", "idx": "i"}})",
         "unknown field \"operations[0].set_replica_identity.identity.idx\""},
    });
}

TEST(RawSql, ReadsItsFields) {
    EXPECT_EQ(ParseOne<RawSql>(R"("sql": {"up": "SELECT 1", "down": "SELECT 2"})"),
              (RawSql{"SELECT 1", "SELECT 2", false}));
    EXPECT_EQ(ParseOne<RawSql>(R"("sql": {"up": "SELECT 1", "down": "", "onComplete": true})"),
              (RawSql{"SELECT 1", std::nullopt, true}));
    EXPECT_EQ(ParseOne<RawSql>(R"("sql": {"up": "a \u003c b \u0026 c"})").up, "a < b & c");
    ExpectRefusals({
        {R"("sql": {})", "missing field \"operations[0].sql.up\""},
        {R"("sql": {"up": ""})", "missing field \"operations[0].sql.up\""},
        {R"("sql": {"up": "SELECT 1", "onComplete": "yes"})",
         "field \"operations[0].sql.onComplete\" must be true or false, without quotes"},
        {R"("sql": {"up": "SELECT 1", "on_complete": true})", "unknown field \"operations[0].sql.on_complete\""},
    });
}

TEST(OperationName, IsTheNameInTheFile) {
    const std::string_view texts[] = {
        R"("create_table": {"name": "t", "columns": []})",
        R"("rename_table": {"from": "a", "to": "b"})",
        R"("drop_table": {"name": "t"})",
        R"("add_column": {"table": "t", "column": {"name": "a", "type": "serial"}})",
        R"("rename_column": {"table": "t", "from": "a", "to": "b"})",
        R"("drop_column": {"table": "t", "column": "a"})",
        R"("alter_column": {"table": "t", "column": "a", "comment": null})",
        R"("create_constraint": {"table": "t", "name": "c", "type": "check", "check": "true"})",
        R"("drop_constraint": {"table": "t", "name": "c", "down": "a"})",
        R"("drop_multicolumn_constraint": {"table": "t", "name": "c", "down": {"a": "a"}})",
        R"("rename_constraint": {"table": "t", "from": "a", "to": "b"})",
        R"("create_index": {"name": "i", "table": "t", "columns": ["a"]})",
        R"("drop_index": {"name": "i"})",
        R"("set_replica_identity": {"table": "t", "identity": {"type": "full"}})",
        R"("sql": {"up": "SELECT 1"})",
    };
    std::size_t index = 0;
    for (const std::string_view text : texts) {
        const Operation operation = ParseMigration(WrapOperation(text)).operations.at(0);
        EXPECT_EQ(operation.index(), index++);
        EXPECT_TRUE(text.starts_with("\"" + std::string(OperationName(operation)) + "\":")) << text;
    }
    EXPECT_EQ(index, std::variant_size_v<Operation>);
}

TEST(SqlText, IsTheKeywordsOfSql) {
    EXPECT_EQ(SqlText(ReferentialAction::kNoAction), "NO ACTION");
    EXPECT_EQ(SqlText(ReferentialAction::kRestrict), "RESTRICT");
    EXPECT_EQ(SqlText(ReferentialAction::kCascade), "CASCADE");
    EXPECT_EQ(SqlText(ReferentialAction::kSetNull), "SET NULL");
    EXPECT_EQ(SqlText(ReferentialAction::kSetDefault), "SET DEFAULT");
    EXPECT_EQ(SqlText(MatchType::kSimple), "SIMPLE");
    EXPECT_EQ(SqlText(MatchType::kFull), "FULL");
    EXPECT_EQ(SqlText(MatchType::kPartial), "PARTIAL");
}

}  // namespace
}  // namespace pgmigrate
