// SPDX-License-Identifier: PostgreSQL
#include "monitor/report.h"

#include <gmock/gmock.h>

#include "monitor/html.h"

namespace pgmigrate {
namespace {

using testing::HasSubstr;
using testing::Not;

Report Example() {
    Report report;
    report.database = "app";
    report.schema = "public";
    report.migration = "02_wide";
    report.version_schema = "public_02_wide";
    report.started_by = "owner";
    report.state = report.phase = "ready";
    report.percent = 100;
    report.started_at = {.seconds = 1000, .text = "2026-01-01 00:00:00+00"};
    report.now = {.seconds = 1100, .text = "2026-01-01 00:01:40+00"};
    report.ended = 1100;
    return report;
}

void Happen(Report &report, double seconds, const std::string &event) {
    report.events.push_back({.at = {.seconds = seconds, .text = "then"}, .event = event, .detail = ""});
}

/// "filling 1000-1010 …"
std::string CourseInWords(const Report &report) {
    std::string words;
    for (const Span &span : Course(report))
        words += (words.empty() ? "" : ", ") + span.name + " " + std::to_string(static_cast<int>(span.from)) + "-" +
                 std::to_string(static_cast<int>(span.until));
    return words;
}

TEST(Report, CourseHasNoGaps) {
    Report report = Example();
    Happen(report, 1000, "started");
    Happen(report, 1010, "paused");
    Happen(report, 1020, "resumed");
    Happen(report, 1040, "indexing");
    Happen(report, 1050, "failed");
    Happen(report, 1060, "resumed");
    Happen(report, 1070, "ready");
    EXPECT_EQ(CourseInWords(report),
              "filling 1000-1010, paused 1010-1020, filling 1020-1040, indexing 1040-1050, failed 1050-1060, indexing "
              "1060-1070, ready 1070-1100");
}

TEST(Report, AMigrationWithoutWorkIsReadyFromTheStart) {
    Report report = Example();
    Happen(report, 1000, "started");
    EXPECT_EQ(CourseInWords(report), "ready 1000-1100");
    report.phase = report.state = "filling";
    EXPECT_EQ(CourseInWords(report), "filling 1000-1100");
}

TEST(Report, ClockThatGoesBackDoesNotBreakIt) {
    Report report = Example();
    Happen(report, 1050, "indexing");
    Happen(report, 1040, "ready");
    EXPECT_EQ(CourseInWords(report), "filling 1000-1050, ready 1050-1100");
}

/// Every text of the page, hostile.
TEST(Report, EveryTextIsEscaped) {
    const std::string evil = "<script>alert(\"1\")</script>&'";
    Report report = Example();
    report.database = report.server_version = report.schema = report.migration = evil;
    report.version_schema = report.started_by = report.state = report.phase = report.eta = evil;
    report.started_at.text = report.now.text = evil;
    report.failure = {.sqlstate = evil, .message = evil, .detail = evil, .hint = evil};
    report.events.push_back({.at = {.seconds = 1000, .text = evil}, .event = evil, .detail = evil});
    report.samples.push_back({.seconds = 1050, .bytes_filled = 1, .rows_filled = 1, .bytes_verified = 1});
    ReportTable table;
    table.name = evil;
    report.tables.push_back(table);
    report.steps.push_back({.phase = evil, .statement = evil, .lock = evil, .table = evil, .done_at = evil});
    report.lost.push_back({.schema = evil, .migration = evil, .reason = evil, .seconds = 5});
    report.conditions.push_back({.condition = evil, .value = evil, .limit = evil, .ok = false});
    const std::string page = ReportPage(report);
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, Not(HasSubstr("(\"1\")")));
    EXPECT_THAT(page, Not(HasSubstr("&'")));
    EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;"));
}

TEST(Report, PageNeedsNothingFromElsewhere) {
    const std::string page = ReportPage(Example());
    EXPECT_THAT(page, Not(HasSubstr("http:")));
    EXPECT_THAT(page, Not(HasSubstr("https:")));
    EXPECT_THAT(page, Not(HasSubstr("src=")));
    EXPECT_THAT(page, Not(HasSubstr("url(")));
    EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

TEST(Report, ChartsOfNothingAndOfASingleMoment) {
    Report report = Example();
    report.ended = report.started_at.seconds;
    report.samples.push_back({.seconds = 1000, .bytes_filled = 0, .rows_filled = 0, .bytes_verified = 0});
    for (const std::string &svg : {CourseChart(report), ProgressChart(report), RateChart(report)}) {
        EXPECT_THAT(svg, Not(HasSubstr("nan")));
        EXPECT_THAT(svg, Not(HasSubstr("inf")));
    }
}

TEST(Report, ARateIsNeverNegativeAndChartsStaySmall) {
    Report report = Example();
    for (int second = 1; second <= 5000; ++second)
        report.samples.push_back({.seconds = 1000.0 + second,
                                  .bytes_filled = second == 2500 ? 0 : second * 8192,
                                  .rows_filled = second,
                                  .bytes_verified = 0});
    EXPECT_LT(RateChart(report).size(), 20'000);
    EXPECT_LT(ProgressChart(report).size(), 40'000);
}

TEST(Report, FiguresInWords) {
    EXPECT_EQ(BytesInWords(512), "512 B");
    EXPECT_EQ(BytesInWords(8192), "8.0 kB");
    EXPECT_EQ(BytesInWords(3.5 * 1024 * 1024 * 1024), "3.5 GB");
    EXPECT_EQ(CountInWords(0), "0");
    EXPECT_EQ(CountInWords(999), "999");
    EXPECT_EQ(CountInWords(1234567), "1\u202f234\u202f567");
    EXPECT_EQ(RoundedCount(999999), "999\u202f999");
    EXPECT_EQ(RoundedCount(746913568), "746.9 M");
    EXPECT_EQ(RoundedCount(12'300'000'000), "12.3 G");
    EXPECT_EQ(DurationInWords(0.24), "0.2 s");
    EXPECT_EQ(DurationInWords(59.4), "59 s");
    EXPECT_EQ(DurationInWords(90), "1 min 30 s");
    EXPECT_EQ(DurationInWords(7260), "2 h 1 min");
    EXPECT_EQ(DurationInWords(180000), "2 d 2 h");
    EXPECT_EQ(EscapeHtml("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
}

}  // namespace
}  // namespace pgmigrate
