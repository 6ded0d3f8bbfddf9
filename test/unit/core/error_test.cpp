// SPDX-License-Identifier: PostgreSQL
#include "core/error.h"

#include <gtest/gtest.h>

#include "core/sqlstates.h"

namespace pgmigrate {
namespace {

TEST(Error, CarriesEveryField) {
    const Error error(sqlstates::kInUse, {.message = "taken", .detail = "By another.", .hint = "Wait."});
    EXPECT_TRUE(error.state() == "55006");
    EXPECT_FALSE(error.state() == "22023");
    EXPECT_STREQ(error.what(), "taken");
    EXPECT_EQ(error.text().message, "taken");
    EXPECT_EQ(error.text().detail, "By another.");
    EXPECT_EQ(error.text().hint, "Wait.");
}

TEST(Error, SurvivesCopying) {
    try {
        throw Error(sqlstates::kInternal, {.message = "lost"});
    } catch (const std::exception &caught) {
        const auto *const error = dynamic_cast<const Error *>(&caught);
        ASSERT_NE(error, nullptr);
        const Error copy = *error;
        EXPECT_TRUE(copy.state() == "XX000");
        EXPECT_EQ(copy.text().message, "lost");
        EXPECT_EQ(copy.text().hint, "");
    }
}

}  // namespace
}  // namespace pgmigrate
