// SPDX-License-Identifier: PostgreSQL
#include "migration/rules.h"

#include "migration/support.h"

namespace pgmigrate {
namespace {

TEST(Rules, RefuseNamesPostgresqlWouldCut) {
    struct Case {
        std::string before;
        std::string after;
        std::string path;
    };
    const Case cases[] = {
        {R"("create_table": {"columns": [], "name": ")", R"("})", "create_table.name"},
        {R"("create_table": {"name": "t", "columns": [{"type": "int", "name": ")", R"("}]})",
         "create_table.columns[0].name"},
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int",
            "check": {"constraint": "a > 0", "name": ")",
         R"("}}]})", "create_table.columns[0].check.name"},
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int",
            "references": {"table": "p", "column": "id", "name": ")",
         R"("}}]})", "create_table.columns[0].references.name"},
        {R"("create_table": {"name": "t", "columns": [], "constraints": [{"type": "check", "check": "true", "name": ")",
         R"("}]})", "create_table.constraints[0].name"},
        {R"("rename_table": {"from": "a", "to": ")", R"("})", "rename_table.to"},
        {R"("add_column": {"table": "t", "column": {"nullable": true, "type": "int", "name": ")", R"("}})",
         "add_column.column.name"},
        {R"("rename_column": {"table": "t", "from": "a", "to": ")", R"("})", "rename_column.to"},
        {R"("alter_column": {"table": "t", "column": "a", "unique": {"name": ")", R"("}})", "alter_column.unique.name"},
        {R"("alter_column": {"table": "t", "column": "a", "up": "a", "down": "a",
            "check": {"constraint": "a > 0", "name": ")",
         R"("}})", "alter_column.check.name"},
        {R"("alter_column": {"table": "t", "column": "a", "up": "a", "down": "a",
            "references": {"table": "p", "column": "id", "name": ")",
         R"("}})", "alter_column.references.name"},
        {R"("create_constraint": {"table": "t", "type": "check", "check": "true", "name": ")", R"("})",
         "create_constraint.name"},
        {R"("rename_constraint": {"table": "t", "from": "a", "to": ")", R"("})", "rename_constraint.to"},
        {R"("create_index": {"table": "t", "columns": ["a"], "name": ")", R"("})", "create_index.name"},
    };
    for (const Case &test : cases) {
        EXPECT_EQ(Refuse(WrapOperation(test.before + std::string(63, 'x') + test.after)).text.message, "") << test.path;
        const Refusal refusal = Refuse(WrapOperation(test.before + std::string(64, 'x') + test.after));
        EXPECT_EQ(refusal.state, "42622") << test.path;
        EXPECT_EQ(refusal.text.message, "name in field \"operations[0]." + test.path + "\" is too long");
    }
}

TEST(Rules, CountNamesInBytes) {
    std::string name;
    while (name.size() < 64) name += "ü";
    const Refusal refusal = Refuse(R"({"operations": [], "version_schema": ")" + name + "\"}");
    EXPECT_EQ(refusal.state, "42622");
    EXPECT_EQ(refusal.text.message, "name in field \"version_schema\" is too long");
}

TEST(Rules, RefuseNamesOfSystemColumns) {
    const std::pair<std::string, std::string> cases[] = {
        {R"("create_table": {"name": "t", "columns": [{"name": "xmin", "type": "int"}]})",
         "create_table.columns[0].name"},
        {R"("add_column": {"table": "t", "column": {"nullable": true, "type": "int", "name": "ctid"}})",
         "add_column.column.name"},
        {R"("rename_column": {"table": "t", "from": "a", "to": "tableoid"})", "rename_column.to"},
    };
    for (const auto &[operation, path] : cases) {
        const Refusal refusal = Refuse(WrapOperation(operation));
        EXPECT_EQ(refusal.state, "42701") << path;
        EXPECT_TRUE(refusal.text.message.starts_with("field \"operations[0]." + path + "\" names a column"))
            << refusal.text.message;
    }
    EXPECT_EQ(Refuse(WrapOperation(R"("rename_column": {"table": "t", "from": "a", "to": "CTID"})")).text.message, "");
}

