// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "monitor/html.h"
#include "monitor/report.h"
#include "monitor/report_style.h"

namespace pgmigrate {
namespace {

constexpr std::array<std::string_view, 6> kPhases = {"filling",   "indexing",   "validating",
                                                     "verifying", "publishing", "ready"};

std::string Row(const std::vector<std::string> &cells, const char *tag = "td") {
    std::string row = "<tr>";
    for (const std::string &cell : cells) row += fmt::format("<{}>{}</{}>", tag, cell, tag);
    return row + "</tr>\n";
}

/// Cells are HTML already.
std::string Table(const std::vector<std::string> &head, const std::vector<std::vector<std::string>> &rows) {
    std::string table = fmt::format("<div class=\"wide\"><table{}>\n<thead>{}</thead>\n<tbody>\n",
                                    head.size() > 3 ? " class=\"many\"" : "", Row(head, "th"));
    for (const std::vector<std::string> &row : rows) table += Row(row);
    return table + "</tbody></table></div>\n";
}

std::string Section(const std::string &title, const std::string &content, const std::string &remark = {}) {
    if (content.empty()) return {};
    return fmt::format("<section>\n<h2>{}</h2>\n{}{}</section>\n", EscapeHtml(title),
                       remark.empty() ? "" : "<p class=\"remark\">" + EscapeHtml(remark) + "</p>\n", content);
}

std::string Code(const std::string &text) { return text.empty() ? "" : "<code>" + EscapeHtml(text) + "</code>"; }

/// A name is not broken into lines.
std::string Name(const std::string &name) {
    return name.empty() ? "" : "<code class=\"name\">" + EscapeHtml(name) + "</code>";
}

std::string Wide(const std::string &chart) { return "<div class=\"wide chart\">" + chart + "</div>\n"; }

std::string Card(const std::string &name, const std::string &value, const std::string &remark = {}) {
    return fmt::format("<div class=\"card\"><dt>{}</dt><dd>{}{}</dd></div>\n", EscapeHtml(name), EscapeHtml(value),
                       remark.empty() ? "" : "<small>" + EscapeHtml(remark) + "</small>");
}

std::string Mark(bool ok) { return ok ? "<span class=\"yes\">✓ yes</span>" : "<span class=\"no\">✗ not yet</span>"; }

std::string Header(const Report &report) {
    return fmt::format(
        "<header>\n<p class=\"over\">Schema migration · database {}</p>\n<h1>{} <span class=\"badge "
        "{}\">{}</span></h1>\n"
        "<p>Schema <b>{}</b>, new version <b>{}</b>. Started by {} on {}.</p>\n</header>\n",
        EscapeHtml(report.database), EscapeHtml(report.migration), EscapeHtml(report.state), EscapeHtml(report.state),
        EscapeHtml(report.schema), EscapeHtml(report.version_schema), EscapeHtml(report.started_by),
        EscapeHtml(report.started_at.text));
}

std::string Cards(const Report &report) {
    std::int64_t rows = 0;
    std::int64_t verified = 0;
    std::int64_t bytes = 0;
    double lost = 0;
    for (const ReportTable &table : report.tables) {
        rows += table.rows_filled;
        verified += table.rows_verified;
        bytes += table.bytes;
    }
    for (const ThrottleFigures &throttle : report.lost) lost += throttle.seconds;
    const auto failures = std::ranges::count(report.events, "failed", &ReportEvent::event);
    std::string cards =
        Card("Progress", fmt::format("{:.0f}%", report.percent), report.eta.empty() ? "" : report.eta + " left");
    cards += Card("Time", DurationInWords(report.ended - report.started_at.seconds),
                  report.state == "completed" ? "start to completion" : "since the start");
    cards += Card("Rows filled", RoundedCount(rows), BytesInWords(static_cast<double>(bytes)) + " of tables");
    cards += Card("Rows verified", RoundedCount(verified), "old and new compared");
    cards += Card("Time yielded", DurationInWords(lost), "pauses and waiting");
    cards += Card("Failures", CountInWords(failures), failures == 0 ? "none" : "see the events");
    return "<dl class=\"cards\">\n" + cards + "</dl>\n";
}

std::string Bar(const Report &report) {
    return fmt::format(
        "<div class=\"bar\" role=\"progressbar\" aria-valuenow=\"{0:.0f}\" aria-valuemin=\"0\" aria-valuemax=\"100\">"
        "<div style=\"width:{0:.1f}%\"></div></div>\n",
        report.percent);
}

std::string Failure(const ReportFailure &failure) {
    if (failure.message.empty()) return {};
    std::string text = fmt::format("<p><b>{}</b> <small>SQLSTATE {}</small></p>\n", EscapeHtml(failure.message),
                                   EscapeHtml(failure.sqlstate));
    if (!failure.detail.empty()) text += "<p>" + EscapeHtml(failure.detail) + "</p>\n";
    if (!failure.hint.empty()) text += "<p>What to do: " + EscapeHtml(failure.hint) + "</p>\n";
    return "<div class=\"failure\" role=\"alert\">\n" + text + "</div>\n";
}

std::string Durations(const Report &report) {
    const std::vector<Span> course = Course(report);
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> names;
    for (const Span &span : course)
        if (std::ranges::find(names, span.name) == names.end()) names.push_back(span.name);
    const double all = std::max(report.ended - report.started_at.seconds, 0.001);
    for (const std::string &name : names) {
        double seconds = 0;
        for (const Span &span : course)
            if (span.name == name) seconds += span.until - span.from;
        rows.push_back({fmt::format("<span class=\"dot {0}\"></span>{0}", EscapeHtml(name)), DurationInWords(seconds),
                        fmt::format("{:.0f}%", 100 * seconds / all)});
    }
    return Table({"Phase", "Time", "Share"}, rows);
}

std::string Lost(const Report &report) {
    double most = 0.001;
    for (const ThrottleFigures &throttle : report.lost) most = std::max(most, throttle.seconds);
    std::vector<std::vector<std::string>> rows;
    for (const ThrottleFigures &throttle : report.lost)
        if (throttle.seconds > 0)
            rows.push_back({EscapeHtml(throttle.reason), DurationInWords(throttle.seconds),
                            fmt::format("<div class=\"bar thin\"><div style=\"width:{:.1f}%\"></div></div>",
                                        100 * throttle.seconds / most)});
    if (rows.empty()) return "<p>None: the migration never had to wait for the application.</p>\n";
    return Table({"Reason", "Time", ""}, rows);
}

std::string Tables(const Report &report) {
    std::vector<std::vector<std::string>> rows;
    for (const ReportTable &table : report.tables) {
        const double share =
            table.bytes == 0 ? 1 : static_cast<double>(table.bytes_filled) / static_cast<double>(table.bytes);
        rows.push_back({Name(table.name), BytesInWords(static_cast<double>(table.bytes)),
                        fmt::format("{:.0f}%", 100 * share), CountInWords(table.rows_filled),
                        CountInWords(table.rows_verified), DurationInWords(table.active_seconds)});
    }
    return rows.empty() ? "" : Table({"Table", "Size", "Filled", "Rows filled", "Rows verified", "Work"}, rows);
}

std::string Conditions(const Report &report) {
    std::vector<std::vector<std::string>> rows;
    for (const Condition &condition : report.conditions)
        rows.push_back({EscapeHtml(condition.condition), Mark(condition.ok), EscapeHtml(condition.value),
                        EscapeHtml(condition.limit)});
    return rows.empty() ? "" : Table({"Condition", "Met", "Now", "Wanted"}, rows);
}

std::string Plan(const Report &report) {
    std::vector<std::vector<std::string>> rows;
    for (const ReportStep &step : report.steps)
        rows.push_back({EscapeHtml(step.phase), Code(step.statement), Name(step.table), EscapeHtml(step.lock),
                        step.done_at.empty() ? "" : "<span class=\"yes\">✓</span> " + EscapeHtml(step.done_at)});
    return rows.empty() ? "" : Table({"Phase", "Statement", "Table", "Lock", "Done"}, rows);
}

std::string Events(const Report &report) {
    std::vector<std::vector<std::string>> rows;
    for (std::size_t index = 0; index < report.events.size(); ++index) {
        const ReportEvent &event = report.events[index];
        const double next = index + 1 < report.events.size() ? report.events[index + 1].at.seconds : report.ended;
        rows.push_back({EscapeHtml(event.at.text), EscapeHtml(event.event), EscapeHtml(event.detail),
                        next > event.at.seconds ? DurationInWords(next - event.at.seconds) : ""});
    }
    return rows.empty() ? "" : Table({"When", "Event", "Detail", "Until the next"}, rows);
}

std::string Footer(const Report &report) {
    return fmt::format("<footer>pgmigrate on PostgreSQL {} · as of {}</footer>\n", EscapeHtml(report.server_version),
                       EscapeHtml(report.now.text));
}

bool IsPhase(const std::string &event) { return std::ranges::find(kPhases, event) != kPhases.end(); }

}  // namespace

std::vector<Span> Course(const Report &report) {
    std::vector<Span> spans;
    const bool had_worker =
        report.phase == "filling" || std::ranges::any_of(report.events, IsPhase, &ReportEvent::event);
    std::string phase = had_worker ? "filling" : "ready";
    std::string doing = phase;
    double since = report.started_at.seconds;
    const auto turn_to = [&](const std::string &next, double at) {
        if (next == doing) return;
        if (at > since) spans.push_back({.name = doing, .from = since, .until = at});
        doing = next;
        since = std::max(since, at);
    };
    for (const ReportEvent &event : report.events) {
        if (IsPhase(event.event)) phase = event.event;
        if (IsPhase(event.event) || event.event == "resumed")
            turn_to(phase, event.at.seconds);
        else if (event.event == "paused" || event.event == "failed")
            turn_to(event.event, event.at.seconds);
    }
    if (report.ended > since) spans.push_back({.name = doing, .from = since, .until = report.ended});
    return spans;
}

std::string ReportPage(const Report &report) {
    std::string page = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src "
        "data:\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n"
        "<title>Migration {} of schema {}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n",
        EscapeHtml(report.migration), EscapeHtml(report.schema), kReportStyle);
    page += Header(report) + Failure(report.failure) + Bar(report) + Cards(report);
    page += Section("Course", Wide(CourseChart(report)) + Durations(report));
    if (!report.samples.empty())
        page +=
            Section("Work over time", Wide(ProgressChart(report)) + Wide(RateChart(report)),
                    "Filling computes the new values of rows that were there before; verifying compares old and new.");
    page += Section("Time yielded", Lost(report), "Pauses, and waiting in favour of the application.");
    page +=
        Section("Verification", Tables(report), "Each table, with the rows whose old and new values were compared.");
    page += Section("Ready to complete?", Conditions(report));
    page += Section("Plan", Plan(report), "Every statement, in order, with the lock it takes on the table.");
    page += Section("Events", Events(report));
    return page + Footer(report) + "</main>\n</body>\n</html>\n";
}

}  // namespace pgmigrate
