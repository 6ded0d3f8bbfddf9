// SPDX-License-Identifier: PostgreSQL
// What the tests of src/migration share.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "migration/parse.h"

namespace pgmigrate {

/// A migration with one operation, given as the text inside its braces: `"drop_table": {"name": "t"}`.
inline std::string WrapOperation(std::string_view operation) {
    return "{\"operations\": [{" + std::string(operation) + "}]}";
}

template <typename T>
T ParseOne(std::string_view operation) {
    const Migration migration = ParseMigration(WrapOperation(operation));
    return std::get<T>(migration.operations.at(0));
}

struct Refusal {
    std::string state;
    ErrorText text;
};

/// How a text is refused; an empty state if it is not.
inline Refusal Refuse(std::string_view text) {
    try {
        ParseMigration(text);
        return {};
    } catch (const Error &error) {
        return {error.state().code, error.text()};
    }
}

struct RefusalCase {
    std::string_view operation;
    std::string_view message;
    std::string_view state = "22023";
};

/// Each operation is refused with exactly this message, and with a detail or a hint that says more.
inline void ExpectRefusals(const std::vector<RefusalCase> &cases) {
    for (const RefusalCase &test : cases) {
        const Refusal refusal = Refuse(WrapOperation(test.operation));
        EXPECT_EQ(refusal.text.message, test.message) << test.operation;
        EXPECT_EQ(refusal.state, test.state) << test.operation;
        EXPECT_NE(refusal.text.hint, "") << test.operation;
        EXPECT_EQ(refusal.text.message.find('\n'), std::string::npos);
    }
}

}  // namespace pgmigrate
