// SPDX-License-Identifier: PostgreSQL
#include "monitor/figures.h"

#include <gtest/gtest.h>

#include "support/fake_database.h"

namespace pgmigrate {
namespace {

class FiguresTest : public testing::Test {
  protected:
    FiguresTest() {
        database.Answer("AS max_connections", {.columns = {"backends", "max_connections", "workers", "oldest"},
                                               .values = {{"7", "100", "1", "2.5"}}});
        database.Answer("FROM pg_stat_replication r", {.columns = {"seconds"}, .values = {{lag}}});
        database.Answer("pg_last_xact_replay_timestamp", {.columns = {"seconds"}, .values = {{"0"}}});
        database.Answer("AS blocks_filled", {.columns = {"failed", "started_at", "verified", "blocks_filled", "blocks"},
                                             .values = {{"f", "1700000000.5", "40", "3", "10"}}});
        database.Answer("AS ended_at", {.columns = {"seconds"}, .values = {{"12.5"}}});
        database.Answer("to_regclass('pgmigrate.pressure')", {.columns = {"known"}, .values = {{std::nullopt}}});
    }

    static Rows Status(const Value &eta) {
        return {.columns = {"schema_name", "name", "phase", "percent", "paused", "rows_done", "rows_total", "eta"},
                .values = {{"public", "m", "filling", "18.0", "f", std::nullopt, "1000", eta}}};
    }

    const std::string lag = "1.25";
    FakeDatabase database;
};

TEST_F(FiguresTest, AMigrationIsReadWithItsWork) {
    const Figures figures = LoadFigures(database, Status("12 seconds"));
    EXPECT_EQ(figures.server.lag_seconds, 1.25);
    EXPECT_EQ(figures.server.backends, 7);
    ASSERT_EQ(figures.migrations.size(), 1U);
    const MigrationFigures &migration = figures.migrations.front();
    EXPECT_DOUBLE_EQ(migration.progress, 0.18);
    EXPECT_EQ(migration.eta_seconds, 12);
    EXPECT_EQ(migration.rows_filled, 0);
    EXPECT_EQ(migration.rows_verified, 40);
    EXPECT_EQ(migration.bytes_filled, 3 * 8192);
    EXPECT_EQ(migration.bytes_to_fill, 10 * 8192);
    EXPECT_EQ(migration.started_at, 1700000000.5);
}

TEST_F(FiguresTest, APauseIsTimeLost) {
    const Figures figures = LoadFigures(database, Status(std::nullopt));
    EXPECT_FALSE(figures.migrations.front().eta_seconds);
    ASSERT_EQ(figures.throttles.size(), 1U);
    EXPECT_EQ(figures.throttles.front().reason, "paused");
    EXPECT_EQ(figures.throttles.front().seconds, 12.5);
}

TEST_F(FiguresTest, WithoutMigrationsThereIsTheServer) {
    const Figures figures = LoadFigures(database, {.columns = {"schema_name"}, .values = {}});
    EXPECT_TRUE(figures.migrations.empty());
    EXPECT_EQ(figures.server.max_connections, 100);
}

}  // namespace
}  // namespace pgmigrate
