// SPDX-License-Identifier: PostgreSQL
#include "catalog/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/catalog_builders.h"
#include "support/fake_database.h"

namespace pgmigrate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char *kSchema = "n.nspname = $1";
constexpr const char *kTables = "AS reltuples";
constexpr const char *kColumns = "a.attnotnull";
constexpr const char *kConstraints = "k.contype IN ('c', 'u'";
constexpr const char *kIndexes = "i.indnullsnotdistinct";
constexpr const char *kGrants = "coalesce(c.relacl";
constexpr const char *kSequences = "s.relkind = 'S' AND";
constexpr const char *kTriggers = "tgtype & 3";
constexpr const char *kViews = "WITH RECURSIVE readers";
constexpr const char *kPolicies = "FROM pg_policy";

class LoadTest : public ::testing::Test {
  protected:
    void SetUp() override {
        database.Answer(kSchema, {.columns = {"oid", "relation_names", "grants"},
                                  .values = {{"2200", R"(["t", "u", "t_pkey"])", R"([["app", "USAGE", false], ["", "USAGE", true]])"}}});
        database.Answer(kTables, {.columns = {"oid", "relname", "partitioned", "owner", "owned", "comment", "filenode", "reltuples",
                                              "bytes", "replica_identity", "of_type"},
                                  .values = {{"10", "t", "f", "olga", "t", "it's", "4294967295", "-1", "8192", "FULL", "s.row"},
                                             {"20", "u", "t", "max", "f", Value(), "0", "1000000000", "0", "DEFAULT", Value()}}});
    }

    CatalogSchema Load(const std::vector<std::string> &versions = {}) { return LoadSchema(database, "public", versions); }

    FakeDatabase database;
};

TEST_F(LoadTest, MissingSchemaIsSaid) {
    FakeDatabase empty;
    try {
        LoadSchema(empty, "nowhere", {});
        FAIL();
    } catch (const Error &error) {
        EXPECT_TRUE(error.state() == "3F000");
        EXPECT_EQ(error.text().message, "schema \"nowhere\" does not exist");
        EXPECT_NE(error.text().hint, "");
    }
    EXPECT_EQ(empty.queries.size(), 1);
    EXPECT_THAT(empty.queries[0].parameters, ElementsAre(Value("nowhere")));
}

TEST_F(LoadTest, SchemaAndTables) {
    const CatalogSchema schema = Load();
    EXPECT_EQ(schema.oid, 2200);
    EXPECT_EQ(schema.name, "public");
    EXPECT_THAT(schema.relation_names, ElementsAre("t", "t_pkey", "u"));
    EXPECT_THAT(schema.grants, ElementsAre(Grant{"app", "USAGE", false}, Grant{"", "USAGE", true}));
    ASSERT_EQ(schema.tables.size(), 2);
    const CatalogTable &t = schema.tables[0];
    EXPECT_EQ(t.oid, 10);
    EXPECT_EQ(t.comment, "it's");
    EXPECT_TRUE(t.owned_by_caller);
    EXPECT_FALSE(t.partitioned);
    EXPECT_EQ(t.filenode, 4294967295);
    EXPECT_LT(t.rows, 0);
    EXPECT_EQ(t.replica_identity, "FULL");
    EXPECT_EQ(t.of_type, "s.row");
    EXPECT_TRUE(schema.tables[1].partitioned);
    EXPECT_FALSE(schema.tables[1].owned_by_caller);
    EXPECT_FALSE(schema.tables[1].comment);
    EXPECT_EQ(schema.tables[1].rows, 1e9);
}

TEST_F(LoadTest, EmptySchema) {
    FakeDatabase empty;
    empty.Answer(kSchema, {.columns = {"oid", "relation_names", "grants"}, .values = {{"1", Value(), Value()}}});
    const CatalogSchema schema = LoadSchema(empty, "s", {});
    EXPECT_THAT(schema.tables, IsEmpty());
    EXPECT_THAT(schema.relation_names, IsEmpty());
}

TEST_F(LoadTest, OnlySomeTables) {
    const std::vector<std::int64_t> only{10, 30};
    (void)LoadSchema(database, "public", {}, &only);
    EXPECT_THAT(database.queries[1].parameters, ElementsAre("2200", "{10,30}"));
    EXPECT_THAT(database.queries[2].parameters, ElementsAre("{10,20}"));  // those that were found
    database.queries.clear();
    (void)Load();
    EXPECT_THAT(database.queries[1].parameters, ElementsAre("2200", Value()));
}

