// SPDX-License-Identifier: PostgreSQL
#include "migration/support.h"

namespace pgmigrate {
namespace {

constexpr std::string_view kFullTable = R"("create_table": {
    "name": "orders", "comment": "All of them",
    "columns": [
        {"name": "id", "type": "bigint", "pk": true,
         "generated": {"identity": {"user_specified_values": "BY DEFAULT", "sequence_options": "START 10"}}},
        {"name": "owner", "type": "int", "nullable": true, "unique": true, "default": "0", "comment": "Whose",
         "check": {"name": "owner_ck", "constraint": "owner > 0", "no_inherit": true},
         "references": {"name": "owner_fk", "table": "people", "column": "id", "on_delete": "cascade",
                        "on_update": "Set Null", "match_type": "FULL", "deferrable": true, "initially_deferred": true}},
        {"name": "twice", "type": "int", "generated": {"expression": "owner * 2"}}
    ],
    "constraints": [
        {"name": "u", "type": "unique", "columns": ["id", "owner"], "deferrable": true, "initially_deferred": true,
         "nulls_not_distinct": true,
         "index_parameters": {"tablespace": "fast", "storage_parameters": "fillfactor = 70",
                              "include_columns": ["twice"]}},
        {"name": "c", "type": "check", "check": "id > 0", "no_inherit": true, "columns": ["id"]},
        {"name": "f", "type": "foreign_key", "columns": ["id", "owner"],
         "references": {"table": "people", "columns": ["x", "y"], "on_delete": "SET DEFAULT", "on_update": "RESTRICT",
                        "match_type": "SIMPLE", "on_delete_set_columns": ["owner"]}},
        {"name": "e", "type": "exclude",
         "exclude": {"index_method": "gist", "elements": "id WITH =", "predicate": "id > 1"}}
    ]})";

TEST(CreateTable, ReadsEveryFieldOfColumns) {
    const CreateTable table = ParseOne<CreateTable>(kFullTable);
    EXPECT_EQ(table.name, "orders");
    EXPECT_EQ(table.comment, "All of them");
    ASSERT_EQ(table.columns.size(), 3U);
    const ColumnDefinition &id = table.columns[0];
    EXPECT_EQ(id.name, "id");
    EXPECT_EQ(id.type, "bigint");
    EXPECT_TRUE(id.primary_key);
    EXPECT_EQ(id.generated, (Generated{std::nullopt, Identity{false, "START 10"}}));
    const ColumnDefinition &owner = table.columns[1];
    EXPECT_TRUE(owner.nullable);
    EXPECT_TRUE(owner.unique);
    EXPECT_EQ(owner.default_value, "0");
    EXPECT_EQ(owner.comment, "Whose");
    EXPECT_EQ(owner.check, (CheckConstraint{"owner_ck", "owner > 0", true}));
    EXPECT_EQ(owner.references, (ForeignKeyReference{"owner_fk",
                                                     "people",
                                                     {"id"},
                                                     ReferentialAction::kCascade,
                                                     ReferentialAction::kSetNull,
                                                     MatchType::kFull,
                                                     {},
                                                     true,
                                                     true}));
    EXPECT_EQ(table.columns[2].generated, (Generated{"owner * 2", std::nullopt}));
}

TEST(CreateTable, ReadsEveryFieldOfConstraints) {
    const CreateTable table = ParseOne<CreateTable>(kFullTable);
    ASSERT_EQ(table.constraints.size(), 4U);
    const ConstraintDefinition &unique = table.constraints[0];
    EXPECT_EQ(unique.name, "u");
    EXPECT_EQ(unique.type, ConstraintType::kUnique);
    EXPECT_EQ(unique.columns, (std::vector<std::string>{"id", "owner"}));
    EXPECT_TRUE(unique.deferrable && unique.initially_deferred && unique.nulls_not_distinct);
    EXPECT_EQ(unique.index_parameters, (IndexParameters{"fast", "fillfactor = 70", {"twice"}}));
    const ConstraintDefinition &check = table.constraints[1];
    EXPECT_EQ(check.type, ConstraintType::kCheck);
    EXPECT_EQ(check.check, "id > 0");
    EXPECT_TRUE(check.no_inherit);
    const ConstraintDefinition &key = table.constraints[2];
    EXPECT_EQ(key.type, ConstraintType::kForeignKey);
    EXPECT_EQ(key.references, (ForeignKeyReference{"",
                                                   "people",
                                                   {"x", "y"},
                                                   ReferentialAction::kSetDefault,
                                                   ReferentialAction::kRestrict,
                                                   MatchType::kSimple,
                                                   {"owner"},
                                                   false,
                                                   false}));
    EXPECT_EQ(table.constraints[3].type, ConstraintType::kExclude);
    EXPECT_EQ(table.constraints[3].exclude, (Exclusion{"gist", "id WITH =", "id > 1"}));
}

