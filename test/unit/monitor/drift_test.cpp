// SPDX-License-Identifier: PostgreSQL
#include "monitor/drift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgmigrate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Schema(const std::string &tables) { return R"j({"name": "public", "tables": {)j" + tables + "}}"; }

const std::string kUsers = R"j("users": {"oid": "1", "comment": "people", "primaryKey": ["id"],
  "columns": {"id": {"name": "id", "type": "integer", "nullable": false, "unique": true},
              "email": {"name": "email", "type": "text", "nullable": true, "default": "''::text"}},
  "indexes": {"users_pkey": {"definition": "CREATE UNIQUE INDEX users_pkey", "valid": true}, "users_email_key": {"definition": "CREATE UNIQUE INDEX x"}},
  "uniqueConstraints": {"users_email_key": {"definition": "UNIQUE (email)"}},
  "checkConstraints": {"c": {"definition": "CHECK ((id > 0))"}}, "foreignKeys": {}})j";

std::string Replace(std::string text, const std::string &from, const std::string &to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

std::vector<std::string> Differences(const std::string &stored, const std::string &now, DefinitionBy by = DefinitionBy::kPgmigrate) {
    std::vector<std::string> lines;
    for (const SchemaDifference &difference : CompareSchemas(Schema(stored), Schema(now), by)) lines.push_back(Describe(difference));
    return lines;
}

TEST(CompareSchemas, WhatIsTheSameIsNoDifference) {
    EXPECT_THAT(Differences(kUsers, kUsers), IsEmpty());
    EXPECT_THAT(Differences(kUsers, Replace(kUsers, R"j("oid": "1")j", R"j("oid": "2")j")), IsEmpty()) << "a dump and restore changes it";
    EXPECT_THAT(CompareSchemas("{}", "[]"), IsEmpty());
    EXPECT_THAT(CompareSchemas("", R"j({"tables": null})j"), IsEmpty());
}

TEST(CompareSchemas, Tables) {
    EXPECT_THAT(Differences(kUsers, kUsers + R"j(, "audit": {"columns": {"a": {"type": "text"}}})j"), ElementsAre("table audit was added"));
    EXPECT_THAT(Differences(kUsers, ""), ElementsAre("table users was dropped"));
    EXPECT_THAT(Differences(kUsers, Replace(Replace(kUsers, R"j("comment": "people", )j", ""), R"j(["id"])j", R"j(["id", "email"])j")),
                ElementsAre("table users was changed: comment was people, is none; primary key was (id), is (id, email)"));
}

TEST(CompareSchemas, ColumnsTellWhichFactsChanged) {
    const std::string now = Replace(Replace(kUsers, R"j("type": "text", "nullable": true)j", R"j("type": "varchar(10)", "nullable": false)j"),
                                    R"j(, "default": "''::text")j", "");
    EXPECT_THAT(Differences(kUsers, now),
                ElementsAre("column users.email was changed: type was text, is varchar(10); default was ''::text, is none; nullable was true, is false"));
    const std::string renamed = Replace(kUsers, R"j("email": {)j", R"j("mail": {)j");
    EXPECT_THAT(Differences(kUsers, renamed), ElementsAre("column users.email was dropped: text", "column users.mail was added: text"));
}

TEST(CompareSchemas, AConstraintAndItsIndexAreOneDifference) {
    std::string now = Replace(kUsers, R"j(, "users_email_key": {"definition": "CREATE UNIQUE INDEX x"})j", "");
    now = Replace(now, R"j("users_email_key": {"definition": "UNIQUE (email)"})j", "");
    EXPECT_THAT(Differences(kUsers, now), ElementsAre("unique constraint users.users_email_key was dropped: UNIQUE (email)"));
    EXPECT_THAT(Differences(kUsers, Replace(kUsers, "id > 0", "id > 1")),
                ElementsAre("check constraint users.c was changed: definition was CHECK ((id > 0)), is CHECK ((id > 1))"));
    EXPECT_THAT(Differences(kUsers, Replace(kUsers, R"j("foreignKeys": {})j", R"j("foreignKeys": {"f": {"definition": "FOREIGN KEY (a)"}})j")),
                ElementsAre("foreign key users.f was added: FOREIGN KEY (a)"));
    EXPECT_THAT(Differences(kUsers, Replace(kUsers, R"j("CREATE UNIQUE INDEX users_pkey", "valid": true)j", R"j("CREATE UNIQUE INDEX users_pkey", "valid": false)j")),
                ElementsAre("index users.users_pkey was changed: valid was true, is false"));
}

TEST(CompareSchemas, APgrollDefinitionHasFewerFacts) {
    const std::string now = Replace(Replace(kUsers, R"j("type": "integer")j", R"j("type": "bigint", "identity": "always")j"),
                                    R"j("primaryKey")j", R"j("replicaIdentity": "full", "primaryKey")j");
    const std::string stored = Replace(kUsers, R"j("definition": "CHECK ((id > 0))")j", R"j("columns": ["id"])j") + R"j(, "partition_1": {})j";
    EXPECT_THAT(Differences(stored, now, DefinitionBy::kPgroll), ElementsAre("column users.id was changed: type was integer, is bigint"));
}

TEST(ExcludeMentioned, LeavesOutTablesThatAStatementNames) {
    const std::vector<SchemaDifference> all = {{"table", "users", "users", "dropped", ""}, {"column", "user", "a", "added", "text"},
                                               {"table", "Odd \"name\"", "Odd \"name\"", "added", ""}};
    const auto left = [&all](const std::vector<std::string> &statements) {
        std::vector<SchemaDifference> differences = all;
        ExcludeMentioned(differences, statements);
        std::vector<std::string> tables;
        for (const SchemaDifference &difference : differences) tables.push_back(difference.table);
        return tables;
    };
    EXPECT_THAT(left({}), ElementsAre("users", "user", "Odd \"name\""));
    EXPECT_THAT(left({"ALTER TABLE public.users ADD COLUMN user_id int"}), ElementsAre("user", "Odd \"name\""));
    EXPECT_THAT(left({"alter table Users", "public.\"Odd \"\"name\"\"\""}), ElementsAre("user"));
    EXPECT_THAT(left({"user", "user_1, users$, _users, éusers"}), ElementsAre("users", "Odd \"name\""));
}

}  // namespace
}  // namespace pgmigrate
