// SPDX-License-Identifier: PostgreSQL
#include "support/planning.h"

namespace pgmigrate {
namespace {

class TableChangeTest : public PlanTest {
  protected:
    TableChangeTest() {
        Tables({TableBuilder("t", {Column("id"), Column("a", "text"), Column("b", "text")}).With(Index("t_a", {"a"}))});
    }

    const TableChange &Only() const {
        EXPECT_EQ(plan.table_changes.size(), 1);
        return plan.table_changes.at(0);
    }
};

TEST_F(TableChangeTest, AReplacedColumnWithItsIndex) {
    Operations(R"({"alter_column": {"table": "t", "column": "a", "nullable": false, "up": "a", "down": "a"}},
                  {"create_index": {"name": "t_ab", "table": "t", "columns": [{"column": "a"}, {"column": "b"}]}})");
    const TableChange &change = Only();
    EXPECT_EQ(change.table, "t");
    EXPECT_TRUE(change.filled);
    EXPECT_EQ(change.sync_trigger, "~pgmigrate_sync");
    ASSERT_EQ(change.columns.size(), 1);
    EXPECT_EQ(change.columns[0].name, "_pgmigrate_new_a");
    EXPECT_EQ(change.columns[0].like, "a") << "of the same type";
    ASSERT_EQ(change.indexes.size(), 2);
    EXPECT_EQ(change.indexes[0].like, "t_a");
    EXPECT_EQ(change.indexes[1].name, "t_ab");
    EXPECT_THAT(change.indexes[1].columns, ElementsAre("_pgmigrate_new_a", "b"));
    EXPECT_THAT(change.gone_columns, ElementsAre("a"));
}

TEST_F(TableChangeTest, AnotherTypeHasOtherValues) {
    Operations(R"({"alter_column": {"table": "t", "column": "b", "type": "bigint", "up": "1", "down": "b"
}
})");
    EXPECT_EQ(Only().columns.at(0).like, "");
    EXPECT_EQ(Only().columns.at(0).type, "bigint");
}

TEST_F(TableChangeTest, AKeyNeedsAnIndex) {
    Operations(
        R"({"create_constraint": {"table": "t", "name": "t_b_key", "type": "unique", "columns": ["b"], "up": {"b": "b"},
                                         "down": {"b": "b"}}})");
    EXPECT_EQ(Only().indexes.back().name, "t_b_key");
    EXPECT_EQ(Only().indexes.back().columns.size(), 1);
}

TEST_F(TableChangeTest, ARenameFillsNothing) {
    Operations(R"({"rename_column": {"table": "t", "from": "b", "to": "c"}})");
    EXPECT_FALSE(Only().filled);
    EXPECT_EQ(Only().sync_trigger, "");
    EXPECT_THAT(Only().renamed_columns, ElementsAre("b"));
    EXPECT_THAT(Only().gone_columns, IsEmpty());
}

TEST_F(TableChangeTest, OnlyTablesThatStay) {
    Operations(R"({"drop_table": {"name": "t"}})");
    EXPECT_THAT(plan.table_changes, IsEmpty());
    EXPECT_THAT(plan.changed_tables, ElementsAre("t"));
}

}  // namespace
}  // namespace pgmigrate
