// SPDX-License-Identifier: PostgreSQL
#include "monitor/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <nlohmann/json.hpp>

namespace pgmigrate {
namespace {

constexpr std::array kPhases = {State::kFilling,    State::kIndexing, State::kValidating, State::kVerifying,
                                State::kPublishing, State::kReady,    State::kCompleted};

double Number(bool value) { return value ? 1 : 0; }
double Number(std::int64_t value) { return static_cast<double>(value); }

class Collector {
  public:
    void Gauge(std::string name, std::string help) { Add(std::move(name), std::move(help), MetricKind::kGauge); }
    void Counter(std::string name, std::string help) { Add(std::move(name), std::move(help), MetricKind::kCounter); }

    /// A sample of the metric named last.
    void Put(double value, std::vector<std::pair<std::string, std::string>> labels = {}) {
        metrics_.back().samples.push_back({.labels = std::move(labels), .value = value});
    }

    std::vector<Metric> Take() { return std::move(metrics_); }

  private:
    void Add(std::string name, std::string help, MetricKind kind) {
        metrics_.push_back({.name = std::move(name), .help = std::move(help), .kind = kind, .samples = {}});
    }

    std::vector<Metric> metrics_;
};

void CollectServer(const Figures &figures, Collector &collector) {
    const ServerLoad &server = figures.server;
    collector.Gauge("migration_lag_seconds", "Replay lag of the standby or subscriber that is furthest behind.");
    collector.Put(server.lag_seconds);
    collector.Gauge("disk_free_bytes", "Free space on the file system of a tablespace or of pg_wal.");
    for (const VolumeFigures &volume : figures.volumes) collector.Put(Number(volume.free), {{"volume", volume.volume}});
    collector.Gauge("disk_total_bytes", "Size of the file system of a tablespace or of pg_wal.");
    for (const VolumeFigures &volume : figures.volumes)
        collector.Put(Number(volume.total), {{"volume", volume.volume}});
    collector.Gauge("pgmigrate_backends", "Client connections of the server.");
    collector.Put(Number(server.backends));
    collector.Gauge("pgmigrate_max_connections", "Client connections that the server allows.");
    collector.Put(Number(server.max_connections));
    collector.Gauge("pgmigrate_workers", "Background workers of migrations that are running.");
    collector.Put(Number(server.workers));
    collector.Gauge("pgmigrate_oldest_transaction_seconds", "Age of the oldest transaction in the database.");
    collector.Put(server.oldest_transaction_seconds);
    collector.Gauge("pgmigrate_slot_retained_bytes", "WAL that the server keeps for a replication slot.");
    for (const SlotFigures &slot : figures.slots) collector.Put(Number(slot.retained_bytes), {{"slot", slot.slot}});
}

void CollectSchemas(const Figures &figures, Collector &collector) {
    collector.Counter("pgmigrate_schema_failures_total", "Times a migration of the schema has failed.");
    for (const SchemaFigures &schema : figures.schemas)
        collector.Put(Number(schema.failures), {{"schema", schema.schema}});
    collector.Counter("pgmigrate_schema_completions_total", "Migrations of the schema that were completed.");
    for (const SchemaFigures &schema : figures.schemas)
        collector.Put(Number(schema.completed), {{"schema", schema.schema}});
    collector.Counter("pgmigrate_schema_rollbacks_total", "Migrations of the schema that were rolled back.");
    for (const SchemaFigures &schema : figures.schemas)
        collector.Put(Number(schema.rolled_back), {{"schema", schema.schema}});
}

std::vector<std::pair<std::string, std::string>> LabelsOf(const MigrationFigures &migration) {
    return {{"schema", migration.schema}, {"migration", migration.migration}};
}

/// One value of each migration.
template <typename Value>
void PutEach(const Figures &figures, Collector &collector, Value value) {
    for (const MigrationFigures &migration : figures.migrations) collector.Put(value(migration), LabelsOf(migration));
}

void CollectWork(const Figures &figures, Collector &collector) {
    collector.Counter("pgmigrate_migration_rows_filled_total", "Rows that the migration has filled.");
    PutEach(figures, collector, [](const MigrationFigures &figure) { return Number(figure.rows_filled); });
    collector.Gauge("pgmigrate_migration_rows_to_fill", "Rows that the migration has to fill in all; an estimate.");
    PutEach(figures, collector, [](const MigrationFigures &figure) { return Number(figure.rows_to_fill); });
    collector.Counter("pgmigrate_migration_rows_verified_total", "Rows whose old and new values were compared.");
    PutEach(figures, collector, [](const MigrationFigures &figure) { return Number(figure.rows_verified); });
    collector.Counter("pgmigrate_migration_filled_bytes_total", "Size of the parts of the tables that are filled.");
    PutEach(figures, collector, [](const MigrationFigures &figure) { return Number(figure.bytes_filled); });
    collector.Gauge("pgmigrate_migration_to_fill_bytes", "Size of the tables to fill.");
    PutEach(figures, collector, [](const MigrationFigures &figure) { return Number(figure.bytes_to_fill); });
    collector.Counter("pgmigrate_throttle_seconds_total", "Time the migration has waited, by what it waited for.");
    for (const ThrottleFigures &throttle : figures.throttles)
        collector.Put(throttle.seconds,
                      {{"schema", throttle.schema}, {"migration", throttle.migration}, {"reason", throttle.reason}});
}

void CollectState(const Figures &figures, Collector &collector) {
    collector.Gauge("pgmigrate_migration_progress_ratio", "How far the migration is over all phases, from 0 to 1.");
    PutEach(figures, collector, [](const MigrationFigures &figure) { return figure.progress; });
    collector.Gauge("pgmigrate_eta_seconds", "Time until the migration is ready; absent where it is not known.");
    for (const MigrationFigures &migration : figures.migrations)
        if (migration.eta_seconds) collector.Put(*migration.eta_seconds, LabelsOf(migration));
    collector.Gauge("pgmigrate_migration_started_timestamp_seconds",
                    "When the migration was started, in seconds since 1970.");
    PutEach(figures, collector, [](const MigrationFigures &figure) { return figure.started_at; });
    collector.Gauge("pgmigrate_migration_paused", "1 if the migration is paused.");
    PutEach(figures, collector, [](const MigrationFigures &figure) { return Number(figure.paused); });
    collector.Gauge("pgmigrate_migration_failed", "1 if the migration has failed and waits for migrate_resume().");
    PutEach(figures, collector, [](const MigrationFigures &figure) { return Number(figure.failed); });
    collector.Gauge("pgmigrate_phase_current", "1 for the phase the migration is in, 0 for every other.");
    for (const MigrationFigures &migration : figures.migrations)
        for (const State phase : kPhases) {
            auto labels = LabelsOf(migration);
            labels.emplace_back("phase", StateName(phase));
            collector.Put(Number(phase == migration.phase), std::move(labels));
        }
}

prometheus::ClientMetric AsClientMetric(const MetricSample &sample, MetricKind kind) {
    prometheus::ClientMetric result;
    for (const auto &[name, value] : sample.labels) {
        prometheus::ClientMetric::Label label;
        label.name = name;
        label.value = value;
        result.label.push_back(std::move(label));
    }
    if (kind == MetricKind::kCounter)
        result.counter.value = sample.value;
    else
        result.gauge.value = sample.value;
    return result;
}

}  // namespace

std::vector<Metric> CollectMetrics(const Figures &figures) {
    Collector collector;
    CollectServer(figures, collector);
    CollectSchemas(figures, collector);
    CollectState(figures, collector);
    CollectWork(figures, collector);
    return collector.Take();
}

std::string MetricsText(const std::vector<Metric> &metrics) {
    std::vector<prometheus::MetricFamily> families;
    for (const Metric &metric : metrics) {
        if (metric.samples.empty()) continue;
        prometheus::MetricFamily family;
        family.name = metric.name;
        family.help = metric.help;
        family.type =
            metric.kind == MetricKind::kCounter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
        for (const MetricSample &sample : metric.samples) family.metric.push_back(AsClientMetric(sample, metric.kind));
        families.push_back(std::move(family));
    }
    return prometheus::TextSerializer().Serialize(families);
}

std::string_view MetricKindName(MetricKind kind) { return kind == MetricKind::kCounter ? "counter" : "gauge"; }

std::string LabelsAsJson(const MetricSample &sample) {
    nlohmann::json labels = nlohmann::json::object();
    for (const auto &[name, value] : sample.labels) labels[name] = value;
    return labels.dump();
}

}  // namespace pgmigrate
