// SPDX-License-Identifier: PostgreSQL
// The figures of migrations and of their server as metrics, and as the text that Prometheus reads. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lifecycle/state.h"

namespace pgmigrate {

/// The latest migration of a target schema.
struct MigrationFigures {
    std::string schema;
    std::string migration;
    State phase = State::kFilling;  ///< in which it is, or in which it failed
    bool paused = false;
    bool failed = false;
    double progress = 0;  ///< 0 to 1, over all phases
    std::optional<double> eta_seconds;
    double started_at = 0;  ///< seconds since 1970
    std::int64_t rows_filled = 0;
    std::int64_t rows_verified = 0;
    std::int64_t rows_to_fill = 0;  ///< an estimate
    std::int64_t bytes_filled = 0;  ///< of the tables' files
    std::int64_t bytes_to_fill = 0;
};

/// What was counted since the extension was created.
struct SchemaFigures {
    std::string schema;
    std::int64_t failures = 0;
    std::int64_t completed = 0;
    std::int64_t rolled_back = 0;
};

struct VolumeFigures {
    std::string volume;  ///< name of a tablespace, or pg_wal
    std::int64_t free = 0;
    std::int64_t total = 0;
};

struct SlotFigures {
    std::string slot;
    std::int64_t retained_bytes = 0;
};

/// Time that a migration has waited in favour of something else.
struct ThrottleFigures {
    std::string schema;
    std::string migration;
    std::string reason;
    double seconds = 0;
};

struct ServerLoad {
    double lag_seconds = 0;  ///< of the standby or subscriber that is furthest behind
    std::int64_t backends = 0;
    std::int64_t max_connections = 0;
    std::int64_t workers = 0;
    double oldest_transaction_seconds = 0;  ///< in the current database
};

struct Figures {
    ServerLoad server;
    std::vector<MigrationFigures> migrations;
    std::vector<SchemaFigures> schemas;
    std::vector<VolumeFigures> volumes;
    std::vector<SlotFigures> slots;
    std::vector<ThrottleFigures> throttles;
};

enum class MetricKind { kGauge, kCounter };

struct MetricSample {
    std::vector<std::pair<std::string, std::string>> labels;
    double value = 0;
};

struct Metric {
    std::string name;
    std::string help;
    MetricKind kind = MetricKind::kGauge;
    std::vector<MetricSample> samples;
};

/// Every metric there is, in a fixed order; one without samples has nothing to measure now.
std::vector<Metric> CollectMetrics(const Figures &figures);

/// Prometheus text format 0.0.4. A metric without samples is left out.
std::string MetricsText(const std::vector<Metric> &metrics);

/// "gauge" or "counter".
std::string_view MetricKindName(MetricKind kind);

/// The labels as a JSON object.
std::string LabelsAsJson(const MetricSample &sample);

}  // namespace pgmigrate
