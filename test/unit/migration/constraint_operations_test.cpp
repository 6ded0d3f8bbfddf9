// SPDX-License-Identifier: PostgreSQL
#include "migration/support.h"

namespace pgmigrate {
namespace {

TEST(CreateConstraint, ReadsAUniqueConstraint) {
    const auto operation =
        ParseOne<CreateConstraint>(R"("create_constraint": {"type": "unique", "table": "t", "name": "u",
        "columns": ["a", "b"], "index_parameters": {"include_columns": ["c"]},
        "up": {"a": "a", "b": "b + 1"}, "down": {"a": "a", "b": "b - 1"}})");
    EXPECT_EQ(operation.table, "t");
    EXPECT_EQ(operation.constraint.name, "u");
    EXPECT_EQ(operation.constraint.type, ConstraintType::kUnique);
    EXPECT_EQ(operation.constraint.columns, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(operation.constraint.index_parameters.include_columns, std::vector<std::string>{"c"});
    EXPECT_EQ(operation.up, (ColumnExpressions{{"a", "a"}, {"b", "b + 1"}}));
    EXPECT_EQ(operation.down, (ColumnExpressions{{"a", "a"}, {"b", "b - 1"}}));
}

TEST(CreateConstraint, ReadsTheOtherTypes) {
    const auto check = ParseOne<CreateConstraint>(R"("create_constraint": {"type": "check", "table": "t", "name": "c",
        "columns": ["a"], "check": "a > 0", "no_inherit": true, "up": {"a": "a"}, "down": {"a": "a"}})");
    EXPECT_EQ(check.constraint.type, ConstraintType::kCheck);
    EXPECT_EQ(check.constraint.check, "a > 0");
    EXPECT_TRUE(check.constraint.no_inherit);
    const auto key =
        ParseOne<CreateConstraint>(R"("create_constraint": {"type": "primary_key", "table": "t", "name": "k",
        "columns": ["a"], "up": {"a": "a"}, "down": {"a": "a"}})");
    EXPECT_EQ(key.constraint.type, ConstraintType::kPrimaryKey);
    const auto foreign = ParseOne<CreateConstraint>(R"("create_constraint": {"type": "foreign_key", "table": "t",
        "name": "f", "columns": ["a"], "references": {"table": "p", "columns": ["id"], "on_delete": "restrict"},
        "up": {"a": "a"}, "down": {"a": "a"}})");
    EXPECT_EQ(foreign.constraint.type, ConstraintType::kForeignKey);
    ASSERT_TRUE(foreign.constraint.references.has_value());
    EXPECT_EQ(foreign.constraint.references->on_delete, ReferentialAction::kRestrict);
    EXPECT_EQ(foreign.constraint.references->name, "");
}

TEST(CreateConstraint, NamesTheFieldAtFault) {
    ExpectRefusals({
        {R"("create_constraint": {"name": "u", "type": "unique"})",
         "missing field \"operations[0].create_constraint.table\""},
        {R"("create_constraint": {"table": "t", "type": "unique"})",
         "missing field \"operations[0].create_constraint.name\""},
        {R"("create_constraint": {"table": "t", "name": "u"})",
         "missing field \"operations[0].create_constraint.type\""},
        {R"("create_constraint": {"table": "t", "name": "u", "type": "exclude"})",
         "field \"operations[0].create_constraint.type\" has the unknown value \"exclude\""},
        {R"("create_constraint": {"table": "t", "name": "u", "type": "unique", "columns": "a"})",
         "field \"operations[0].create_constraint.columns\" must be a list"},
        {R"("create_constraint": {"table": "t", "name": "u", "type": "unique", "columns": ["a"], "up": "a"})",
         "field \"operations[0].create_constraint.up\" must be an object of SQL texts by column"},
        {R"("create_constraint": {"table": "t", "name": "u", "type": "unique", "columns": ["a"], "up": {"a": ["x"]}})",
         "field \"operations[0].create_constraint.up.a\" must be a string"},
        {R"("create_constraint": {"table": "t", "name": "f", "type": "foreign_key", "columns": ["a"],
            "references": {"table": "p"}})",
         "missing field \"operations[0].create_constraint.references.columns\""},
        {R"("create_constraint": {"table": "t", "name": "f", "type": "foreign_key", "columns": ["a"],
            "references": {"table": "p", "column": "a"}})",
         "missing field \"operations[0].create_constraint.references.columns\""},
        {R"("create_constraint": {"table": "t", "name": "u", "type": "unique", "columns": ["a"], "deferrable": true})",
         "unknown field \"operations[0].create_constraint.deferrable\""},
    });
}

