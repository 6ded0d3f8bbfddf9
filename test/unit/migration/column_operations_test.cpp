// SPDX-License-Identifier: PostgreSQL
#include "migration/support.h"

namespace pgmigrate {
namespace {

TEST(AddColumn, ReadsItsFields) {
    const auto operation = ParseOne<AddColumn>(R"("add_column": {"table": "t", "up": "name || '!'",
        "column": {
    "name" : "shout", "type" : "text", "unique" : true, "comment" : "LOUD"}})");
    EXPECT_EQ(operation.table, "t");
    EXPECT_EQ(operation.up, "name || '!'");
    EXPECT_EQ(operation.column.name, "shout");
    EXPECT_TRUE(operation.column.unique);
    EXPECT_EQ(operation.column.comment, "LOUD");
}

TEST(AddColumn, TakesAnEmptyUpForNone) {
    const auto operation = ParseOne<AddColumn>(
        R"("add_column": {"table": "t", "up": "", "column": {"name": "a", "type": "int", "nullable": true}})");
    EXPECT_EQ(operation.up, std::nullopt);
}

TEST(AddColumn, NamesTheFieldAtFault) {
    ExpectRefusals({
        {R"("add_column": {"column": {"name": "a", "type": "int"}})",
         "missing field \"operations[0].add_column.table\""},
        {R"("add_column": {"table": "t"})", "missing field \"operations[0].add_column.column\""},
        {R"("add_column": {"table": "t", "column": {"name": "a"}})",
         "missing field \"operations[0].add_column.column.type\""},
        {R"("add_column": {"table": "t", "column": {"type": "int"}})",
         "missing field \"operations[0].add_column.column.name\""},
        {R"("add_column": {"table": "t", "column": "a int"})",
         "field \"operations[0].add_column.column\" must be an object"},
        {R"("add_column": {"table": "t", "column": {"name": "a", "type": "int", "nulable": true}})",
         "unknown field \"operations[0].add_column.column.nulable\""},
        {R"("add_column": {"table": "t", "up": {"a": "b"}, "column": {"name": "a", "type": "int"}})",
         "field \"operations[0].add_column.up\" must be a string"},
        {R"("add_column": {"table": "t", "column": {"name": "a", "type": "int"}, "down": "x"})",
         "unknown field \"operations[0].add_column.down\""},
    });
}

TEST(RenameColumn, ReadsItsFields) {
    EXPECT_EQ(ParseOne<RenameColumn>(R"("rename_column": {"table": "t", "from": "a", "to": "b"})"),
              (RenameColumn{"t", "a", "b"}));
    ExpectRefusals({
        {R"("rename_column": {"from": "a", "to": "b"})", "missing field \"operations[0].rename_column.table\""},
        {R"("rename_column": {"table": "t", "to": "b"})", "missing field \"operations[0].rename_column.from\""},
        {R"("rename_column": {"table": "t", "from": "a"})", "missing field \"operations[0].rename_column.to\""},
        {R"("rename_column": {"table": "t", "from": "a", "to": "b", "column": "c"})",
         "unknown field \"operations[0].rename_column.column\""},
    });
}

TEST(DropColumn, ReadsItsFields) {
    EXPECT_EQ(ParseOne<DropColumn>(R"("drop_column": {"table": "t", "column": "a", "down": "0"})"),
              (DropColumn{"t", "a", "0"}));
    EXPECT_EQ(ParseOne<DropColumn>(R"("drop_column": {"table": "t", "column": "a"})"),
              (DropColumn{"t", "a", std::nullopt}));
    ExpectRefusals({
        {R"("drop_column": {"column": "a"})", "missing field \"operations[0].drop_column.table\""},
        {R"("drop_column": {"table": "t"})", "missing field \"operations[0].drop_column.column\""},
        {R"("drop_column": {"table": "t", "column": "a", "up": "b"})",
         "unknown field \"operations[0].drop_column.up\""},
    });
}

TEST(AlterColumn, ReadsEveryField) {
    const auto operation = ParseOne<AlterColumn>(R"("alter_column": {"table": "t", "column": "a", "type": "text",
        "nullable": false, "unique": {"name": "u"}, "check": {"name": "c", "constraint": "a <> ''"},
        "references": {"name": "f", "table": "p", "column": "id", "deferrable": true},
        "default": "'x'", "comment": "new", "up": "a::text", "down": "a::int"})");
    EXPECT_EQ(operation.table, "t");
    EXPECT_EQ(operation.column, "a");
    EXPECT_EQ(operation.type, "text");
    EXPECT_EQ(operation.nullable, false);
    EXPECT_EQ(operation.unique, "u");
    EXPECT_EQ(operation.check, (CheckConstraint{"c", "a <> ''", false}));
    ASSERT_TRUE(operation.references.has_value());
    EXPECT_EQ(operation.references->columns, std::vector<std::string>{"id"});
    EXPECT_TRUE(operation.references->deferrable);
    EXPECT_EQ(operation.default_value, Change{"'x'"});
    EXPECT_EQ(operation.comment, Change{"new"});
    EXPECT_EQ(operation.up, "a::text");
    EXPECT_EQ(operation.down, "a::int");
}

TEST(AlterColumn, TellsAbsentFromNull) {
    const auto kept = ParseOne<AlterColumn>(
        R"("alter_column": {"table": "t", "column": "a", "unique": {"name": "u"}, "up": "", "down": ""})");
    EXPECT_EQ(kept.default_value, std::nullopt);
    EXPECT_EQ(kept.comment, std::nullopt);
    EXPECT_EQ(kept.nullable, std::nullopt);
    EXPECT_EQ(kept.up, std::nullopt);
    EXPECT_EQ(kept.down, std::nullopt);
    const auto removed =
        ParseOne<AlterColumn>(R"("alter_column": {"table": "t", "column": "a", "default": null, "comment": null})");
    EXPECT_EQ(removed.default_value, Change{std::nullopt});
    EXPECT_EQ(removed.comment, Change{std::nullopt});
}

TEST(AlterColumn, NamesTheFieldAtFault) {
    ExpectRefusals({
        {R"("alter_column": {"column": "a", "comment": null})", "missing field \"operations[0].alter_column.table\""},
        {R"("alter_column": {"table": "t", "comment": null})", "missing field \"operations[0].alter_column.column\""},
        {R"("alter_column": {"table": "t", "column": "a", "name": "b"})",
         "unknown field \"operations[0].alter_column.name\""},
        {R"("alter_column": {"table": "t", "column": "a", "unique": true})",
         "field \"operations[0].alter_column.unique\" must be an object"},
        {R"("alter_column": {"table": "t", "column": "a", "unique": {}})",
         "missing field \"operations[0].alter_column.unique.name\""},
        {R"("alter_column": {"table": "t", "column": "a", "check": {"constraint": "a > 0"}})",
         "missing field \"operations[0].alter_column.check.name\""},
        {R"("alter_column": {"table": "t", "column": "a", "references": {"table": "p", "column": "id"}})",
         "missing field \"operations[0].alter_column.references.name\""},
        {R"("alter_column": {"table": "t", "column": "a", "references": {"name": "f", "column": "id"}})",
         "missing field \"operations[0].alter_column.references.table\""},
        {R"("alter_column": {"table": "t", "column": "a", "default": ["x"]})",
         "field \"operations[0].alter_column.default\" must be a string"},
        {R"("alter_column": {"table": "t", "column": "a", "nullable": []})",
         "field \"operations[0].alter_column.nullable\" must be true or false, without quotes"},
    });
}

}  // namespace
}  // namespace pgmigrate
