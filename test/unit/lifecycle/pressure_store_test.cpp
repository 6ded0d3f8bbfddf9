// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/pressure_store.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "support/fake_database.h"

namespace pgmigrate {
namespace {

using namespace std::chrono_literals;

TEST(SavePressure, WritesEverySignalInOneStatement) {
    const SteadyTime now{1000s};
    Governor governor;
    governor.Observe({.taken = now - 3s,
                      .readings = {{.signal = Signal::kSlotWal,
                                    .value = 12,
                                    .limits = {.soft = 5, .hard = 10},
                                    .words = "slot \xff keeps \"much\""}},
                      .wal_allowance = {}});
    std::array<double, kSignalCount> lost{};
    lost[static_cast<std::size_t>(Signal::kSlotWal)] = 1.5;
    FakeDatabase database;
    SavePressure(database, 7, governor, lost, now);
    ASSERT_EQ(database.executed.size(), 1u);
    EXPECT_EQ(database.executed[0].parameters[0], "7");
    const auto rows = nlohmann::json::parse(*database.executed[0].parameters[1]);
    ASSERT_EQ(rows.size(), kSignalCount);
    const auto &slot = rows[static_cast<std::size_t>(Signal::kSlotWal)];
    EXPECT_EQ(slot["signal"], "slot WAL");
    EXPECT_EQ(slot["state"], "stop");
    EXPECT_EQ(slot["value"], 12);
    EXPECT_EQ(slot["age"], 3);
    EXPECT_EQ(slot["lost"], 1.5);
    EXPECT_EQ(rows[0]["state"], "clear");
    EXPECT_TRUE(rows[0]["hard_limit"].is_null());
}

TEST(SavePressure, WritesNoNumberThatIsNone) {
    Governor governor;
    governor.Observe({.taken = SteadyTime{1s},
                      .readings = {{.signal = Signal::kQuery,
                                    .value = std::numeric_limits<double>::quiet_NaN(),
                                    .limits = {.soft = 0.5, .hard = 1},
                                    .words = "NaN"}},
                      .wal_allowance = {}});
    FakeDatabase database;
    SavePressure(database, 7, governor, {}, SteadyTime{1s});
    const auto rows = nlohmann::json::parse(*database.executed[0].parameters[1]);
    const auto &query = rows[static_cast<std::size_t>(Signal::kQuery)];
    EXPECT_TRUE(query["value"].is_null());
    EXPECT_EQ(query["state"], "stale");
}

TEST(SavePace, WritesWhatIsWaitedFor) {
    FakeDatabase database;
    SavePace(database, 7, {.waiting_for = "disk", .seconds_waiting = 2.5, .factor = 0, .workers = 1});
    ASSERT_EQ(database.executed.size(), 1u);
    EXPECT_EQ(database.executed[0].parameters[1], "disk");
    EXPECT_EQ(database.executed[0].parameters[2], "2.5");
}

}  // namespace
}  // namespace pgmigrate