TEST(DropConstraint, ReadsItsFields) {
    EXPECT_EQ(ParseOne<DropConstraint>(R"("drop_constraint": {"table": "t", "name": "c", "up": "", "down": "a"})"),
              (DropConstraint{"t", "c", std::nullopt, "a"}));
    EXPECT_EQ(ParseOne<DropConstraint>(R"("drop_constraint": {"table": "t", "name": "c", "up": "b", "down": "a"})"),
              (DropConstraint{"t", "c", "b", "a"}));
    ExpectRefusals({
        {R"("drop_constraint": {"name": "c", "down": "a"})", "missing field \"operations[0].drop_constraint.table\""},
        {R"("drop_constraint": {"table": "t", "down": "a"})", "missing field \"operations[0].drop_constraint.name\""},
        {R"("drop_constraint": {"table": "t", "name": "c"})", "missing field \"operations[0].drop_constraint.down\""},
        {R"("drop_constraint": {"table": "t", "name": "c", "down": {"a": "a"}})",
         "field \"operations[0].drop_constraint.down\" must be a string"},
        {R"("drop_constraint": {"table": "t", "name": "c", "down": "a", "column": "a"})",
         "unknown field \"operations[0].drop_constraint.column\""},
    });
}

TEST(DropMulticolumnConstraint, ReadsItsFields) {
    EXPECT_EQ(ParseOne<DropMulticolumnConstraint>(
                  R"("drop_multicolumn_constraint": {"table": "t", "name": "c",
                  "up": {"a": "a", "b": ""}, "down": {"a": "1"}})"),
              (DropMulticolumnConstraint{"t", "c", {{"a", "a"}}, {{"a", "1"}}}));
    EXPECT_TRUE(ParseOne<DropMulticolumnConstraint>(
                    R"("drop_multicolumn_constraint": {"table": "t", "name": "c", "down": {"a": "1"}})")
                    .up.empty());
    ExpectRefusals({
        {R"("drop_multicolumn_constraint": {"name": "c", "down": {"a": "a"}})",
         "missing field \"operations[0].drop_multicolumn_constraint.table\""},
        {R"("drop_multicolumn_constraint": {"table": "t", "down": {"a": "a"}})",
         "missing field \"operations[0].drop_multicolumn_constraint.name\""},
        {R"("drop_multicolumn_constraint": {"table": "t", "name": "c"})",
         "missing field \"operations[0].drop_multicolumn_constraint.down\""},
        {R"("drop_multicolumn_constraint": {"table": "t", "name": "c", "down": {"a": ""}})",
         "missing field \"operations[0].drop_multicolumn_constraint.down\""},
        {R"("drop_multicolumn_constraint": {"table": "t", "name": "c", "down": "a"})",
         "field \"operations[0].drop_multicolumn_constraint.down\" must be an object of SQL texts by column"},
        {R"("drop_multicolumn_constraint": {"table": "t", "name": "c", "down": {"a": "a"}, "columns": ["a"]})",
         "unknown field \"operations[0].drop_multicolumn_constraint.columns\""},
    });
}

TEST(RenameConstraint, ReadsItsFields) {
    EXPECT_EQ(ParseOne<RenameConstraint>(R"("rename_constraint": {"table": "t", "from": "a", "to": "b"})"),
              (RenameConstraint{"t", "a", "b"}));
    ExpectRefusals({
        {R"("rename_constraint": {"from": "a", "to": "b"})", "missing field \"operations[0].rename_constraint.table\""},
        {R"("rename_constraint": {"table": "t", "to": "b"})", "missing field \"operations[0].rename_constraint.from\""},
        {R"("rename_constraint": {"table": "t", "from": "a"})", "missing field \"operations[0].rename_constraint.to\""},
        {R"("rename_constraint": {"table": "t", "from": "a", "to": "b", "name": "c"})",
         "unknown field \"operations[0].rename_constraint.name\""},
    });
}

}  // namespace
}  // namespace pgmigrate