TEST_F(LoadTest, Columns) {
    database.Answer(kColumns, {.columns = {"relation", "attnum", "attname", "type", "collation", "attnotnull", "default_value", "attidentity",
                                           "generated", "comment", "sequence", "sequence_options", "storage", "compression",
                                           "statistics_target", "options"},
                               .values = {{"10", "1", "id", "integer", Value(), "t", Value(), "a", "f", Value(), "public.s",
                                           "START WITH 1", Value(), Value(), "-1", Value()},
                                          {"10", "3", "b", "text", "pg_catalog.\"C\"", "f", "'x'::text", "", "t", "it's", Value(),
                                           Value(), "EXTERNAL", "lz4", "500", "n_distinct = -0.5"},
                                          {"99", "1", "of a partition", "text", Value(), "f", Value(), "", "f", Value(), Value(), Value(),
                                           Value(), Value(), "-1", Value()}}});
    const CatalogSchema schema = Load();
    ASSERT_EQ(schema.tables[0].columns.size(), 2);
    EXPECT_THAT(schema.tables[1].columns, IsEmpty());
    const CatalogColumn &id = schema.tables[0].columns[0];
    EXPECT_EQ(id.identity, "a");
    EXPECT_EQ(id.owned_sequence, "public.s");
    EXPECT_EQ(id.sequence_options, "START WITH 1");
    EXPECT_TRUE(id.not_null);
    EXPECT_FALSE(id.default_value);
    const CatalogColumn &b = schema.tables[0].columns[1];
    EXPECT_EQ(b.number, 3);
    EXPECT_EQ(b.collation, "pg_catalog.\"C\"");
    EXPECT_EQ(b.default_value, "'x'::text");
    EXPECT_TRUE(b.generated);
    EXPECT_EQ(b.comment, "it's");
    EXPECT_EQ(b.storage, "EXTERNAL");
    EXPECT_EQ(b.compression, "lz4");
    EXPECT_EQ(b.statistics_target, 500);
    EXPECT_EQ(b.options, "n_distinct = -0.5");
}

TEST_F(LoadTest, Constraints) {
    database.Answer(kConstraints,
                    {.columns = {"relation", "conname", "contype", "columns", "check_expression", "definition", "index", "exclusion_operators", "condeferrable",
                                 "condeferred", "connoinherit", "convalidated", "referenced_table", "referenced_columns",
                                 "foreign_key_options", "delete_set_columns", "comment"},
                     .values = {{"10", "c", "c", R"(["a", "quote\"d"])", "(a > 0)", "CHECK ((a > 0))", Value(), "[]", "f", "f", "t", "f", Value(), "[]",
                                 Value(), "[]", "why"},
                                {"20", "f", "f", R"(["x"])", Value(), "FOREIGN KEY …", "t_pkey", R"j(["OPERATOR(pg_catalog.=)"])j", "t", "t", "f", "t", "public.t", R"(["id"])",
                                 " ON DELETE SET NULL", R"(["x"])", Value()}}});
    const CatalogSchema schema = Load();
    const CatalogConstraint &check = schema.tables[0].constraints.at(0);
    EXPECT_EQ(check.type, 'c');
    EXPECT_THAT(check.columns, ElementsAre("a", "quote\"d"));
    EXPECT_EQ(check.check, "(a > 0)");
    EXPECT_TRUE(check.no_inherit);
    EXPECT_FALSE(check.validated);
    EXPECT_EQ(check.comment, "why");
    EXPECT_EQ(check.index, "");
    const CatalogConstraint &key = schema.tables[1].constraints.at(0);
    EXPECT_EQ(key.referenced_table, "public.t");
    EXPECT_THAT(key.referenced_columns, ElementsAre("id"));
    EXPECT_EQ(key.foreign_key_options, " ON DELETE SET NULL");
    EXPECT_THAT(key.delete_set_columns, ElementsAre("x"));
    EXPECT_TRUE(key.deferrable && key.initially_deferred);
    EXPECT_THAT(key.exclusion_operators, ElementsAre("OPERATOR(pg_catalog.=)"));
}

