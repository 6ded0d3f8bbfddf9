// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "monitor/html.h"
#include "monitor/report.h"

namespace pgmigrate {
namespace {

constexpr double kWidth = 720;  // of the drawing; the page scales it
constexpr double kLeft = 78;
constexpr double kRight = 12;
constexpr std::size_t kMostPoints = 240;  // more could not be seen

struct Point {
    double seconds = 0;
    double value = 0;
};

/// Places times and values on the drawing.
struct Frame {
    double from = 0;
    double until = 1;
    double most = 1;
    double height = 0;
    double top = 14;
    double bottom = 24;

    double X(double seconds) const {
        return kLeft + (kWidth - kLeft - kRight) * std::clamp((seconds - from) / (until - from), 0.0, 1.0);
    }
    double Y(double value) const {
        return height - bottom - (height - top - bottom) * std::clamp(value / most, 0.0, 1.0);
    }
};

std::string Open(double height, const std::string &title) {
    return fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\"><title>{}</title>\n", kWidth,
                       height, EscapeHtml(title), EscapeHtml(title));
}

std::string Text(double x, double y, const char *anchor, const std::string &text) {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor,
                       EscapeHtml(text));
}

/// Lines of the values and marks of the time since the start.
std::string Axes(const Frame &frame, const std::function<std::string(double)> &words) {
    std::string svg;
    for (const double share : {0.0, 0.5, 1.0}) {
        const double y = frame.Y(frame.most * share);
        svg += fmt::format("<line class=\"grid\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>\n", kLeft,
                           kWidth - kRight, y, y);
        svg += Text(kLeft - 6, y + 4, "end", words(frame.most * share));
    }
    for (const double share : {0.0, 0.25, 0.5, 0.75, 1.0}) {
        const double seconds = frame.from + (frame.until - frame.from) * share;
        svg += Text(frame.X(seconds), frame.height - 6, share == 0 ? "start" : (share == 1 ? "end" : "middle"),
                    share == 0 ? "start" : DurationInWords(seconds - frame.from));
    }
    return svg;
}

std::string Line(const Frame &frame, const std::vector<Point> &points, const char *name) {
    std::string path;
    for (const Point &point : points)
        path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : " L", frame.X(point.seconds), frame.Y(point.value));
    return fmt::format("<path class=\"line {}\" d=\"{}\"/>\n", name, path);
}

std::string Area(const Frame &frame, const std::vector<Point> &points, const char *name) {
    std::string path = fmt::format("M{:.1f} {:.1f}", frame.X(points.front().seconds), frame.Y(0));
    for (const Point &point : points)
        path += fmt::format(" L{:.1f} {:.1f}", frame.X(point.seconds), frame.Y(point.value));
    path += fmt::format(" L{:.1f} {:.1f} Z", frame.X(points.back().seconds), frame.Y(0));
    return fmt::format("<path class=\"area {}\" d=\"{}\"/>\n", name, path);
}

/// The charts of the work end when the last sample was taken: a migration may be ready for weeks after that.
Frame WorkFrame(const Report &report, double most) {
    const double until = report.samples.empty() ? report.ended : report.samples.back().seconds;
    return {.from = report.started_at.seconds,
            .until = std::max(until, report.started_at.seconds + 0.1),
            .most = std::max(most, 1.0),
            .height = 190};
}

std::int64_t TotalBytes(const Report &report) {
    std::int64_t bytes = 0;
    for (const ReportTable &table : report.tables) bytes += table.bytes;
    return bytes;
}

std::string Legend(double x, const char *name, const std::string &text) {
    return fmt::format("<rect class=\"area {}\" x=\"{:.1f}\" y=\"1\" width=\"9\" height=\"9\"/>\n", name, x) +
           Text(x + 13, 10, "start", text);
}