/// A new table with columns a and b, and one constraint.
std::string WithConstraint(std::string_view constraint) {
    return R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int"}, {"name": "b", "type": "int"}],
        "constraints": [{"name": "x", )" +
           std::string(constraint) + "}]}";
}

TEST(Rules, KnowWhatAConstraintNeedsAndHas) {
    struct Case {
        std::string_view constraint;
        std::string_view field;
        std::string_view type;  ///< empty: the field is missing
    };
    const Case cases[] = {
        {R"("type": "unique")", "columns", ""},
        {R"("type": "primary_key", "columns": [])", "columns", ""},
        {R"("type": "foreign_key", "references": {"table": "p", "columns": ["id"]})", "columns", ""},
        {R"("type": "foreign_key", "columns": ["a"])", "references", ""},
        {R"("type": "check", "columns": ["a"])", "check", ""},
        {R"("type": "check", "check": "")", "check", ""},
        {R"("type": "exclude")", "exclude", ""},
        {R"("type": "unique", "columns": ["a"], "check": "a > 0")", "check", "unique"},
        {R"("type": "unique", "columns": ["a"], "no_inherit": true)", "no_inherit", "unique"},
        {R"("type": "unique", "columns": ["a"], "references": {"table": "p", "columns": ["id"]})", "references",
         "unique"},
        {R"("type": "unique", "columns": ["a"], "exclude": {"elements": "a WITH ="})", "exclude", "unique"},
        {R"("type": "check", "check": "a > 0", "index_parameters": {"tablespace": "x"})", "index_parameters", "check"},
        {R"("type": "check", "check": "a > 0", "deferrable": true)", "deferrable", "check"},
        {R"("type": "check", "check": "a > 0", "initially_deferred": true)", "initially_deferred", "check"},
        {R"("type": "check", "check": "a > 0", "nulls_not_distinct": true)", "nulls_not_distinct", "check"},
        {R"("type": "primary_key", "columns": ["a"], "nulls_not_distinct": true)", "nulls_not_distinct", "primary_key"},
        {R"("type": "foreign_key", "columns": ["a"], "references": {"table": "p", "columns": ["id"]},
            "index_parameters": {"include_columns": ["b"]})",
         "index_parameters", "foreign_key"},
        {R"("type": "exclude", "columns": ["a"], "exclude": {"elements": "a WITH ="})", "columns", "exclude"},
    };
    for (const Case &test : cases) {
        const Refusal refusal = Refuse(WrapOperation(WithConstraint(test.constraint)));
        const std::string path = "\"operations[0].create_table.constraints[0]." + std::string(test.field) + '"';
        const std::string wanted = test.type.empty() ? "missing field " + path
                                                     : "field " + path + " does not apply to a constraint of type \"" +
                                                           std::string(test.type) + '"';
        EXPECT_EQ(refusal.text.message, wanted) << test.constraint;
        EXPECT_EQ(refusal.state, "22023");
    }
}

TEST(Rules, AcceptWhatAConstraintMayHave) {
    for (
        const std::string_view constraint : {
            R"("type": "unique", "columns": ["a"], "deferrable": true,
                "nulls_not_distinct": true, "no_inherit": false)",
            R"("type": "check", "check": "a > b", "no_inherit": true, "deferrable": false, "index_parameters": {})",
            R"("type": "primary_key", "columns": ["a"], "index_parameters": {"include_columns": ["b"]})",
            R"("type": "foreign_key", "columns": ["a"], "deferrable": true,
                "references": {"table": "p", "columns": ["id"]})",
            R"("type": "foreign_key", "columns": ["a", "b"], "references": {"table": "p", "columns": ["c", "d"],
                "on_delete": "SET NULL", "on_delete_set_columns": ["b"]})",
            R"("type": "exclude", "exclude": {"elements": "a WITH ="}, "deferrable": true, "initially_deferred": true)",
        }) {
        EXPECT_EQ(Refuse(WrapOperation(WithConstraint(constraint))).text.message, "") << constraint;
    }
}