TEST_F(LoadTest, Indexes) {
    database.Answer(
        kIndexes,
        {.columns = {"relation", "relname", "amname", "indisunique", "indnullsnotdistinct", "indisvalid", "indisreplident", "indisclustered",
                     "indnkeyatts", "predicate", "storage_parameters", "tablespace", "constraint_name", "comment", "keys"},
         .values = {{"10", "i", "gist", "t", "t", "f", "t", "t", "2", "(a > 0)", "fillfactor=70", "Fast", "k", "why",
                     R"j([{"column": "a", "expression": null, "options": " DESC"}, {"column": null, "expression": "lower(b)", "options": ""},
                         {"column": "c", "expression": null, "options": ""}])j"}}});
    const CatalogIndex index = Load().tables[0].indexes.at(0);
    EXPECT_EQ(index.method, "gist");
    EXPECT_TRUE(index.unique && index.nulls_not_distinct && index.is_replica_identity && index.is_clustered);
    EXPECT_FALSE(index.valid);
    EXPECT_THAT(index.keys, ElementsAre(CatalogIndexKey{"a", "", " DESC"}, CatalogIndexKey{"", "lower(b)", ""}));
    EXPECT_THAT(index.included, ElementsAre("c"));
    EXPECT_EQ(index.predicate, "(a > 0)");
    EXPECT_EQ(index.storage_parameters, "fillfactor=70");
    EXPECT_EQ(index.tablespace, "Fast");
    EXPECT_EQ(index.constraint, "k");
    EXPECT_EQ(index.comment, "why");
}

TEST_F(LoadTest, GrantsOfTablesAndColumns) {
    database.Answer(kColumns, {.columns = {"relation", "attnum", "attname", "type", "collation", "attnotnull", "default_value", "attidentity",
                                           "generated", "comment", "sequence", "sequence_options", "storage", "compression",
                                           "statistics_target", "options"},
                               .values = {{"10", "2", "a", "text", Value(), "f", Value(), "", "f", Value(), Value(), Value(), Value(), Value(),
                                           "-1", Value()}}});
    database.Answer(kGrants, {.columns = {"relation", "attnum", "grantee", "privilege_type", "is_grantable"},
                              .values = {{"10", "0", "app", "SELECT", "t"}, {"10", "2", "", "UPDATE", "f"}, {"10", "1", "x", "UPDATE", "f"}}});
    const CatalogTable table = Load().tables[0];
    EXPECT_THAT(table.grants, ElementsAre(Grant{"app", "SELECT", true}));
    EXPECT_THAT(table.columns.at(0).grants, ElementsAre(Grant{"", "UPDATE", false}));
}

TEST_F(LoadTest, SequencesOfIdentityColumns) {
    database.Answer(kColumns, {.columns = {"relation", "attnum", "attname", "type", "collation", "attnotnull", "default_value", "attidentity",
                                           "generated", "comment", "sequence", "sequence_options", "storage", "compression",
                                           "statistics_target", "options"},
                               .values = {{"10", "1", "id", "integer", Value(), "t", Value(), "a", "f", Value(), "public.s",
                                           "START WITH 1", Value(), Value(), "-1", Value()}}});
    database.Answer(kSequences, {.columns = {"relation", "attnum", "comment", "grants"},
                                 .values = {{"10", "1", "it's", R"([["app", "USAGE", false], ["", "SELECT", false]])"}}});
    const CatalogColumn id = Load().tables[0].columns.at(0);
    EXPECT_EQ(id.sequence_comment, "it's");
    EXPECT_THAT(id.sequence_grants, ElementsAre(Grant{"app", "USAGE", false}, Grant{"", "SELECT", false}));
}

TEST_F(LoadTest, WhatDependsOnATable) {
    database.Answer("AND k.contype = 'f' AND k.conparentid = 0",
                    {.columns = {"relation", "conname", "table_name", "owned", "partitioned", "columns", "referenced_columns",
                                 "foreign_key_options", "delete_set_columns", "condeferrable", "condeferred", "convalidated", "comment"},
                     .values = {{"10", "f", "s.o", "t", "f", R"(["t"])", R"(["id"])", " ON DELETE SET NULL", R"(["t"])", "t", "t", "f", "why"}}});
    database.Answer(kTriggers, {.columns = {"relation", "tgname"}, .values = {{"10", "b"}, {"10", "c"}}});
    const std::vector<std::string> fields{"relation", "kind", "identity", "columns", "depth", "groups_by_key", "on_table", "drop_statement", "create_statements", "obstacle"};
    database.Answer(kViews, {.columns = fields, .values = {{"20", "view", "view public.v", R"(["a"])", "2", "t", "public.v", "d", R"(["c", "g"])", ""}}});
    database.Answer(kPolicies, {.columns = fields, .values = {{"10", "policy", "policy p on o", "[]", "0", "f", "o", "d", R"(["c"])", "not yours"},
                                                              {"30", "policy", "policy of no table here", "[]", "0", "f", "o", "d", "[]", ""}}});
    const CatalogSchema schema = Load({"public_01", "it's"});
    IncomingForeignKey key = Incoming("f", "s.o", {"t"}, {"id"});
    key.options = " ON DELETE SET NULL";
    key.delete_set_columns = {"t"};
    key.deferrable = key.initially_deferred = true;
    key.validated = false;
    key.comment = "why";
    EXPECT_THAT(schema.tables[0].incoming_foreign_keys, ElementsAre(key));
    EXPECT_THAT(schema.tables[0].before_row_triggers, ElementsAre("b", "c"));
    EXPECT_THAT(schema.tables[0].dependents, ElementsAre(Dependent{"policy", "policy p on o", {}, 0, false, "o", "d", {"c"}, "not yours"}));
    EXPECT_THAT(schema.tables[1].dependents, ElementsAre(Dependent{"view", "view public.v", {"a"}, 2, true, "public.v", "d", {"c", "g"}, ""}));
    const auto views = std::ranges::find_if(database.queries, [](const auto &call) { return call.sql.find(kViews) != std::string::npos; });
    ASSERT_NE(views, database.queries.end());
    EXPECT_THAT(views->parameters, ElementsAre("{10,20}", R"(["public_01","it's"])"));
}

TEST_F(LoadTest, Partitions) {
    database.Answer("AS columns\n  FROM pg_class c CROSS", {.columns = {"relation", "columns"}, .values = {{"20", R"(["day"])"}}});
    database.Answer("AS partition,", {.columns = {"relation", "nspname", "relname", "partition", "parent", "relkind", "owned", "owner", "tuples",
                                                  "bytes", "own_objects"},
                                      .values = {{"20", "public", "u 1", "public.\"u 1\"", "public.u", "p", "t", "max", "-1", "0", Value()},
                                                 {"20", "s", "leaf", "s.leaf", "public.\"u 1\"", "r", "f", "olga", "5", "8192",
                                                  R"([["index own", "a"]])"},
                                                 {"20", "s", "leaf2", "s.leaf2", "public.u", "r", "t", "max", "5", "8192", Value()}}});
    const CatalogSchema schema = Load();
    const CatalogTable &u = schema.tables[1];
    EXPECT_EQ(u.bytes, 16384);
    EXPECT_THAT(u.partition_key, ElementsAre("day"));
    ASSERT_EQ(u.partitions.size(), 3);
    EXPECT_FALSE(u.partitions[0].IsLeaf());
    EXPECT_EQ(u.partitions[1].parent, u.partitions[0].name);
    EXPECT_EQ(u.partitions[1].relation_name, "leaf");
    EXPECT_FALSE(u.partitions[1].owned_by_caller);
    EXPECT_THAT(u.partitions[1].own_objects, ElementsAre(CatalogPartition::OwnObject{"index own", "a"}));
    CatalogTable other = u;
    other.partitions[1].rows = 7;
    EXPECT_TRUE(SameDefinition(u, other));
    other.partitions.pop_back();
    EXPECT_FALSE(SameDefinition(u, other));
}

TEST_F(LoadTest, EveryQueryIsGivenItsParameters) {
    Load();
    EXPECT_EQ(database.queries.size(), 17);
    for (std::size_t i = 1; i < database.queries.size(); ++i) {
        EXPECT_THAT(database.queries[i].sql, HasSubstr("$1::oid"));
        // The tables of the schema, then the parts of those.
        EXPECT_EQ(database.queries[i].parameters.front(), i == 1 ? "2200" : "{10,20}");
        EXPECT_EQ(database.queries[i].parameters.size() == 2, database.queries[i].sql.find("$2") != std::string::npos);
    }
    EXPECT_THAT(database.executed, IsEmpty());
}

TEST_F(LoadTest, SameDefinitionLooksPastSizeAndStatistics) {
    const CatalogTable table = Load().tables[0];
    CatalogTable other = table;
    other.rows = 5;
    other.bytes = 5;
    other.filenode = 5;
    EXPECT_TRUE(SameDefinition(table, other));
    const auto changed = [&](auto change) {
        CatalogTable copy = table;
        change(copy);
        return !SameDefinition(table, copy);
    };
    EXPECT_TRUE(changed([](CatalogTable &copy) { copy.oid = 11; }));
    EXPECT_TRUE(changed([](CatalogTable &copy) { copy.owner = "x"; }));
    EXPECT_TRUE(changed([](CatalogTable &copy) { copy.columns.emplace_back(); }));
    EXPECT_TRUE(changed([](CatalogTable &copy) { copy.constraints.emplace_back(); }));
    EXPECT_TRUE(changed([](CatalogTable &copy) { copy.indexes.emplace_back(); }));
    EXPECT_TRUE(changed([](CatalogTable &copy) { copy.incoming_foreign_keys.emplace_back(); }));
    EXPECT_TRUE(changed([](CatalogTable &copy) { copy.dependents.emplace_back(); }));
    EXPECT_TRUE(changed([](CatalogTable &copy) { copy.before_row_triggers.emplace_back("x"); }));
}

}  // namespace
}  // namespace pgmigrate
