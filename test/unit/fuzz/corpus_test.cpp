// SPDX-License-Identifier: PostgreSQL
// The saved corpus of test/fuzz through the fuzz target, without a fuzzer: what was found once stays mended.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "../../fuzz/migration_target.h"

namespace pgmigrate::fuzz {
namespace {

TEST(FuzzCorpus, BreaksNoPromise) {
    std::map<Outcome, int> outcomes;
    for (const auto &entry : std::filesystem::directory_iterator(PGMIGRATE_FUZZ_CORPUS)) {
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string text(std::istreambuf_iterator<char>(file), {});
        SCOPED_TRACE(entry.path().filename().string());
        ++outcomes[Try(text)];
    }
    // The corpus is of use only while it reaches everything.
    EXPECT_GE(outcomes[Outcome::kUnreadable], 20);
    EXPECT_GE(outcomes[Outcome::kRefused], 10);
    EXPECT_GE(outcomes[Outcome::kPlanned], 20);
}

}  // namespace
}  // namespace pgmigrate::fuzz
