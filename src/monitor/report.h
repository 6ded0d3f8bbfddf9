// SPDX-License-Identifier: PostgreSQL
// The report about one migration: values in, an HTML page out. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "monitor/metrics.h"
#include "monitor/readiness.h"

namespace pgmigrate {

/// A moment: seconds since 1970, and as the page shows it.
struct Moment {
    double seconds = 0;
    std::string text;
};

struct ReportEvent {
    Moment at;
    std::string event;
    std::string detail;
};

/// How far the migration was at a moment.
struct ReportSample {
    double seconds = 0;
    std::int64_t bytes_filled = 0;
    std::int64_t rows_filled = 0;
    std::int64_t bytes_verified = 0;
};

struct ReportTable {
    std::string name;
    std::int64_t bytes = 0;
    std::int64_t bytes_filled = 0;
    std::int64_t bytes_verified = 0;
    std::int64_t rows_filled = 0;
    std::int64_t rows_verified = 0;
    double active_seconds = 0;
};

struct ReportStep {
    std::string phase;
    std::string statement;
    std::string lock;
    std::string table;
    std::string done_at;  ///< empty: not done
};

struct ReportFailure {
    std::string sqlstate;
    std::string message;
    std::string detail;
    std::string hint;
};

struct Report {
    std::string database;
    std::string server_version;
    std::string schema;
    std::string migration;
    std::string version_schema;
    std::string started_by;
    std::string state;
    std::string phase;
    double percent = 0;
    std::string eta;  ///< empty: not known
    Moment started_at;
    Moment now;
    double ended = 0;  ///< when it was completed, otherwise now
    ReportFailure failure;
    std::vector<ReportEvent> events;  ///< oldest first
    std::vector<ReportSample> samples;
    std::vector<ReportTable> tables;
    std::vector<ReportStep> steps;
    std::vector<ThrottleFigures> lost;
    std::vector<Condition> conditions;  ///< of completion; none once it is completed
};

/// A part of the time from start to end.
struct Span {
    std::string name;  ///< a phase, "paused" or "failed"
    double from = 0;
    double until = 0;
};

/// The course of the migration, told by its events: what it was doing when, without gaps.
std::vector<Span> Course(const Report &report);

/// An HTML page that needs nothing else.
std::string ReportPage(const Report &report);

/// The charts of the page, as SVG elements: the course, what was filled and verified over time, and how fast.
std::string CourseChart(const Report &report);
std::string ProgressChart(const Report &report);
std::string RateChart(const Report &report);

}  // namespace pgmigrate
