// SPDX-License-Identifier: PostgreSQL
#include "core/expressions.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace pgmigrate {
namespace {

TEST(ReplaceParameters, ReplacesWhatIsAParameterAndNothingElse) {
    struct Case {
        std::string_view bound;
        std::string_view wanted;
    };
    const Case cases[] = {
        {"", ""},
        {"1 + 2", "1 + 2"},
        {"$1", "NEW.a"},
        {"$2 || $1", "NEW.b || NEW.a"},
        {"($1+$1)", "(NEW.a+NEW.a)"},
        {"upper($1)::text", "upper(NEW.a)::text"},
        {"'$1'", "'$1'"},
        {"'it''s $1' || $1", "'it''s $1' || NEW.a"},
        {"E'\\'$1' || $1", "E'\\'$1' || NEW.a"},
        {"E'\\\\' || $1", "E'\\\\' || NEW.a"},
        {"'\\' || $1", "'\\' || NEW.a"},
        {"\"$1\" || $1", "\"$1\" || NEW.a"},
        {"\"a\"\"$1\" || $1", "\"a\"\"$1\" || NEW.a"},
        {"$", "$"},
        {"a $ b", "a $ b"},
        {"'open $1", "'open $1"},
        {"E'open \\", "E'open \\"},
    };
    for (const Case &test : cases)
        EXPECT_EQ(ReplaceParameters(test.bound, {"NEW.a", "NEW.b"}), test.wanted) << test.bound;
}

TEST(ReplaceParameters, ReadsAllDigits) {
    const std::vector<std::string> ten = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    EXPECT_EQ(ReplaceParameters("$10 $1", ten), "j a");
}

TEST(ReplaceParameters, DoesNotReadItsOwnOutput) { EXPECT_EQ(ReplaceParameters("$1 $2", {"$2", "'"}), "$2 '"); }

TEST(ReplaceParameters, RefusesAParameterWithoutValue) {
    for (const std::string_view text : {"$0", "$3"}) EXPECT_THROW(ReplaceParameters(text, {"a", "b"}), Error) << text;
}

}  // namespace
}  // namespace pgmigrate