TEST(Rules, CheckForeignKeys) {
    const std::string path = "operations[0].create_table.constraints[0]";
    const auto refuse = [](std::string_view references) {
        return Refuse(
            WrapOperation(WithConstraint(R"("type": "foreign_key", "columns": ["a"], "references": {"table": "p", )" +
                                         std::string(references) + "}")));
    };
    EXPECT_EQ(refuse(R"("columns": ["x"], "on_delete_set_columns": ["a"])").text.message,
              "field \"" + path + ".references.on_delete_set_columns\" needs an action that sets columns");
    EXPECT_EQ(refuse(R"("columns": ["x"], "on_delete": "set null", "on_delete_set_columns": ["a", "b"])").text.message,
              "field \"" + path +
                  ".references.on_delete_set_columns[1]\" names \"b\", which is not a column of the foreign key");
    EXPECT_EQ(refuse(R"("columns": ["x", "y"])").text.message,
              "field \"" + path + ".references.columns\" must have as many columns as \"columns\"");
    const Refusal partial = refuse(R"("columns": ["x"], "match_type": "PARTIAL")");
    EXPECT_EQ(partial.text.message, "field \"" + path + ".references.match_type\" asks for MATCH PARTIAL");
    EXPECT_EQ(partial.state, "0A000");
}

TEST(Rules, CheckNewTables) {
    ExpectRefusals({
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int"}, {"name": "a", "type": "text"}]})",
         "field \"operations[0].create_table.columns[1].name\" names column \"a\" again", "42701"},
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int"}],
            "constraints": [{"name": "u", "type": "unique", "columns": ["a", "a"]}]})",
         "field \"operations[0].create_table.constraints[0].columns[1]\" names column \"a\" again", "42701"},
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int"}],
            "constraints": [{"name": "u", "type": "unique", "columns": ["a", "b"]}]})",
         "field \"operations[0].create_table.constraints[0].columns[1]\" names column \"b\", which the table does not "
         "have",
         "42703"},
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int"}],
            "constraints": [{"name": "u", "type": "unique", "columns": ["a"],
                             "index_parameters": {"include_columns": ["b"]}}]})",
         "field \"operations[0].create_table.constraints[0].index_parameters.include_columns[0]\" names column \"b\", "
         "which "
         "the table does not have",
         "42703"},
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int", "pk": true}],
            "constraints": [{"name": "k", "type": "primary_key", "columns": ["a"]}]})",
         "field \"operations[0].create_table.constraints[0]\" is a second primary key"},
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int"}],
            "constraints": [{"name": "k", "type": "primary_key", "columns": ["a"]},
                            {"name": "l", "type": "primary_key", "columns": ["a"]}]})",
         "field \"operations[0].create_table.constraints[1]\" is a second primary key"},
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int",
            "generated": {"expression": "1", "identity": {}}}]})",
         "field \"operations[0].create_table.columns[0].generated\" must have either \"expression\" or \"identity\""},
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int", "generated": {}}]})",
         "field \"operations[0].create_table.columns[0].generated\" must have either \"expression\" or \"identity\""},
        {R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int",
            "references": {"name": "f", "table": "p", "column": "id", "initially_deferred": true}}]})",
         "field \"operations[0].create_table.columns[0].references.initially_deferred\" needs a deferrable constraint"},
    });
}

TEST(Rules, AcceptACompositeKeyOnColumns) {
    EXPECT_EQ(
        Refuse(WrapOperation(R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int", "pk": true},
        {"name": "b", "type": "int", "pk": true}]})"))
            .state,
        "");
}

TEST(Rules, CheckAddedColumns) {
    ExpectRefusals({
        {R"("add_column": {"table": "t", "column": {"name": "a", "type": "int", "pk": true}})",
         "field \"operations[0].add_column.column.pk\" cannot be true"},
        {R"("add_column": {"table": "t", "column": {"name": "a", "type": "int", "generated": {"expression": "1"}}})",
         "field \"operations[0].add_column.column.generated\" is not supported", "0A000"},
        {R"("add_column": {"table": "t", "column": {"name": "a", "type": "int",
            "generated": {"expression": "1", "identity": {}}}})",
         "field \"operations[0].add_column.column.generated\" must have either \"expression\" or \"identity\""},
        {R"("add_column": {"table": "t", "column": {"name": "a", "type": "int"}})",
         "missing field \"operations[0].add_column.up\""},
    });
    for (const std::string_view column : {R"("type": "int", "nullable": true)", R"("type": "int", "default": "1")",
                                          R"("type": "BigSerial")", R"("type": "serial4")"}) {
        const std::string text =
            R"("add_column": {"table": "t", "column": {"name": "a", )" + std::string(column) + "}}";
        EXPECT_EQ(Refuse(WrapOperation(text)).text.message, "") << column;
    }
}