/// Bytes per second between samples; neighbours are put together.
std::vector<Point> Rates(const Report &report, const std::function<std::int64_t(const ReportSample &)> &bytes) {
    std::vector<Point> rates{{.seconds = report.started_at.seconds, .value = 0}};
    const std::size_t stride = report.samples.size() / kMostPoints + 1;
    ReportSample last{.seconds = report.started_at.seconds};
    for (std::size_t index = stride - 1; index < report.samples.size(); index += stride) {
        const ReportSample &sample = report.samples[index];
        const double seconds = sample.seconds - last.seconds;
        if (seconds <= 0) continue;
        // Less than before: the table was rewritten and its fill began anew.
        const double done = std::max<double>(0, static_cast<double>(bytes(sample) - bytes(last)));
        rates.push_back({.seconds = sample.seconds, .value = done / seconds});
        last = sample;
    }
    return rates;
}

double Most(const std::vector<Point> &points) {
    double most = 0;
    for (const Point &point : points) most = std::max(most, point.value);
    return most;
}

}  // namespace

std::string CourseChart(const Report &report) {
    const Frame frame{.from = report.started_at.seconds,
                      .until = std::max(report.ended, report.started_at.seconds + 0.001),
                      .most = 1,
                      .height = 74};
    std::string svg = Open(frame.height, "What the migration was doing when");
    for (const Span &span : Course(report)) {
        const double left = 4 + (frame.X(span.from) - kLeft) * (kWidth - 8) / (kWidth - kLeft - kRight);
        const double right = 4 + (frame.X(span.until) - kLeft) * (kWidth - 8) / (kWidth - kLeft - kRight);
        const double width = std::max(right - left, 1.5);
        svg += fmt::format(
            "<rect class=\"span {}\" x=\"{:.1f}\" y=\"8\" width=\"{:.1f}\" height=\"34\" rx=\"3\"><title>{}: "
            "{}</title></rect>\n",
            EscapeHtml(span.name), left, width, EscapeHtml(span.name), DurationInWords(span.until - span.from));
        if (width > 7.5 * static_cast<double>(span.name.size()))
            svg += fmt::format("<text class=\"on\" x=\"{:.1f}\" y=\"29\" text-anchor=\"middle\">{}</text>\n",
                               left + width / 2, EscapeHtml(span.name));
    }
    svg += Text(4, 62, "start", report.started_at.text);
    svg += Text(kWidth - 4, 62, "end", DurationInWords(report.ended - report.started_at.seconds));
    return svg + "</svg>\n";
}

std::string ProgressChart(const Report &report) {
    const Frame frame = WorkFrame(report, static_cast<double>(TotalBytes(report)));
    std::vector<Point> filled{{.seconds = frame.from, .value = 0}};
    std::vector<Point> verified = filled;
    const std::size_t stride = report.samples.size() / kMostPoints + 1;
    for (std::size_t index = stride - 1; index < report.samples.size(); index += stride) {
        const ReportSample &sample = report.samples[index];
        filled.push_back({.seconds = sample.seconds, .value = static_cast<double>(sample.bytes_filled)});
        verified.push_back({.seconds = sample.seconds, .value = static_cast<double>(sample.bytes_verified)});
    }
    return Open(frame.height, "Size filled and verified over time") + Axes(frame, BytesInWords) +
           Area(frame, filled, "filled") + Line(frame, filled, "filled") + Line(frame, verified, "verified") +
           Legend(kLeft, "filled", "filled") + Legend(kLeft + 60, "verified", "verified") + "</svg>\n";
}

std::string RateChart(const Report &report) {
    const std::vector<Point> fill = Rates(report, [](const ReportSample &sample) { return sample.bytes_filled; });
    const std::vector<Point> verify = Rates(report, [](const ReportSample &sample) { return sample.bytes_verified; });
    const Frame frame = WorkFrame(report, std::max(Most(fill), Most(verify)));
    return Open(frame.height, "Size filled and verified per second") +
           Axes(frame, [](double bytes) { return BytesInWords(bytes) + "/s"; }) + Area(frame, fill, "filled") +
           Line(frame, fill, "filled") + Line(frame, verify, "verified") +
           Legend(kLeft, "filled", "filled per second") + Legend(kLeft + 130, "verified", "verified per second") +
           "</svg>\n";
}

}  // namespace pgmigrate
