// SPDX-License-Identifier: PostgreSQL
// Foreign keys of other tables that point to a column which the migration replaces or drops.
#include "support/planning.h"

namespace pgmigrate {
namespace {

constexpr const char *kBigger =
    R"({"alter_column": {"table": "t", "column": "id", "type": "bigint", "up": "id", "down": "id"}})";

class RepointedKeysTest : public PlanTest {
  protected:
    RepointedKeysTest() {
        TableBuilder t("t", {NotNull(Column("id")), Column("name")});
        t.PrimaryKey("t_pkey", {"id"});
        t->incoming_foreign_keys = {Incoming("o_t", "other.o", {"t"}, {"id"})};
        TableBuilder r("r", {Column("t"), Column("n")});
        r.With(ForeignKey("r_t", {"t"}, "public.t", {"id"}));
        t->incoming_foreign_keys.push_back(Incoming("r_t", "public.r", {"t"}, {"id"}));
        Tables({t, r});
    }

    IncomingForeignKey &KeyOf(std::size_t at) { return catalog.tables[0].incoming_foreign_keys[at]; }
};

TEST_F(RepointedKeysTest, DuplicateIsAddedBehindItsIndexAndValidated) {
    KeyOf(0).options = " ON DELETE SET NULL";
    KeyOf(0).delete_set_columns = {"t"};
    KeyOf(0).deferrable = true;
    Operations(kBigger);
    EXPECT_EQ(Statements(Phase::kValidate)[0],
              "ALTER TABLE other.o ADD CONSTRAINT _pgmigrate_dup_o_t FOREIGN KEY (t) REFERENCES public.t "
              "(_pgmigrate_new_id) ON DELETE SET NULL (t) DEFERRABLE NOT VALID");
    EXPECT_EQ(Statements(Phase::kValidate)[1], "ALTER TABLE other.o VALIDATE CONSTRAINT _pgmigrate_dup_o_t");
    const Step &added = StepWith("ADD CONSTRAINT _pgmigrate_dup_o_t");
    EXPECT_EQ(added.undo, "ALTER TABLE IF EXISTS other.o DROP CONSTRAINT IF EXISTS _pgmigrate_dup_o_t");
    EXPECT_EQ(added.object, "public.t") << "its lock is needed too";
    EXPECT_TRUE(plan.NeedsWorker());
}

TEST_F(RepointedKeysTest, OldKeyGoesBeforeItsColumnAndTheDuplicateGetsItsName) {
    KeyOf(0).comment = "it's one";
    Operations(kBigger);
    const int column = Position("DROP COLUMN id");
    EXPECT_LT(Position("ALTER TABLE other.o DROP CONSTRAINT o_t"), column);
    EXPECT_LT(Position("ALTER TABLE public.r DROP CONSTRAINT r_t"), column);
    EXPECT_LT(column, Position("RENAME CONSTRAINT _pgmigrate_dup_o_t TO o_t"));
    EXPECT_EQ(StepWith("COMMENT ON CONSTRAINT o_t ON other.o").statement,
              "COMMENT ON CONSTRAINT o_t ON other.o IS 'it''s one'");
    EXPECT_THAT(plan.changed_tables, Contains("r"));
}

TEST_F(RepointedKeysTest, KeyThatWasNeverValidatedIsNotNow) {
    KeyOf(0).validated = false;
    Operations(kBigger);
    EXPECT_THAT(Statements(Phase::kValidate), Not(Contains(HasSubstr("VALIDATE CONSTRAINT _pgmigrate_dup_o_t"))));
}

TEST_F(RepointedKeysTest, BothSidesMoveTogether) {
    Operations(std::string(kBigger) +
               R"(, {"alter_column": {"table": "r", "column": "t", "type": "bigint", "up": "t", "down": "t"}},
                  {"rename_constraint": {"table": "r", "from": "r_t", "to": "r_to_t"}})");
    EXPECT_EQ(StepWith("ADD CONSTRAINT _pgmigrate_dup_r_t").statement,
              "ALTER TABLE public.r ADD CONSTRAINT _pgmigrate_dup_r_t FOREIGN KEY (_pgmigrate_new_t) REFERENCES "
              "public.t (_pgmigrate_new_id) NOT VALID");
    EXPECT_LT(Position("DROP CONSTRAINT r_t"), Position("DROP COLUMN id"));
    EXPECT_EQ(StepWith("RENAME CONSTRAINT _pgmigrate_dup_r_t").statement,
              "ALTER TABLE public.r RENAME CONSTRAINT _pgmigrate_dup_r_t TO r_to_t");
}

TEST_F(RepointedKeysTest, ValuesMustStayEqual) {
    const auto alter = [](const std::string &table, const std::string &column, const std::string &up) {
        return R"({"alter_column": {"table": ")" + table + R"(", "column": ")" + column +
               R"(", "type": "text", "up": ")" + up + R"(", "down": ")" + column + R"("}})";
    };
    const PlanRefusal refusal = Refused(alter("t", "id", "f(id)"));
    EXPECT_EQ(refusal.state, "0A000");
    EXPECT_EQ(refusal.text.message,
              "foreign key \"o_t\" of table other.o would not hold for the new values of column \"id\" of table \"t\"");
    catalog.tables[0].incoming_foreign_keys.erase(catalog.tables[0].incoming_foreign_keys.begin());
    EXPECT_EQ(Refused(alter("t", "id", "f(id)") + ", " + alter("r", "t", "g(t)")).state, "0A000");
    EXPECT_EQ(Refused(alter("t", "id", "f(id)") + ", " + alter("r", "t", "f(n)")).state, "0A000");
    EXPECT_EQ(Refused(alter("t", "id", "f(id)") + ", " + alter("r", "t", "f(t)")).state, "");
    binder.volatile_texts = {"f(id)", "f(t)"};
    EXPECT_EQ(Refused(alter("t", "id", "f(id)") + ", " + alter("r", "t", "f(t)")).state, "0A000");
}

TEST_F(RepointedKeysTest, WhatCannotBeChangedIsRefused) {
    KeyOf(0).owned_by_caller = false;
    EXPECT_EQ(Refused(kBigger).state, "42501");
    KeyOf(0).owned_by_caller = true;
    KeyOf(0).partitioned = true;
    EXPECT_EQ(Refused(kBigger).state, "0A000");
}

TEST_F(RepointedKeysTest, KeyThatGoesItselfIsNoObstacle) {
    catalog.tables[0].incoming_foreign_keys.erase(catalog.tables[0].incoming_foreign_keys.begin());
    const std::string drop_t = R"(, {"drop_table": {"name": "t"}})";
    EXPECT_EQ(Refused(R"({"drop_table": {"name": "t"}})").state, "2BP01");
    for (const std::string first : {R"({"drop_column": {"table": "r", "column": "t"}})",
                                    R"({"drop_constraint": {"table": "r", "name": "r_t", "down": "t"}})"}) {
        Operations(first + drop_t);
        EXPECT_LT(Position("DROP CONSTRAINT r_t"), Position("DROP TABLE public.t")) << first;
    }
    Operations(R"({"drop_column": {"table": "r", "column": "t"}}, {"drop_column": {"table": "t", "column": "id"}})");
    EXPECT_LT(Position("DROP CONSTRAINT r_t"), Position("DROP COLUMN id"));
}

}  // namespace
}  // namespace pgmigrate
