// SPDX-License-Identifier: PostgreSQL
#include "catalog/surroundings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/fake_database.h"

namespace pgmigrate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using std::chrono::milliseconds;
using std::chrono::seconds;

class SurroundingsTest : public ::testing::Test {
  protected:
    SurroundingsTest() {
        database.Answer("max_worker_processes",
                        {.columns = {"in_recovery", "reader", "sees_sessions", "worker_slots", "workers",
                                     "parallel_workers", "connection_slots", "connections", "max_wal_size"},
                         .values = {{"f", "olga", "t", "8", "3", "1", "97", "5", "1073741824"}}});
    }

    FakeDatabase database;
};

TEST_F(SurroundingsTest, Server) {
    const Surroundings server = LoadSurroundings(database, milliseconds(1500));
    EXPECT_FALSE(server.in_recovery);
    EXPECT_TRUE(server.sees_sessions);
    EXPECT_EQ(server.reader, "olga");
    EXPECT_EQ(server.worker_slots, 8);
    EXPECT_EQ(server.workers, 3);
    EXPECT_EQ(server.parallel_workers, 1);
    EXPECT_EQ(server.connection_slots, 97);
    EXPECT_EQ(server.connections, 5);
    EXPECT_EQ(server.max_wal_size, 1073741824);
    EXPECT_THAT(server.transactions, IsEmpty());
    EXPECT_EQ(database.queries.front().sql, "SELECT pg_stat_clear_snapshot()") << "an old snapshot would be read";
    EXPECT_THAT(database.executed, IsEmpty());
}

TEST_F(SurroundingsTest, TransactionsAndWhatTheyHaveLocked) {
    database.Answer("a.xact_start <",
                    {.columns = {"pid", "role", "state", "age", "tables"},
                     .values = {{"7", "app", "active", "90", "[10, 4294967295]"}, {"8", "", "", "61", {}}}});
    database.Answer("pg_prepared_xacts",
                    {.columns = {"gid", "owner", "age", "tables"}, .values = {{"g", {}, "5", "[10]"}}});
    const Surroundings server = LoadSurroundings(database, milliseconds(1500));
    ASSERT_EQ(server.transactions.size(), 2);
    EXPECT_EQ(server.transactions[0].pid, 7);
    EXPECT_EQ(server.transactions[0].age, seconds(90));
    EXPECT_THAT(server.transactions[0].tables, ElementsAre(10, 4294967295));
    EXPECT_THAT(server.transactions[1].tables, IsEmpty());
    ASSERT_EQ(server.prepared.size(), 1);
    EXPECT_EQ(server.prepared[0].owner, "") << "its role was dropped";
    EXPECT_THAT(server.prepared[0].tables, ElementsAre(10));
    const auto asked = std::ranges::find_if(database.queries, [](const FakeDatabase::Call &query) {
        return query.sql.find("a.xact_start <") != std::string::npos;
    });
    ASSERT_NE(asked, database.queries.end());
    EXPECT_THAT(asked->parameters, ElementsAre(Value("1.500000")));
}

TEST_F(SurroundingsTest, Replication) {
    database.Answer("pg_replication_slots",
                    {.columns = {"slot_name", "active", "logical", "wal_status", "retained"},
                     .values = {{"s", "f", "t", "lost", {}}, {"t", "t", "f", "reserved", "16"}}});
    database.Answer("pg_stat_replication",
                    {.columns = {"name", "state", "lag_bytes", "lag"}, .values = {{"n", {}, "5", "6"}}});
    const Surroundings server = LoadSurroundings(database, milliseconds(0));
    ASSERT_EQ(server.slots.size(), 2);
    EXPECT_FALSE(server.slots[0].retained_bytes.has_value());
    EXPECT_TRUE(server.slots[0].logical);
    EXPECT_EQ(server.slots[1].retained_bytes, 16);
    ASSERT_EQ(server.standbys.size(), 1);
    EXPECT_EQ(server.standbys[0].lag_bytes, 5);
    EXPECT_EQ(server.standbys[0].lag, seconds(6));
}

}  // namespace
}  // namespace pgmigrate
