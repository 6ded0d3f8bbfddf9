// SPDX-License-Identifier: PostgreSQL
#include "core/database.h"

#include <gtest/gtest.h>

namespace pgmigrate {
namespace {

Rows MakeRows() {
    return {{"name", "live", "count", "note"}, {{"a", "t", "42", std::nullopt}, {"b", "f", "-7", "text"}}};
}

TEST(Rows, FindsValuesByColumn) {
    const Rows rows = MakeRows();
    EXPECT_EQ(rows.size(), 2U);
    EXPECT_FALSE(rows.empty());
    EXPECT_EQ(rows.At(1, "name"), Value("b"));
    EXPECT_EQ(rows.At(0, "note"), std::nullopt);
    EXPECT_EQ(rows.Text(0, "name"), "a");
    EXPECT_EQ(rows.TextOr(0, "note", "none"), "none");
    EXPECT_EQ(rows.TextOr(1, "note", "none"), "text");
}

TEST(Rows, ReadsBooleansAndIntegers) {
    const Rows rows = MakeRows();
    EXPECT_TRUE(rows.Bool(0, "live"));
    EXPECT_FALSE(rows.Bool(1, "live"));
    EXPECT_EQ(rows.Int(0, "count"), 42);
    EXPECT_EQ(rows.Int(1, "count"), -7);
    const Rows longest{{"n"}, {{"9223372036854775807"}}};
    EXPECT_EQ(longest.Int(0, "n"), INT64_MAX);
}

TEST(Rows, AreEmptyWithoutRows) { EXPECT_TRUE(Rows{}.empty()); }

TEST(Rows, RefuseWhatTheQueryDoesNotHave) {
    const Rows rows = MakeRows();
    EXPECT_THROW(rows.At(0, "missing"), Error);
    EXPECT_THROW(rows.At(2, "name"), Error);
    EXPECT_THROW(rows.Text(0, "note"), Error);
    EXPECT_THROW(rows.Int(0, "name"), Error);
    const Rows trailing{{"n"}, {{"12x"}, {""}, {"9223372036854775808"}}};
    for (std::size_t row = 0; row < trailing.size(); ++row) EXPECT_THROW(trailing.Int(row, "n"), Error) << row;
}

}  // namespace
}  // namespace pgmigrate
