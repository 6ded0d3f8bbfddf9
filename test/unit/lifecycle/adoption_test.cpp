// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/adoption.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace pgmigrate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

PgrollMigration Row(const std::string &name, const std::string &parent, bool done = true) {
    return {.name = name, .parent = parent, .kind = "pgroll", .version = name, .definition = "{}", .done = done, .created_at = "", .updated_at = ""};
}

std::vector<std::string> Order(const std::vector<PgrollMigration> &migrations) {
    std::vector<std::string> names;
    for (const PgrollMigration &migration : OrderHistory(migrations)) names.push_back(migration.name);
    return names;
}

/// SQLSTATE and detail of the refusal.
std::string Refuse(const std::vector<PgrollMigration> &migrations) {
    try {
        OrderHistory(migrations);
        return "none";
    } catch (const Error &error) {
        EXPECT_NE(error.text().hint, "");
        return std::string(error.state().code) + ' ' + error.text().detail;
    }
}

TEST(OrderHistory, FollowsTheParentsAndNotTheNames) {
    EXPECT_THAT(Order({}), IsEmpty());
    EXPECT_THAT(Order({Row("b", "z"), Row("a", ""), Row("z", "a")}), ElementsAre("a", "z", "b"));
}

TEST(OrderHistory, AnActiveMigrationIsRefused) {
    EXPECT_EQ(Refuse({Row("a", ""), Row("b", "a", false)}), "55000 Only a history in which every migration is completed can be adopted.");
}

TEST(OrderHistory, WhatIsNotOneLineIsRefused) {
    EXPECT_EQ(Refuse({Row("a", ""), Row("b", "")}), "55000 Both \"a\" and \"b\" are the first.");
    EXPECT_EQ(Refuse({Row("a", ""), Row("b", "a"), Row("c", "a")}), "55000 Both \"b\" and \"c\" follow \"a\".");
    EXPECT_EQ(Refuse({Row("a", ""), Row("c", "b")}), "55000 \"c\" follows \"b\", which the first migration does not lead to.");
    EXPECT_EQ(Refuse({Row("a", "b"), Row("b", "a")}), "55000 \"a\" follows \"b\", which the first migration does not lead to.");
}

}  // namespace
}  // namespace pgmigrate
