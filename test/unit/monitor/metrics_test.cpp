// SPDX-License-Identifier: PostgreSQL
#include "monitor/metrics.h"

#include <gmock/gmock.h>

#include <set>

namespace pgmigrate {
namespace {

using testing::HasSubstr;
using testing::Not;

Figures OneMigration() {
    Figures figures;
    figures.server.lag_seconds = 1.5;
    MigrationFigures migration;
    migration.schema = "public";
    migration.migration = "02 \"wide\"\\\n";
    migration.phase = State::kIndexing;
    migration.progress = 0.75;
    migration.started_at = 1'700'000'000.25;
    migration.rows_filled = 5'000'000'000;
    figures.migrations.push_back(migration);
    return figures;
}

TEST(Metrics, TextEscapesLabelsAndKeepsLargeNumbers) {
    const std::string text = MetricsText(CollectMetrics(OneMigration()));
    EXPECT_THAT(text, HasSubstr("# TYPE pgmigrate_migration_rows_filled_total counter\n"));
    EXPECT_THAT(text, HasSubstr("{schema=\"public\",migration=\"02 \\\"wide\\\"\\\\\\n\"} 5000000000\n"));
    EXPECT_THAT(text, HasSubstr("migration_lag_seconds 1.5\n"));
    EXPECT_THAT(text, HasSubstr("} 1700000000.25\n"));
}

TEST(Metrics, ExactlyOnePhaseIsCurrent) {
    double sum = 0;
    for (const Metric &metric : CollectMetrics(OneMigration()))
        if (metric.name == "pgmigrate_phase_current")
            for (const MetricSample &sample : metric.samples) {
                sum += sample.value;
                if (sample.value == 1) {
                    EXPECT_EQ(sample.labels.back().second, "indexing");
                }
            }
    EXPECT_EQ(sum, 1);
}

TEST(Metrics, WhatIsUnknownIsAbsent) {
    Figures figures = OneMigration();
    EXPECT_THAT(MetricsText(CollectMetrics(figures)), Not(HasSubstr("pgmigrate_eta_seconds")));
    figures.migrations[0].eta_seconds = 12;
    EXPECT_THAT(MetricsText(CollectMetrics(figures)), HasSubstr("# TYPE pgmigrate_eta_seconds gauge\n"));
}

TEST(Metrics, NamesAreUniqueAndCountersEndInTotal) {
    std::set<std::string> names;
    for (const Metric &metric : CollectMetrics(OneMigration())) {
        EXPECT_TRUE(names.insert(metric.name).second) << metric.name;
        EXPECT_EQ(metric.name.ends_with("_total"), metric.kind == MetricKind::kCounter) << metric.name;
        EXPECT_TRUE(metric.help.ends_with(".")) << metric.name;
    }
}

TEST(Metrics, LabelsAreAJsonObject) {
    EXPECT_EQ(LabelsAsJson({.labels = {{"slot", "a\"b"}}, .value = 1}), R"({"slot":"a\"b"})");
    EXPECT_EQ(LabelsAsJson({.labels = {}, .value = 1}), "{}");
}

}  // namespace
}  // namespace pgmigrate
