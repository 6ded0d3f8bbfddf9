// SPDX-License-Identifier: PostgreSQL
// migrate_metrics() → text, pgmigrate.metrics() → rows: what a monitoring system reads. For everybody.
#include "monitor/metrics.h"

#include <fmt/format.h>

#include "api/status_rows.h"
#include "monitor/figures.h"
#include "pg/boundary.h"
#include "pg/disk.h"
#include "pg/result_rows.h"
#include "pg/spi_database.h"

namespace pgmigrate::api {
namespace {

/// The file systems of the WAL, of the database, and of every tablespace that holds something of it.
std::vector<VolumeFigures> LoadVolumes(Database &state) {
    std::vector<VolumeFigures> volumes;
    const auto add = [&volumes](const std::optional<Volume> &volume) {
        if (volume) volumes.push_back({.volume = volume->name, .free = volume->free, .total = volume->total});
    };
    const Rows rows = state.Query(
        "SELECT 0 AS tablespace UNION SELECT reltablespace::bigint FROM pg_class WHERE reltablespace NOT IN"
        " (0, (SELECT oid FROM pg_tablespace WHERE spcname = 'pg_global')) ORDER BY 1");
    for (std::size_t row = 0; row < rows.size(); ++row) add(pg::VolumeOfTablespace(rows.Int(row, "tablespace")));
    add(pg::VolumeOfWal());
    return volumes;
}

std::vector<Metric> ReadMetrics() {
    pg::SpiDatabase state = pg::StateDatabase();
    Figures figures = LoadFigures(state, StatusRows(state, std::nullopt));
    figures.volumes = LoadVolumes(state);
    return CollectMetrics(figures);
}

Datum MetricsAsText(pg::Arguments) { return pg::Arguments::Return(MetricsText(ReadMetrics())); }

Datum MetricsAsRows(pg::Arguments arguments) {
    Rows rows;
    for (const Metric &metric : ReadMetrics())
        for (const MetricSample &sample : metric.samples)
            rows.values.push_back({metric.name, std::string(MetricKindName(metric.kind)), LabelsAsJson(sample),
                                   fmt::format("{}", sample.value), metric.help});
    return pg::ReturnRows(arguments.call(), rows);
}

}  // namespace
}  // namespace pgmigrate::api

PGMIGRATE_FUNCTION(migrate_metrics, pgmigrate::api::MetricsAsText)
PGMIGRATE_FUNCTION(pgmigrate_metrics, pgmigrate::api::MetricsAsRows)
