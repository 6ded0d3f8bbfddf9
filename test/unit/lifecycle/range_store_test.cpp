// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/range_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_database.h"

namespace pgmigrate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class RangeStoreTest : public testing::Test {
  protected:
    void AnswerWithRange(const std::string &next_block) {
        database.Answer("FROM pgmigrate.fill_range r JOIN pgmigrate.fill f",
                        {.columns = {"id", "first_block", "end_block", "next_block", "relation", "relation_oid",
                                     "trigger_name", "filenode", "start_filenode", "blocks"},
                         .values = {{"5", "128", "256", next_block, "public.t", "16384", "~s", "4294967295", "1", "9000000000"}}});
    }

    FakeDatabase database;
    RangeStore store{database};
};

TEST_F(RangeStoreTest, ARangeIsReadWithItsTable) {
    AnswerWithRange("200");
    const std::optional<RangeRecord> range = store.Find(5);
    ASSERT_TRUE(range);
    EXPECT_EQ(range->first_block, 128);
    EXPECT_EQ(range->next_block, 200);
    EXPECT_EQ(range->table.filenode, 4294967295);
    EXPECT_EQ(range->table.blocks, 9000000000);
    EXPECT_FALSE(range->IsFinished());
    AnswerWithRange("256");
    EXPECT_TRUE(store.Find(5)->IsFinished());
}

TEST_F(RangeStoreTest, ARangeMayBeGone) { EXPECT_FALSE(store.Find(5)); }

TEST_F(RangeStoreTest, ATableIsDividedAnew) {
    FillRecord fill;
    fill.relation_oid = 16384;
    fill.filenode = 17;
    fill.blocks = 1'000;
    store.Divide(7, fill);
    EXPECT_THAT(database.executed[0].parameters, ElementsAre("7", "16384", "17", "1000"));
    EXPECT_THAT(database.executed[0].sql, HasSubstr("blocks_filled = 0"));
    EXPECT_THAT(database.executed[1].sql, HasSubstr("DELETE FROM pgmigrate.fill_range"));
    EXPECT_THAT(database.executed[2].parameters, ElementsAre("7", "16384", "1000", std::to_string(RangeBlocks(1'000))));
}

TEST_F(RangeStoreTest, ProgressIsAddedToTheTableFirst) {
    AnswerWithRange("200");
    store.Save(7, *store.Find(5), {.next_block = 230, .rows = 41, .active_seconds = 0.5});
    EXPECT_THAT(database.executed[0].sql, HasSubstr("UPDATE pgmigrate.fill SET blocks_filled = blocks_filled + $3"));
    EXPECT_THAT(database.executed[0].parameters, ElementsAre("7", "16384", "30", "41", "0.5"));
    EXPECT_THAT(database.executed[1].parameters, ElementsAre("5", "230"));
}

TEST_F(RangeStoreTest, ATableIsMarkedOnlyAsItWasRead) {
    EXPECT_FALSE(store.FindFinishedTable(7));
    FillRecord fill;
    fill.relation_oid = 16384;
    fill.filenode = 17;
    fill.blocks = 3;
    store.MarkFilled(7, fill);
    EXPECT_THAT(database.executed[0].parameters, ElementsAre("7", "16384", "17", "3"));
    EXPECT_THAT(database.executed[0].sql, HasSubstr("AND filenode = $3::oid AND blocks = $4::bigint"));
}

TEST_F(RangeStoreTest, TheFileOfAMissingRowIsNone) { EXPECT_EQ(store.LockFile(7, 16384), 0); }

}  // namespace
}  // namespace pgmigrate