TEST(CreateTable, HasPgrollsDefaults) {
    const CreateTable table = ParseOne<CreateTable>(R"("create_table": {"name": "t", "comment": "",
        "columns": [{"name": "a", "type": "int", "default": "", "comment": null,
                     "references": {"name": "f", "table": "p", "column": "id"}},
                    {"name": "b", "type": "int", "generated": {"identity": {}}}],
        "constraints": [{"name": "k", "type": "primary_key", "columns": ["a"]}]})");
    EXPECT_EQ(table.comment, std::nullopt);
    ColumnDefinition wanted;
    wanted.name = "a";
    wanted.type = "int";
    wanted.references = ForeignKeyReference{};
    wanted.references->name = "f";
    wanted.references->table = "p";
    wanted.references->columns = {"id"};
    EXPECT_EQ(table.columns[0], wanted);
    EXPECT_FALSE(table.columns[0].nullable);
    EXPECT_EQ(table.columns[1].generated, (Generated{std::nullopt, Identity{true, ""}}));
    ConstraintDefinition key;
    key.name = "k";
    key.type = ConstraintType::kPrimaryKey;
    key.columns = {"a"};
    EXPECT_EQ(table.constraints[0], key);
}

TEST(CreateTable, MayHaveNoColumns) {
    EXPECT_TRUE(ParseOne<CreateTable>(R"("create_table": {"name": "t", "columns": []})").columns.empty());
}

TEST(CreateTable, NamesTheColumnFieldAtFault) {
    ExpectRefusals({
        {R"("create_table": {"columns": []})", "missing field \"operations[0].create_table.name\""},
        {R"("create_table": {"name": "", "columns": []})", "missing field \"operations[0].create_table.name\""},
        {R"("create_table": {"name": "t"})", "missing field \"operations[0].create_table.columns\""},
        {R"("create_table": {"name": "t", "columns": {}})",
         "field \"operations[0].create_table.columns\" must be a list"},
        {R"("create_table": {"name": "t", "columns": ["a"]})",
         "field \"operations[0].create_table.columns[0]\" must be an object"},
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int"}, {"name": "b"}]})",
         "missing field \"operations[0].create_table.columns[1].type\""},
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": ["int"]}]})",
         "field \"operations[0].create_table.columns[0].type\" must be a string"},
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int", "nullable": "true"}]})",
         "field \"operations[0].create_table.columns[0].nullable\" must be true or false, without quotes"},
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int", "pk": 1}]})",
         "field \"operations[0].create_table.columns[0].pk\" must be true or false, without quotes"},
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int", "check": {"name": "c"}}]})",
         "missing field \"operations[0].create_table.columns[0].check.constraint\""},
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int", "references":
            {"name": "f", "table": "p", "column": "id", "on_delete": "EXPLODE"}}]})",
         "field \"operations[0].create_table.columns[0].references.on_delete\" has the unknown value \"EXPLODE\""},
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int", "references":
            {"name": "f", "table": "p", "columns": ["id"]}}]})",
         "missing field \"operations[0].create_table.columns[0].references.column\""},
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int",
            "generated": {"identity": {"user_specified_values": "NEVER"}}}]})",
         "field \"operations[0].create_table.columns[0].generated.identity.user_specified_values\" has the unknown "
         "value "
         "\"NEVER\""},
    });
}

TEST(CreateTable, NamesTheConstraintFieldAtFault) {
    ExpectRefusals({
        {R"("create_table": {"name": "t", "columns": [], "constraints": [{"name": "c", "type": "uniq"}]})",
         "field \"operations[0].create_table.constraints[0].type\" has the unknown value \"uniq\""},
        {R"("create_table": {"name": "t", "columns": [], "constraints": [{"name": "c"}]})",
         "missing field \"operations[0].create_table.constraints[0].type\""},
        {R"("create_table": {"name": "t", "columns": [], "constraints": [{"type": "unique"}]})",
         "missing field \"operations[0].create_table.constraints[0].name\""},
        {R"("create_table": {"name": "t", "columns": [],
            "constraints": [{"name": "c", "type": "exclude", "exclude": {}}]})",
         "missing field \"operations[0].create_table.constraints[0].exclude.elements\""},
        {R"("create_table": {"name": "t", "columns": [],
            "constraints": [{"name": "c", "type": "unique", "columns": ["a", ""]}]})",
         "missing field \"operations[0].create_table.constraints[0].columns[1]\""},
        {R"("create_table": {"name": "t", "columns": [], "owner": "me"})",
         "unknown field \"operations[0].create_table.owner\""},
    });
}

TEST(RenameTable, ReadsItsFields) {
    EXPECT_EQ(ParseOne<RenameTable>(R"("rename_table": {"from": "a", "to": "b"})"), (RenameTable{"a", "b"}));
    ExpectRefusals({
        {R"("rename_table": {"to": "b"})", "missing field \"operations[0].rename_table.from\""},
        {R"("rename_table": {"from": "a"})", "missing field \"operations[0].rename_table.to\""},
        {R"("rename_table": {"from": "a", "to": "b", "table": "c"})",
         "unknown field \"operations[0].rename_table.table\""},
    });
}

TEST(DropTable, ReadsItsFields) {
    EXPECT_EQ(ParseOne<DropTable>(R"("drop_table": {"name": "a"})"), DropTable{"a"});
    ExpectRefusals({
        {R"("drop_table": {})", "missing field \"operations[0].drop_table.name\""},
        {R"("drop_table": null)", "field \"operations[0].drop_table\" must be an object"},
        {R"("drop_table": {"name": "a", "down": "x"})", "unknown field \"operations[0].drop_table.down\""},
    });
}

}  // namespace
}  // namespace pgmigrate
