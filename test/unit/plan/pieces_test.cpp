// SPDX-License-Identifier: PostgreSQL
// Sync specs, phase names, the order of renames.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/renames.h"
#include "plan/step.h"
#include "plan/sync_spec.h"
#include "support/planning.h"

namespace pgmigrate {
namespace {

TEST(SyncSpec, IsTheSameAfterEncodingAndDecoding) {
    const SyncSpec spec{.new_version = "public_02",
                        .old_version = "",
                        .search_path = "\"a b\", pg_temp",
                        .up = {{.target = "x\"y", .expression = "$1 || E'\\\\ \n'", .parameters = {"\u65e5", "it's"}, .is_immutable = true}},
                        .down = {{.target = "a", .expression = "1", .parameters = {}, .is_immutable = false}},
                        .default_from_source = {"x\"y"}};
    EXPECT_EQ(DecodeSyncSpec(EncodeSyncSpec(spec)), spec);
    EXPECT_EQ(DecodeSyncSpec(EncodeSyncSpec({})), SyncSpec{});
    EXPECT_EQ(EncodeSyncSpec(spec).find('\n'), std::string::npos);
}

TEST(SyncSpec, OtherTextsAreRefused) {
    for (const std::string_view text : {"", "null", "{}", "[]", "x", R"({"new_version": 1})", R"({"up": "x"})"}) {
        try {
            DecodeSyncSpec(text);
            ADD_FAILURE() << text;
        } catch (const Error &error) {
            EXPECT_TRUE(error.state() == "XX000");
            EXPECT_NE(error.text().detail, "");
        }
    }
}

TEST(Phase, NamesAreReadBack) {
    const Phase phases[] = {Phase::kExpand, Phase::kFill, Phase::kIndex, Phase::kValidate, Phase::kVerify, Phase::kPublish, Phase::kContract};
    for (const Phase phase : phases) EXPECT_EQ(PhaseFromName(PhaseName(phase)), phase);
    EXPECT_EQ(PhaseName(Phase::kExpand), "expand");
    EXPECT_EQ(PhaseName(Phase::kContract), "contract");
    EXPECT_THROW(PhaseFromName("Expand"), Error);
    EXPECT_THROW(PhaseFromName(""), Error);
}

std::vector<Rename> Ordered(std::vector<Rename> wanted, std::vector<std::string> held) {
    int number = 0;
    return OrderRenames(std::move(wanted), std::move(held), [&](const std::string &name) { return name + std::to_string(++number); });
}

TEST(OrderRenames, WaitsForNamesThatGetFree) {
    EXPECT_THAT(Ordered({}, {"a"}), IsEmpty());
    EXPECT_THAT(Ordered({{"a", "b"}}, {"a"}), ElementsAre(Rename{"a", "b"}));
    EXPECT_THAT(Ordered({{"a", "b"}, {"b", "c"}, {"c", "d"}}, {"a", "b", "c"}),
                ElementsAre(Rename{"c", "d"}, Rename{"b", "c"}, Rename{"a", "b"}));
}

TEST(OrderRenames, OneOfACircleStepsAside) {
    EXPECT_THAT(Ordered({{"a", "b"}, {"b", "c"}, {"c", "a"}}, {"a", "b", "c"}),
                ElementsAre(Rename{"a", "b1"}, Rename{"c", "a"}, Rename{"b", "c"}, Rename{"b1", "b"}));
    EXPECT_THAT(Ordered({{"a", "b"}, {"b", "a"}, {"x", "y"}, {"y", "x"}}, {"a", "b", "x", "y"}),
                ElementsAre(Rename{"a", "b1"}, Rename{"b", "a"}, Rename{"b1", "b"}, Rename{"x", "y2"}, Rename{"y", "x"}, Rename{"y2", "y"}));
}

TEST(OrderRenames, ANameThatNeverGetsFreeIsAnErrorAndNoLoop) { EXPECT_THROW(Ordered({{"a", "b"}}, {"a", "b"}), Error); }

}  // namespace
}  // namespace pgmigrate
