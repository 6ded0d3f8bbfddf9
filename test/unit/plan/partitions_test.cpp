// SPDX-License-Identifier: PostgreSQL
// Partitioned tables.
#include "support/planning.h"

namespace pgmigrate {
namespace {

CatalogPartition Partition(const std::string &name, const std::string &parent, char kind = 'r') {
    return {.name = "public." + name, .schema_name = "public", .relation_name = name, .parent = parent, .kind = kind, .owned_by_caller = true, .owner = "olga"};
}

class PartitionsTest : public PlanTest {
  protected:
    void SetUp() override {
        TableBuilder table("t", {NotNull(Column("k")), NotNull(Column("a")), Column("b")});
        table.PrimaryKey("t_pkey", {"k", "a"}).With(Index("t_b", {"b"})).With(ForeignKey("f", {"b"}, "public.r", {"id"}));
        table->partitioned = true;
        table->partition_key = {"k"};
        table->partitions = {Partition("t1", "public.t"), Partition("t2", "public.t", 'p'), Partition("t21", "public.t2")};
        Tables({table, TableBuilder("r", {NotNull(Column("id"))})});
    }
    std::vector<std::string> StepsOf(Phase phase, const std::string &piece) const {
        std::vector<std::string> found;
        for (const std::string &statement : Statements(phase))
            if (statement.find(piece) != std::string::npos) found.push_back(statement);
        return found;
    }
};

constexpr const char *kAlterA = R"({"alter_column": {"table": "t", "column": "a", "type": "bigint", "up": "a", "down": "a"}})";

TEST_F(PartitionsTest, AnIndexIsBuiltLeafByLeafAndAttached) {
    Operations(R"({"create_index": {"name": "i", "table": "t", "columns": {"b": {}}}})");
    EXPECT_THAT(Expand(), ElementsAre("CREATE INDEX i ON ONLY public.t USING btree (b)",
                                      "CREATE INDEX _pgmigrate_part_t2_i ON ONLY public.t2 USING btree (b)",
                                      "ALTER INDEX public.i ATTACH PARTITION public._pgmigrate_part_t2_i"));
    EXPECT_THAT(Indexes(), ElementsAre("CREATE INDEX CONCURRENTLY _pgmigrate_part_t1_i ON public.t1 USING btree (b)",
                                       "CREATE INDEX CONCURRENTLY _pgmigrate_part_t21_i ON public.t21 USING btree (b)",
                                       "ALTER INDEX public.i ATTACH PARTITION public._pgmigrate_part_t1_i",
                                       "ALTER INDEX public._pgmigrate_part_t2_i ATTACH PARTITION public._pgmigrate_part_t21_i"));
    EXPECT_THAT(plan.locks, ElementsAre(NeededLock{"public.t", true}));
    // Backwards: the tree first, then the leaves that were not attached.
    EXPECT_THAT(Undos(), ElementsAre("DROP INDEX IF EXISTS public.i", "DROP INDEX IF EXISTS public._pgmigrate_part_t1_i",
                                     "DROP INDEX IF EXISTS public._pgmigrate_part_t21_i", "DROP INDEX IF EXISTS public.i",
                                     "DROP SCHEMA IF EXISTS public_02", "DROP VIEW IF EXISTS public_02.t", "DROP VIEW IF EXISTS public_02.r"));
    const Step &leaf = StepWith("CONCURRENTLY _pgmigrate_part_t21_i");
    EXPECT_EQ(leaf.partition_of, "public.t");
    EXPECT_EQ(leaf.object, "public._pgmigrate_part_t21_i");
    EXPECT_EQ(Contract().back(), "name the indexes and foreign keys of the partitions of public.t");
}

TEST_F(PartitionsTest, NamesOfLeafIndexesAreFreeAndShort) {
    catalog.tables[0].partitions = {Partition(std::string(63, 'p'), "public.t")};
    catalog.relation_names.insert("_pgmigrate_part_t1_i");
    Operations(R"({"create_index": {"name": "i", "table": "t", "columns": {"b": {}}}})");
    EXPECT_LE(StepWith("CONCURRENTLY").object.size(), std::string("public.").size() + 63);
    catalog.tables[0].partitions = {Partition("t1", "public.t")};
    Operations(R"({"create_index": {"name": "i", "table": "t", "columns": {"b": {}}}})");
    EXPECT_NE(StepWith("CONCURRENTLY").object, "public._pgmigrate_part_t1_i");
}

TEST_F(PartitionsTest, AKeyIsMadeOfThoseOfTheLeaves) {
    Operations(kAlterA);
    EXPECT_THAT(Indexes(), ElementsAre(HasSubstr("CREATE UNIQUE INDEX CONCURRENTLY _pgmigrate_part_t1_"),
                                       HasSubstr("CREATE UNIQUE INDEX CONCURRENTLY _pgmigrate_part_t21_")))
        << "not attached";
    EXPECT_THAT(StepsOf(Phase::kContract, "INDEX"),
                ElementsAre("DROP INDEX IF EXISTS public._pgmigrate_dup_t_pkey",
                            "ALTER TABLE public.t1 ADD CONSTRAINT _pgmigrate_part_t1__pgmigrate_dup_t_pkey PRIMARY KEY USING INDEX "
                            "_pgmigrate_part_t1__pgmigrate_dup_t_pkey",
                            "ALTER TABLE public.t21 ADD CONSTRAINT _pgmigrate_part_t21__pgmigrate_dup_t_pkey PRIMARY KEY USING INDEX "
                            "_pgmigrate_part_t21__pgmigrate_dup_t_pkey"));
    EXPECT_EQ(StepWith("ALTER TABLE public.t21 ADD").partition_of, "public.t");
    EXPECT_LT(Position("ALTER TABLE public.t21 ADD"), Position("ADD CONSTRAINT t_pkey PRIMARY KEY (k, _pgmigrate_new_a)"));
}

TEST_F(PartitionsTest, AForeignKeyIsValidatedOnTheLeavesFirst) {
    Operations(R"({"alter_column": {"table": "t", "column": "b", "type": "bigint", "up": "b", "down": "b"}})");
    EXPECT_THAT(StepsOf(Phase::kExpand, "FOREIGN KEY"),
                ElementsAre("ALTER TABLE public.t1 ADD CONSTRAINT _pgmigrate_dup_f FOREIGN KEY (_pgmigrate_new_b) REFERENCES public.r (id) NOT VALID",
                            "ALTER TABLE public.t21 ADD CONSTRAINT _pgmigrate_dup_f FOREIGN KEY (_pgmigrate_new_b) REFERENCES public.r (id) NOT VALID"));
    EXPECT_THAT(Statements(Phase::kValidate),
                ElementsAre("ALTER TABLE public.t1 VALIDATE CONSTRAINT _pgmigrate_dup_f", "ALTER TABLE public.t21 VALIDATE CONSTRAINT _pgmigrate_dup_f",
                            "ALTER TABLE public.t ADD CONSTRAINT _pgmigrate_dup_f FOREIGN KEY (_pgmigrate_new_b) REFERENCES public.r (id)"));
    EXPECT_EQ(StepWith("ALTER TABLE public.t ADD CONSTRAINT _pgmigrate_dup_f").object, "public.r");
}

TEST_F(PartitionsTest, AKeyOfTheMigrationLeavesThePartitionKeyAlone) {
    Operations(R"({"create_constraint": {"table": "t", "name": "u", "type": "unique", "columns": ["k", "b"], "up": {"k": "k", "b": "b"},
                                         "down": {"k": "k", "b": "b"}}})");
    EXPECT_THAT(Contract(), Contains("ALTER TABLE public.t ADD CONSTRAINT u UNIQUE (k, _pgmigrate_new_b)"));
    EXPECT_EQ(Refused(R"({"create_constraint": {"table": "t", "name": "u", "type": "unique", "columns": ["k"], "up": {"k": "k + 1"}, "down": {"k": "k"}}})").state,
              "0A000");
}

