// SPDX-License-Identifier: PostgreSQL
#include "catalog/version_rights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_database.h"

namespace pgmigrate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char *kRights = "c.relkind = 'v'";
constexpr const char *kDefaults = "pg_default_acl";

TEST(VersionRightsTest, AreSortedByWhatTheyAreOn) {
    FakeDatabase database;
    database.Answer(kRights, {.columns = {"kind", "object", "part", "grantee", "privilege", "grantable"},
                              .values = {{"schema", "", "", "", "USAGE", "f"},
                                         {"view", "t", "", "app", "SELECT", "t"},
                                         {"view", "t", "a", "app", "UPDATE", "f"},
                                         {"view", "u", "b", "app", "SELECT", "f"}}});
    database.Answer(kDefaults, {.columns = {"on_target", "role", "objects", "grantee", "privilege", "grantable", "callers"},
                                .values = {{"f", "olga", "TABLES", "app", "SELECT", "f", "f"},
                                           {"t", "me", "TABLES", "app", "INSERT", "f", "t"}}});
    const VersionRights rights = ReadVersionRights(database, "public_01", "public");
    EXPECT_THAT(rights.schema, ElementsAre(Grant{"", "USAGE", false}));
    ASSERT_EQ(rights.views.size(), 2);
    EXPECT_EQ(rights.views[0].view, "t");
    EXPECT_THAT(rights.views[0].grants, ElementsAre(Grant{"app", "SELECT", true}));
    EXPECT_EQ(rights.views[0].columns.at(0).column, "a");
    EXPECT_THAT(rights.views[1].grants, IsEmpty());
    EXPECT_EQ(rights.views[1].columns.at(0).grant, (Grant{"app", "SELECT", false}));
    ASSERT_EQ(rights.defaults.size(), 1);
    EXPECT_EQ(rights.defaults[0].role, "olga");
    EXPECT_FALSE(rights.defaults[0].role_is_callers);
    EXPECT_THAT(rights.new_tables, ElementsAre(Grant{"app", "INSERT", false}));
}

TEST(VersionRightsTest, WithoutAVersionNoViewIsLookedFor) {
    FakeDatabase database;
    const VersionRights rights = ReadVersionRights(database, "", "public");
    EXPECT_EQ(database.queries.size(), 1);
    EXPECT_THAT(rights.views, IsEmpty());
}

TEST(VersionRightsTest, AGrantIsThereOnce) {
    std::vector<Grant> grants;
    AddGrantOnce(grants, {"app", "SELECT", false});
    AddGrantOnce(grants, {"app", "SELECT", true});
    AddGrantOnce(grants, {"app", "SELECT", false});
    AddGrantOnce(grants, {"", "SELECT", false});
    EXPECT_THAT(grants, ElementsAre(Grant{"app", "SELECT", true}, Grant{"", "SELECT", false}));
}

}  // namespace
}  // namespace pgmigrate
