// SPDX-License-Identifier: PostgreSQL
// What the tests of src/plan share: a catalog, a binder, a request, and the plan in a form that is easy to compare.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "migration/parse.h"
#include "plan/plan.h"
#include "support/catalog_builders.h"
#include "support/fake_binder.h"

namespace pgmigrate {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// How planning is refused; an empty state if it is not.
struct PlanRefusal {
    std::string state;
    ErrorText text;
};

class PlanTest : public ::testing::Test {
  protected:
    void Tables(std::vector<TableBuilder> tables) { catalog = SchemaOf(std::move(tables)); }

    /// Plans the operations, given as a file has them, separated by commas: `{"drop_table": {"name": "t"}}`.
    const Plan &Operations(const std::string &operations) {
        plan = PlanMigration(ParseMigration("{\"operations\": [" + operations + "]}"), request, catalog, binder);
        return plan;
    }

    const Plan &Planned(std::vector<Operation> operations) {
        plan = PlanMigration({.version_schema = {}, .operations = std::move(operations)}, request, catalog, binder);
        return plan;
    }

    PlanRefusal Refused(const std::string &operations) {
        try {
            Operations(operations);
            return {};
        } catch (const Error &error) {
            return {error.state().code, error.text()};
        }
    }

    std::vector<std::string> Statements(Phase phase) const {
        std::vector<std::string> statements;
        for (const Step &step : plan.steps)
            if (step.phase == phase) statements.push_back(step.statement);
        return statements;
    }
    std::vector<std::string> Expand() const { return Statements(Phase::kExpand); }
    std::vector<std::string> Indexes() const { return Statements(Phase::kIndex); }
    std::vector<std::string> Contract() const { return Statements(Phase::kContract); }
    std::vector<std::string> Publish() const { return Statements(Phase::kPublish); }

    std::vector<std::string> Undos() const {
        std::vector<std::string> undos;
        for (const Step &step : plan.steps)
            if (!step.undo.empty()) undos.push_back(step.undo);
        return undos;
    }

    const Step &StepWith(const std::string &piece) const {
        for (const Step &step : plan.steps)
            if (step.statement.find(piece) != std::string::npos) return step;
        ADD_FAILURE() << "no step has " << piece;
        static const Step kNone;
        return kNone;
    }

    /// Position among the steps of the only statement with this piece in this phase.
    int Position(const std::string &piece, Phase phase = Phase::kContract) const {
        int found = -1;
        for (int at = 0; const Step &step : plan.steps) {
            if (step.phase == phase && step.statement.find(piece) != std::string::npos) {
                EXPECT_EQ(found, -1) << "two statements have " << piece;
                found = at;
            }
            ++at;
        }
        EXPECT_NE(found, -1) << "no statement has " << piece;
        return found;
    }

    /// What the sync trigger of the only table with one is told.
    SyncSpec Spec() const {
        const std::string &statement = StepWith("CREATE TRIGGER").statement;
        std::size_t at = statement.find("public.pgmigrate_sync(") + 22;
        const bool has_escapes = statement.at(at) == 'E';
        std::string json;
        for (at += has_escapes ? 2 : 1; at < statement.size(); ++at) {
            if (statement[at] == '\'' && statement[++at] != '\'') break;
            if (statement[at] == '\\' && has_escapes) ++at;
            json += statement[at];
        }
        return DecodeSyncSpec(json);
    }

    FakeBinder binder;
    CatalogSchema catalog = SchemaOf({});
    PlanRequest request{.schema_name = "public",
                        .name = "02",
                        .version_schema = "public_02",
                        .previous_version = "",
                        .previous_views = {},
                        .search_path = "public, pg_temp",
                        .sync_function = "public.pgmigrate_sync"};
    Plan plan;
};

}  // namespace pgmigrate
