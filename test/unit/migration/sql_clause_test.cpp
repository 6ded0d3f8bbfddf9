// SPDX-License-Identifier: PostgreSQL
#include "migration/sql_clause.h"

#include <gtest/gtest.h>

#include <string_view>

#include "migration/support.h"

namespace pgmigrate {
namespace {

TEST(FindEscape, LetsClausesPass) {
    for (const std::string_view clause :
         {"", "fillfactor=70", "fillfactor = 70, deduplicate_items = off", "\"C\"", "pg_catalog.\"de-DE;x-icu\"",
          "c WITH =, (lower(\"a;b\")) WITH OPERATOR(pg_catalog.&&)", "note = 'it''s; -- (no comment) $'",
          "a[1] = (b)[2]", "a - -1", "a / b * c", "\"a\"\"b\"", "''", "ARRAY['(', ')']", "größe = 'ü'"})
        EXPECT_EQ(FindEscape(clause), std::nullopt) << clause;
}

TEST(FindEscape, FindsWhatReachesFurther) {
    for (const std::string_view clause : {"fillfactor=70); DROP TABLE t; --",
                                          "fillfactor=70) WHERE (true",
                                          "a WITH =) WHERE (false",
                                          "a;b",
                                          "a -- b",
                                          "a /* b",
                                          "a */* b",
                                          "'a",
                                          "\"a",
                                          "a)",
                                          "(a",
                                          "[a)",
                                          "(a]",
                                          "$$a$$",
                                          "$1",
                                          "E'\\'); DROP TABLE t; --'",
                                          "'\\'); DROP TABLE t; --'",
                                          "U&\"\\0041\"",
                                          "\\",
                                          "'\"' \"",
                                          "'a\"b'\"c"})
        EXPECT_NE(FindEscape(clause), std::nullopt) << clause;
}

TEST(Rules, KeepVerbatimTextInItsPlace) {
    const std::string_view table = R"("create_table": {"name": "t", "columns": [{"name": "a", "type": "int")";
    const std::string path = "operations[0].create_table.constraints[0].";
    const auto constraint = [&](std::string_view rest) {
        return std::string(table) + R"(}], "constraints": [{"name": "c", )" + std::string(rest) + "}]}";
    };
    const std::string unique = constraint(
        R"("type": "unique", "columns": ["a"], "index_parameters": {"storage_parameters": "fillfactor=9); SELECT 1; --"})");
    const std::string elements = constraint(R"("type": "exclude", "exclude": {"elements": "a WITH =) WHERE (true"})");
    const std::string predicate =
        constraint(R"("type": "exclude", "exclude": {"elements": "a WITH =", "predicate": "true); DROP TABLE x; --"})");
    const std::string identity =
        std::string(table) + R"(, "generated": {"identity": {"sequence_options": "START 1); DROP TABLE x; --"}}}]})";
    const auto index = [](std::string_view column, std::string_view rest) {
        return R"("create_index": {"name": "i", "table": "t", "columns": [{"column": "a")" + std::string(column) +
               "}]" + std::string(rest) + "}";
    };
    const std::string storage = index("", R"(, "storage_parameters": "fillfactor=70) WHERE (true")");
    const std::string collate = index(R"(, "collate": "\"C\"); DROP TABLE x; --")", "");
    const std::string opclass = index(R"(, "opclass": {"name": "int4_ops); DROP TABLE x; --"})", "");
    const std::string parameter = index(R"(, "opclass": {"name": "gist_ops", "params": ["a=1", "b='"]})", "");
    const auto message = [](const std::string &field) {
        return "field \"" + field + "\" is not a clause of an SQL statement";
    };
    const std::string messages[] = {
        message(path + "index_parameters.storage_parameters"),
        message(path + "exclude.elements"),
        message(path + "exclude.predicate"),
        message("operations[0].create_table.columns[0].generated.identity.sequence_options"),
        message("operations[0].create_index.storage_parameters"),
        message("operations[0].create_index.columns[0].collate"),
        message("operations[0].create_index.columns[0].opclass.name"),
        message("operations[0].create_index.columns[0].opclass.params")};
    ExpectRefusals({{unique, messages[0]},
                    {elements, messages[1]},
                    {predicate, messages[2]},
                    {identity, messages[3]},
                    {storage, messages[4]},
                    {collate, messages[5]},
                    {opclass, messages[6]},
                    {parameter, messages[7]}});
}

}  // namespace
}  // namespace pgmigrate
