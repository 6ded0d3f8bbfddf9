// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"

#include <gtest/gtest.h>

#include <string>

namespace pgmigrate {
namespace {

struct Case {
    std::string_view given;
    std::string_view wanted;
};

TEST(QuoteIdentifier, QuotesOnlyWhatNeedsIt) {
    const Case cases[] = {
        {"orders", "orders"},
        {"_private", "_private"},
        {"a1_b2", "a1_b2"},
        {"", "\"\""},
        {"Orders", "\"Orders\""},
        {"1st", "\"1st\""},
        {"order items", "\"order items\""},
        {"a$b", "\"a$b\""},
        {"say \"hi\"", "\"say \"\"hi\"\"\""},
        {"größe", "\"größe\""},
        {"select", "\"select\""},
        {"user", "\"user\""},
        {"xmltable", "\"xmltable\""},
        {"all", "\"all\""},
        {"between", "\"between\""},
        {"name", "name"},
        {"selects", "selects"},
        {"a'; DROP TABLE t; --", "\"a'; DROP TABLE t; --\""},
    };
    for (const Case &test : cases) EXPECT_EQ(QuoteIdentifier(test.given), test.wanted);
}

TEST(QuoteIdentifiers, JoinsWithCommas) {
    EXPECT_EQ(QuoteIdentifiers({}), "");
    EXPECT_EQ(QuoteIdentifiers({"a"}), "a");
    EXPECT_EQ(QuoteIdentifiers({"a", "B", "table"}), "a, \"B\", \"table\"");
}

TEST(QualifiedName, QuotesEachPart) {
    EXPECT_EQ(QualifiedName("public", "orders"), "public.orders");
    EXPECT_EQ(QualifiedName("My.Schema", "a.b"), "\"My.Schema\".\"a.b\"");
}

TEST(QuoteLiteral, IsRightUnderAnySetting) {
    const Case cases[] = {
        {"", "''"},           {"plain", "'plain'"},
        {"it's", "'it''s'"},  {"a\\b", "E'a\\\\b'"},
        {"\\'", "E'\\\\'''"}, {"line\nbreak", "'line\nbreak'"},
    };
    for (const Case &test : cases) EXPECT_EQ(QuoteLiteral(test.given), test.wanted);
}

TEST(DerivedName, KeepsWhatFits) {
    EXPECT_EQ(DerivedName("_new_", "price"), "_new_price");
    EXPECT_EQ(DerivedName("", std::string(63, 'x')), std::string(63, 'x'));
    EXPECT_EQ(DerivedName("a_", std::string(58, 'x'), "_ix"), "a_" + std::string(58, 'x') + "_ix");
}

TEST(DerivedName, ShortensToTheLimitAndKeepsBothEnds) {
    const std::string name = DerivedName("new_", std::string(63, 'x'), "_idx");
    EXPECT_EQ(name.size(), kLongestName);
    EXPECT_TRUE(name.starts_with("new_xxx"));
    EXPECT_TRUE(name.ends_with("_idx"));
}

TEST(DerivedName, TellsLongNamesApart) {
    const std::string common(62, 'x');
    EXPECT_NE(DerivedName("new_", common + "1"), DerivedName("new_", common + "2"));
    EXPECT_EQ(DerivedName("new_", common + "1"), DerivedName("new_", common + "1"));
}

TEST(DerivedName, CutsBetweenCharacters) {
    for (const std::string_view prefix : {"", "n", "nn", "nnn"}) {
        std::string name;
        while (name.size() < 70) name += "€";
        const std::string derived = DerivedName(prefix, name);
        EXPECT_LE(derived.size(), kLongestName);
        const std::size_t hash = derived.rfind('_');
        EXPECT_EQ((hash - prefix.size()) % std::string_view("€").size(), 0U) << derived;
    }
}

}  // namespace
}  // namespace pgmigrate
