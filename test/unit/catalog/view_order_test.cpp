// SPDX-License-Identifier: PostgreSQL
#include "catalog/view_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/catalog_builders.h"
#include "support/fake_database.h"

namespace pgmigrate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Names(const CatalogTable &table) {
    std::vector<std::string> names;
    for (const CatalogColumn &column : table.columns) names.push_back(column.name);
    return names;
}

TEST(ViewOrder, ColumnsAsClientsSawThemNewOnesLast) {
    FakeDatabase database;
    database.Answer("relkind = 'v'", {.columns = {"relname", "attname", "attnum"},
                                      .values = {{"t", "b", "3"}, {"t", "a", "2"}, {"t", "gone", "1"}, {"v", "z", "1"}}});
    CatalogSchema schema = SchemaOf({TableBuilder("t", {Column("new"), Column("b"), Column("newer"), Column("a")}),
                                     TableBuilder("other", {Column("z"), Column("y")})});
    OrderColumnsAsInViews(database, "public_01", schema);
    EXPECT_THAT(Names(schema.tables[0]), ElementsAre("a", "b", "new", "newer"));
    EXPECT_THAT(Names(schema.tables[1]), ElementsAre("z", "y"));
    EXPECT_EQ(database.queries[0].parameters[0], "public_01");
}

TEST(ViewOrder, WithoutAVersionNothingIsAsked) {
    FakeDatabase database;
    CatalogSchema schema = SchemaOf({TableBuilder("t", {Column("b"), Column("a")})});
    OrderColumnsAsInViews(database, "", schema);
    EXPECT_THAT(Names(schema.tables[0]), ElementsAre("b", "a"));
    EXPECT_THAT(database.queries, IsEmpty());
}

}  // namespace
}  // namespace pgmigrate
