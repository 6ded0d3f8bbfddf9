// SPDX-License-Identifier: PostgreSQL
// pgroll's own example migrations, when they lie beside the source tree.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "migration/support.h"

namespace pgmigrate {
namespace {

TEST(PgrollExamples, AreReadUnchanged) {
    const std::filesystem::path folder = PGMIGRATE_EXAMPLES;
    if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no pgroll examples in " << folder;
    std::size_t files = 0;
    for (const auto &entry : std::filesystem::directory_iterator(folder)) {
        const std::string extension = entry.path().extension();
        if (extension != ".json" && extension != ".yaml" && extension != ".yml") continue;
        ++files;
        std::ostringstream text;
        text << std::ifstream(entry.path()).rdbuf();
        const Refusal refusal = Refuse(text.str());
        EXPECT_EQ(refusal.state, "") << entry.path() << ": " << refusal.text.message;
        if (!refusal.state.empty()) continue;
        const Migration migration = ParseMigration(text.str());
        EXPECT_FALSE(migration.operations.empty()) << entry.path();
        EXPECT_EQ(ParseMigration(NormalizeToJson(text.str())), migration) << entry.path();
    }
    EXPECT_GT(files, 0U);
}

}  // namespace
}  // namespace pgmigrate