TEST(Rules, CheckAlteredColumns) {
    const std::string path = "operations[0].alter_column";
    struct Case {
        std::string_view change;
        std::string message;  ///< empty: accepted
    };
    const Case cases[] = {
        {R"("up": "a", "down": "a")", "operation \"" + path + "\" changes nothing"},
        {R"("type": "", "default": "")", "operation \"" + path + "\" changes nothing"},
        {R"("type": "text", "down": "a")", "missing field \"" + path + ".up\""},
        {R"("type": "text", "up": "a")", "missing field \"" + path + ".down\""},
        {R"("type": "text", "up": "a", "down": "")", "missing field \"" + path + ".down\""},
        {R"("check": {"name": "c", "constraint": "a > 0"}, "down": "a")", "missing field \"" + path + ".up\""},
        {R"("check": {"name": "c", "constraint": "a > 0"}, "up": "a")", "missing field \"" + path + ".down\""},
        {R"("references": {"name": "c", "table": "p", "column": "x"}, "down": "a")",
         "missing field \"" + path + ".up\""},
        {R"("references": {"name": "c", "table": "p", "column": "x"}, "up": "a")",
         "missing field \"" + path + ".down\""},
        {R"("nullable": false, "down": "a")", "missing field \"" + path + ".up\""},
        {R"("nullable": true, "up": "a")", "missing field \"" + path + ".down\""},
        {R"("nullable": false, "up": "a")", ""},
        {R"("nullable": true, "down": "a")", ""},
        {R"("unique": {"name": "u"})", ""},
        {R"("default": null)", ""},
        {R"("comment": "x")", ""},
        {R"("type": "text", "up": "a", "down": "a")", ""},
    };
    for (const Case &test : cases) {
        const Refusal refusal =
            Refuse(WrapOperation(R"("alter_column": {"table": "t", "column": "a", )" + std::string(test.change) + "}"));
        EXPECT_EQ(refusal.text.message, test.message) << test.change;
        EXPECT_EQ(refusal.state, test.message.empty() ? "" : "22023") << test.change;
    }
}

TEST(Rules, WantAnExpressionForEachConstrainedColumn) {
    const auto wrap = [](std::string_view rest) {
        return R"("create_constraint": {"table": "t", "name": "u", "type": "unique", "columns": ["a", "b"], )" +
               std::string(rest) + "}";
    };
    const std::string none = wrap(R"("up": {})");
    const std::string no_down = wrap(R"("up": {"a": "a", "b": "b"})");
    const std::string half = wrap(R"("up": {"a": "a", "b": "b"}, "down": {"a": "a"})");
    const std::string empty = wrap(R"("up": {"a": "a", "b": ""}, "down": {"a": "a", "b": "b"})");
    const std::string more = wrap(R"("up": {"a": "a", "b": "b"}, "down": {"a": "a", "b": "b", "c": "c"})");
    ExpectRefusals({
        {none, "missing field \"operations[0].create_constraint.up.a\""},
        {no_down, "missing field \"operations[0].create_constraint.down.a\""},
        {half, "missing field \"operations[0].create_constraint.down.b\""},
        {empty, "missing field \"operations[0].create_constraint.up.b\""},
        {more, "field \"operations[0].create_constraint.down.c\" is redundant"},
    });
}

TEST(Rules, WantAnIndexForReplicaIdentityIndex) {
    ExpectRefusals({{R"("set_replica_identity": {"table": "t", "identity": {"type": "index"}})",
                     "missing field \"operations[0].set_replica_identity.identity.index\""}});
}

TEST(Rules, RefuseRollbackOfSqlAtCompletion) {
    ExpectRefusals({{R"("sql": {"up": "SELECT 1", "down": "SELECT 2", "onComplete": true})",
                     "field \"operations[0].sql.down\" cannot be combined with \"onComplete\""}});
}

}  // namespace
}  // namespace pgmigrate
