// SPDX-License-Identifier: PostgreSQL
#include "migration/parse.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "migration/document.h"
#include "migration/support.h"

namespace pgmigrate {
namespace {

using ::testing::HasSubstr;

TEST(ParseMigration, ReadsBothForms) {
    const Migration json =
        ParseMigration(R"( {"version_schema": "v2", "operations": [{"drop_table": {"name": "t"}}]})");
    const Migration yaml = ParseMigration("version_schema: v2\noperations:\n  - drop_table:\n      name: t\n");
    EXPECT_EQ(json.version_schema, "v2");
    EXPECT_EQ(std::get<DropTable>(json.operations.at(0)).name, "t");
    EXPECT_EQ(json, yaml);
}

TEST(ParseMigration, MayHaveNoOperations) {
    for (const std::string_view text :
         {R"({"operations": []})", "operations: []", "\xEF\xBB\xBF{\"operations\": []}"}) {
        const Migration migration = ParseMigration(text);
        EXPECT_TRUE(migration.operations.empty());
        EXPECT_EQ(migration.version_schema, std::nullopt);
    }
}

TEST(ParseMigration, IgnoresTheNameOfOldFiles) {
    EXPECT_EQ(Refuse(R"({"name": "01_init", "operations": []})").state, "");
    EXPECT_EQ(Refuse("name: 1\noperations: []").state, "");
}

struct TextCase {
    std::string_view text;
    std::string_view state;
    std::string_view message;
};

TEST(ParseMigration, RefusesWhatIsNoMigration) {
    const TextCase cases[] = {
        {"", "22023", "migration is empty"},
        {" \n\t", "22023", "migration is empty"},
        {"--- \n", "22023", "migration must be an object"},
        {"# only a comment\n", "22023", "migration must be an object"},
        {"hello", "22023", "migration must be an object"},
        {"[]", "22023", "list of migrations is empty"},
        {"[{}]", "22023", "missing field \"[0].operations\""},
        {"[[]]", "22023", "field \"[0]\" must be an object"},
        {R"([{"operations": []}, {"operations": [{"drop_table": {"name": "t", "cascade": true}}]}])", "22023",
         "unknown field \"[1].operations[0].drop_table.cascade\""},
        {"operations: []\n---\noperations: [{drop_table: {}}]", "22023",
         "missing field \"[1].operations[0].drop_table.name\""},
        {"operations: []\n---\nhello", "22023", "field \"[1]\" must be an object"},
        {"[{\"operations\": []}", "22P02", "migration is not valid JSON"},
        {"{}", "22023", "missing field \"operations\""},
        {R"({"operations": null})", "22023", "missing field \"operations\""},
        {R"({"operations": {}})", "22023", "field \"operations\" must be a list"},
        {R"({"operations": 1})", "22023", "field \"operations\" must be a list"},
        {R"({"operations": [], "version": "1"})", "22023", "unknown field \"version\""},
        {R"({"operations": [], "version_schema": ["v"]})", "22023", "field \"version_schema\" must be a string"},
        {R"({"operations": ["drop_table"]})", "22023", "field \"operations[0]\" must be an object with one operation"},
        {R"({"operations": [{}]})", "22023", "field \"operations[0]\" holds no operation"},
        {R"({"operations": [{"drop_table": {"name": "a"}, "drop_index": {"name": "b"}}]})", "22023",
         "field \"operations[0]\" holds more than one operation"},
        {R"({"operations": [{"create_view": {}}]})", "22023", "unknown operation \"operations[0].create_view\""},
        {"{\"operations\": [", "22P02", "migration is not valid JSON"},
        {"{\"operations\": []} x", "22P02", "migration is not valid JSON"},
        {"{'operations': []}", "22P02", "migration is not valid JSON"},
        {"operations: [", "22P02", "migration is not valid YAML"},
        {"operations:\n\t- a", "22P02", "migration is not valid YAML"},
        {"operations: []\n? [a]\n: b", "22P02", "migration is not valid YAML"},
        {"operations: &a [*a]", "22P02", "migration is not valid YAML"},
        {"operations: []\n\x04 ignored: true", "22P02", "migration is not valid YAML"},
        {"operations: [\"\xff\"]", "22P02", "migration is not valid UTF-8"},
        {R"({"operations": [{"sql": {"up": "a\u0000b"}}]})", "22P02",
         "field \"operations[0].sql.up\" contains a zero byte"},
        {R"(operations: [{sql: {up: "a\0b"}}])", "22P02", "field \"operations[0].sql.up\" contains a zero byte"},
    };
    for (const TextCase &test : cases) {
        const Refusal refusal = Refuse(test.text);
        EXPECT_EQ(refusal.text.message, test.message) << test.text;
        EXPECT_EQ(refusal.state, test.state) << test.text;
        EXPECT_NE(refusal.text.hint, "") << test.text;
    }
}

TEST(ParseMigration, SaysWhereTheTextIsWrong) {
    EXPECT_THAT(Refuse("{\n  \"operations\": oops}").text.detail, HasSubstr("line 2"));
    EXPECT_THAT(Refuse("operations:\n  - a: [\n").text.detail, HasSubstr("Line "));
}

TEST(ParseMigration, RefusesRepeatedKeys) {
    EXPECT_EQ(Refuse(R"({"operations": [], "operations": []})").text.message, "field \"operations\" occurs twice");
    EXPECT_EQ(Refuse(R"({"operations": [{"sql": {"up": "1"}}, {"sql": {"up": "1", "up": "2"}}]})").text.message,
              "field \"operations[1].sql.up\" occurs twice");
    EXPECT_EQ(Refuse("operations:\n- sql:\n    up: a\n    up: b\n").text.message,
              "field \"operations[0].sql.up\" occurs twice");
}

TEST(ParseMigration, SuggestsWhatWasMeant) {
    struct Case {
        std::string_view operation;
        std::string_view hint;
    };
    const Case cases[] = {
        {R"("add_colum": {})", "Did you mean \"add_column\"?"},
        {R"("addColumn": {})", "Did you mean \"add_column\"?"},
        {R"("drop_tabel": {})", "Did you mean \"drop_table\"?"},
        {R"("SQL": {})", "Did you mean \"sql\"?"},
        {R"("sql": {"up": "SELECT 1", "on_complete": true})", "Did you mean \"onComplete\"?"},
        {R"("sql": {"up": "SELECT 1", "undo": "SELECT 2"})", "Known fields are: down, onComplete, up."},
        {R"("drop_table": {"nmae": "t"})", "Did you mean it by \"nmae\"?"},
        {R"("drop_table": {"table": "t"})", "Add \"name\"."},
        {R"("drop_table": {"name": null})", "Give it a value; an SQL NULL is written in quotes: \"NULL\"."},
        {R"("create_constraint": {"table": "t", "name": "c", "type": "foreignkey"})", "Did you mean \"foreign_key\"?"},
        {R"("create_constraint": {"table": "t", "name": "c", "type": "x"})",
         "Known values are: unique, check, primary_key, foreign_key."},
    };
    for (const Case &test : cases) {
        const Refusal refusal = Refuse(WrapOperation(test.operation));
        EXPECT_EQ(refusal.text.hint, test.hint) << test.operation;
    }
    const std::string all = Refuse(WrapOperation(R"("vacuum": {})")).text.hint;
    EXPECT_THAT(all, HasSubstr("Known operations are: create_table, rename_table"));
    EXPECT_THAT(all, HasSubstr("set_replica_identity, sql."));
}

TEST(ParseMigration, KeepsMessagesOnOneLine) {
    const Refusal refusal = Refuse("{\"operations\": [], \"a\\nb" + std::string(100, 'x') + "\": 1}");
    EXPECT_EQ(refusal.text.message, "unknown field \"a?b" + std::string(60, 'x') + "...\"");
}

TEST(ParseMigration, BoundsNestingAndSize) {
    const auto nest = [](std::string_view before, std::string_view open, std::size_t times) {
        std::string text(before);
        while (times-- > 0) text += open;
        return text;
    };
    for (const std::string &text : {nest("{\"a\": ", "[", 1'000'000), nest("", "{\"a\":", 1'000'000),
                                    nest("a: ", "{b: ", 100'000), nest("", "- ", 100'000)}) {
        const Refusal refusal = Refuse(text);
        EXPECT_EQ(refusal.text.message, "migration is nested too deeply") << text.substr(0, 20);
        EXPECT_EQ(refusal.state, "22023");
    }
    for (const std::string &text : {nest("a: ", "[", 100'000), nest("a: ", "{", 100'000), nest("", "? ", 100'000)})
        EXPECT_EQ(Refuse(text).state, "22P02") << text.substr(0, 20);
    EXPECT_EQ(Refuse(nest("{\"a\": [1", ", 1", 100'000) + "]}").text.message, "migration is too large");
    EXPECT_EQ(Refuse("{\"a\": \"" + std::string(kMostTextBytes, 'x') + "\"}").text.message, "migration is too large");
}

TEST(ParseMigration, BoundsAliasesOfAliases) {
    std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int level = 1; level < 12; ++level) {
        const std::string before = "*a" + std::to_string(level - 1);
        text += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [" + before;
        for (int copy = 1; copy < 10; ++copy) text += ", " + before;
        text += "]\n";
    }
    EXPECT_EQ(Refuse(text).text.message, "migration is too large");
}

/// The default of a column as a YAML scalar gives it.
std::optional<std::string> ReadDefault(std::string_view scalar) {
    const Migration migration = ParseMigration(
        "operations:\n- create_table:\n    name: t\n    columns:\n    - name: a\n      type: int\n      default: " +
        std::string(scalar) + "\n");
    return std::get<CreateTable>(migration.operations.at(0)).columns.at(0).default_value;
}

TEST(YamlScalars, AreTheTextOfStringFields) {
    struct Case {
        std::string_view scalar;
        std::optional<std::string> wanted;
    };
    const Case cases[] = {
        {"\"100\"", "100"},
        {"100", "100"},
        {"0.00", "0.00"},
        {"1e3", "1e3"},
        {"007", "007"},
        {"0x1F", "0x1F"},
        {"true", "true"},
        {"False", "False"},
        {"no", "no"},
        {"'''x'''", "'x'"},
        {"\"'x'\"", "'x'"},
        {"now()", "now()"},
        {"'null'", "null"},
        {"!!str 5", "5"},
        {"!!str null", "null"},
        {"2024-01-31", "2024-01-31"},
        {"null", std::nullopt},
        {"~", std::nullopt},
        {"", std::nullopt},
        {"''", std::nullopt},
        {">\n        a\n        + b", "a + b\n"},
    };
    for (const Case &test : cases) EXPECT_EQ(ReadDefault(test.scalar), test.wanted) << test.scalar;
}

TEST(YamlScalars, AreBooleansInBooleanFields) {
    const auto read = [](std::string_view scalar) {
        const std::string text =
            "operations:\n- create_table: {name: t, columns: [{name: a, type: int, nullable: " + std::string(scalar) +
            "}]}\n";
        return std::get<CreateTable>(ParseMigration(text).operations.at(0)).columns.at(0).nullable;
    };
    for (const std::string_view scalar : {"true", "True", "yes", "on", "y"}) EXPECT_TRUE(read(scalar)) << scalar;
    for (const std::string_view scalar : {"false", "no", "OFF", "n", "null", ""}) EXPECT_FALSE(read(scalar)) << scalar;
    for (const std::string_view scalar : {"\"true\"", "1", "maybe"}) EXPECT_THROW(read(scalar), Error) << scalar;
}

TEST(YamlNull, RemovesInAlterColumn) {
    const Migration migration = ParseMigration(
        "operations:\n- alter_column:\n    table: t\n    column: a\n    default: null\n    comment: 'null'\n");
    const auto &operation = std::get<AlterColumn>(migration.operations.at(0));
    EXPECT_EQ(operation.default_value, Change{std::nullopt});
    EXPECT_EQ(operation.comment, Change{"null"});
}

TEST(YamlKeys, AreNamesWhateverTheyLookLike) {
    const Migration migration = ParseMigration(
        "operations:\n- drop_multicolumn_constraint:\n    table: t\n    name: c\n    down: {no: a, 1: b, null: c, \"x "
        "y\": d}\n");
    EXPECT_EQ(std::get<DropMulticolumnConstraint>(migration.operations.at(0)).down,
              (ColumnExpressions{{"no", "a"}, {"1", "b"}, {"null", "c"}, {"x y", "d"}}));
}

TEST(YamlAliases, StandForWhatTheyName) {
    const Migration migration = ParseMigration(R"(operations:
- create_table: &base
    name: a
    columns: &columns
    - {name: id, type: &key bigint}
- create_table: {name: b, columns: *columns}
- create_table: {<<: *base, name: c}
- create_table: {<<: [*base], name: d, comment: *key}
)");
    ASSERT_EQ(migration.operations.size(), 4U);
    const auto &first = std::get<CreateTable>(migration.operations[0]);
    for (const std::size_t at : {1U, 2U, 3U}) {
        EXPECT_EQ(std::get<CreateTable>(migration.operations[at]).columns, first.columns) << at;
    }
    EXPECT_EQ(std::get<CreateTable>(migration.operations[2]).name, "c");
    EXPECT_EQ(std::get<CreateTable>(migration.operations[3]).comment, "bigint");
    EXPECT_EQ(Refuse("operations: []\n<<: x").text.message, "unknown field \"<<\"");
}

TEST(JsonScalars, AreTheTextOfStringFields) {
    const auto read = [](const std::string &scalar) {
        return ParseOne<CreateTable>(
                   R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int", "default": )" + scalar +
                   "}]}")
            .columns.at(0)
            .default_value;
    };
    EXPECT_EQ(read("100"), "100");
    EXPECT_EQ(read("-7"), "-7");
    EXPECT_EQ(read("0.00"), "0.00");
    EXPECT_EQ(read("123456789012345678901234567890"), "123456789012345678901234567890");
    EXPECT_EQ(read("true"), "true");
    EXPECT_EQ(read("null"), std::nullopt);
    EXPECT_EQ(read("\"\\u003ca\\u003e \\ud83d\\ude00\""), "<a> \U0001F600");
}

TEST(NormalizeToJson, WritesWhatWasRead) {
    EXPECT_EQ(
        NormalizeToJson("operations:\n- create_table:\n    name: no\n    columns:\n"
                        "    - {name: a, type: int, nullable: yes, default: 0.00, comment: ~}\n"),
        R"({"operations": [{"create_table": {"name": "no", "columns": [{"name": "a", "type": "int", "nullable": true, )"
        R"("default": "0.00", "comment": null}]}}]})");
    EXPECT_EQ(NormalizeToJson(R"({"operations":[],"name":"\"\n"})"), R"({"operations": [], "name": "\"\n"})");
}

TEST(NormalizeToJson, IsReadAsTheSameMigration) {
    const std::string_view text =
        "version_schema: 12\noperations:\n- alter_column:\n    table: t\n    column: 'on'\n"
        "    nullable: off\n    default: null\n    up: \"coalesce(\\\"on\\\", 'ü')\"\n";
    const std::string json = NormalizeToJson(text);
    EXPECT_EQ(ParseMigration(json), ParseMigration(text));
    EXPECT_EQ(NormalizeToJson(json), json);
}

TEST(NormalizeToJson, RefusesWhatParseMigrationRefuses) {
    EXPECT_THROW(NormalizeToJson(R"({"operations": [{"drop_table": {}}]})"), Error);
}

TEST(ParseMigration, SeveralMigrationsBecomeOne) {
    const std::string_view drop_a = R"({"version_schema": "v1", "operations": [{"drop_table": {"name": "a"}}, {"drop_table": {"name": "b"}}]})";
    const std::string_view drop_c = R"({"name": "c", "operations": [{"drop_index": {"name": "c"}}]})";
    const std::string json = fmt::format(R"( [{}, {{"operations": []}}, {}])", drop_a, drop_c);
    const Migration several = ParseMigration(json);
    EXPECT_EQ(several.version_schema, "v1");
    EXPECT_EQ(several.parts, (std::vector<std::size_t>{2, 0, 1}));
    ASSERT_EQ(several.operations.size(), 3);
    EXPECT_EQ(PlaceOf(several, 0), "[0].operations[0].drop_table");
    EXPECT_EQ(PlaceOf(several, 1), "[0].operations[1].drop_table");
    EXPECT_EQ(PlaceOf(several, 2), "[2].operations[0].drop_index");
    EXPECT_EQ(NormalizeToJson(json).front(), '[');
    EXPECT_EQ(ParseMigration(fmt::format("--- {}\n---\noperations: []\n--- {}\n---\n", drop_a, drop_c)), several);
    EXPECT_EQ(ParseMigration(NormalizeToJson(json)), several);
}

TEST(ParseMigration, TheLastVersionSchemaCounts) {
    EXPECT_EQ(ParseMigration("version_schema: a\noperations: []\n---\nversion_schema: b\noperations: []\n---\noperations: []").version_schema, "b");
    EXPECT_FALSE(ParseMigration("[{\"operations\": []}]").version_schema);
}

TEST(ParseMigration, OneYamlDocumentMayEndWithDashes) {
    EXPECT_TRUE(ParseMigration("---\noperations: []\n---\n").parts.empty());
    EXPECT_TRUE(ParseMigration("operations: []\n...\n").parts.empty());
}

TEST(PlaceOf, OneMigrationHasNoIndex) {
    EXPECT_EQ(PlaceOf(ParseMigration(WrapOperation(R"("drop_table": {"name": "t"})")), 0), "operations[0].drop_table");
}

TEST(ParseMigration, AnchorsBelongToTheirDocument) {
    EXPECT_EQ(Refuse("operations: &a []\n---\noperations: *a").state, "22P02");
}

}  // namespace
}  // namespace pgmigrate
