// SPDX-License-Identifier: PostgreSQL
// The largest migrations that are read: planning them takes time in proportion, not a table of all with all.
#include <fmt/format.h>

#include <chrono>

#include "support/planning.h"

namespace pgmigrate {
namespace {

class PlanLimits : public PlanTest {
  protected:
    /// Seconds that planning takes for so many operations made by `operation`, each different.
    template <typename Make>
    double Measure(int count, Make operation) {
        std::string text;
        for (int i = 0; i < count; ++i) text += (i == 0 ? "" : ", ") + operation(i);
        const auto start = std::chrono::steady_clock::now();
        Operations(text);
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
};

TEST_F(PlanLimits, ThousandsOfTables) {
    const auto create = [](int i) {
        return fmt::format(R"({{"create_table": {{"name": "t{}", "columns": [{{"name": "a", "type": "int"}}]}}}})", i);
    };
    EXPECT_LT(Measure(5000, create), 60);
    EXPECT_EQ(Expand().size(), 5000);
}

TEST_F(PlanLimits, TooManyOperationsAreRefusedWhenRead) {
    std::string text;
    for (int i = 0; i < 100'000; ++i)
        text += fmt::format(R"({}{{"drop_table": {{"name": "t{}"}}}})", i == 0 ? "" : ", ", i);
    const PlanRefusal refusal = Refused(text);
    EXPECT_EQ(refusal.state, "22023");
    EXPECT_EQ(refusal.text.message, "migration is too large");
}

}  // namespace
}  // namespace pgmigrate
