// SPDX-License-Identifier: PostgreSQL
#include "monitor/message.h"

#include <fmt/format.h>

#include "monitor/html.h"

namespace pgmigrate {
namespace {

std::string OrNone(const std::string &text) { return text.empty() ? "none" : text; }

/// What the users of the application need to know.
std::string Impact(const Report &report) {
    if (report.state == "completed") return "none: the migration is completed";
    if (report.state == "failed")
        return "none on the application: the old version goes on, the new one is not published";
    if (report.state == "ready") return "none: old and new version work side by side";
    return "none expected: the old version goes on while the new one is prepared";
}

std::string NextStep(const Report &report) {
    if (report.state == "failed") return OrNone(report.failure.hint);
    if (report.state == "paused") return "SELECT migrate_resume()";
    if (report.state == "ready") return "SELECT * FROM migrate_ready(), then SELECT migrate_complete()";
    if (report.state == "completed") return "none";
    return "wait: CALL migrate_wait()";
}

}  // namespace

MessageFacts FactsOf(const Report &report) {
    std::int64_t filled = 0;
    std::int64_t verified = 0;
    double lost = 0;
    for (const ReportTable &table : report.tables) {
        filled += table.rows_filled;
        verified += table.rows_verified;
    }
    for (const ThrottleFigures &throttle : report.lost) lost += throttle.seconds;
    return {{"database", report.database},
            {"schema", report.schema},
            {"migration", report.migration},
            {"version_schema", report.version_schema},
            {"started_by", report.started_by},
            {"started_at", report.started_at.text},
            {"now", report.now.text},
            {"running_for", DurationInWords(report.ended - report.started_at.seconds)},
            {"state", report.state},
            {"phase", report.phase},
            {"percent", fmt::format("{:.0f}", report.percent)},
            {"time_left", report.eta.empty() ? "not known" : report.eta},
            {"rows_filled", std::to_string(filled)},
            {"rows_verified", std::to_string(verified)},
            {"time_yielded", DurationInWords(lost)},
            {"error", OrNone(report.failure.message)},
            {"sqlstate", OrNone(report.failure.sqlstate)},
            {"impact", Impact(report)},
            {"next_step", NextStep(report)}};
}

std::string FillTemplate(const std::string &text, const MessageFacts &facts) {
    std::string filled;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t open = text.find('{', at);
        const std::size_t close = open == std::string::npos ? open : text.find('}', open);
        if (close == std::string::npos) break;
        const auto fact = facts.find(text.substr(open + 1, close - open - 1));
        if (fact == facts.end()) {
            filled += text.substr(at, open + 1 - at);
            at = open + 1;
        } else {
            filled += text.substr(at, open - at) + fact->second;
            at = close + 1;
        }
    }
    return filled + text.substr(at);
}

}  // namespace pgmigrate