TEST_F(PartitionsTest, WhatIsRefused) {
    const auto refusal = [&](const std::string &operations) {
        const PlanRefusal refused = Refused(operations);
        EXPECT_NE(refused.text.hint, "");
        return refused.state + ' ' + refused.text.message;
    };
    EXPECT_EQ(refusal(R"({"drop_column": {"table": "t", "column": "k"}})"),
              "0A000 cannot replace or drop column \"k\" of table \"t\", which is part of a partition key");
    catalog.tables[0].partitions[2].own_objects = {{"index x", "a"}};
    EXPECT_EQ(refusal(kAlterA), "2BP01 partition public.t21 has objects of its own on columns that the migration replaces or drops");
    catalog.tables[0].partitions[2].owned_by_caller = false;
    EXPECT_EQ(refusal(kAlterA), "42501 must be owner of partition public.t21");
    catalog.tables[0].partitions[2].kind = 'f';
    EXPECT_EQ(refusal(kAlterA), "0A000 cannot change table \"t\", whose partition public.t21 is a foreign table");
    catalog.tables[0].partitions.clear();
    catalog.tables[0].incoming_foreign_keys = {Incoming("in", "public.r", {"id"}, {"a"})};
    EXPECT_EQ(refusal(kAlterA), "0A000 foreign key \"in\" cannot be pointed to the new column of partitioned table \"t\"");
}

}  // namespace
}  // namespace pgmigrate
