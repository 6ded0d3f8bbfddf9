// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/pressure_store.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace pgmigrate {
namespace {

using Json = nlohmann::ordered_json;

Json NumberOrNull(std::optional<double> value) { return value && std::isfinite(*value) ? Json(*value) : Json(); }

Json Describe(Signal signal, const Gauge &gauge, double lost, SteadyTime now) {
    const bool known = !gauge.reading().words.empty();
    const double age = std::chrono::duration<double>(now - gauge.since()).count();
    return {{"signal", SignalName(signal)},
            {"state", GaugeStateName(gauge.state())},
            {"value", NumberOrNull(gauge.reading().value)},
            {"soft_limit", known ? NumberOrNull(gauge.reading().limits.soft) : Json()},
            {"hard_limit", known ? NumberOrNull(gauge.reading().limits.hard) : Json()},
            {"reason", gauge.reading().words},
            {"age", gauge.since() == SteadyTime{} ? 0 : age},
            {"lost", lost}};
}

}  // namespace

void SavePressure(Database &database, std::int64_t migration_id, const Governor &governor,
                  const std::array<double, kSignalCount> &lost, SteadyTime now) {
    Json rows = Json::array();
    for (std::size_t i = 0; i < kSignalCount; ++i)
        rows.push_back(Describe(static_cast<Signal>(i), governor.gauges()[i], lost[i], now));
    // A text that is not UTF-8 (a name in another encoding) is not worth an error.
    const std::string text = rows.dump(-1, ' ', true, Json::error_handler_t::replace);
    database.Execute(
        "INSERT INTO pgmigrate.pressure AS p"
        " (migration_id, signal, state, value, soft_limit, hard_limit, reason, since, seconds_lost)"
        " SELECT $1::bigint, r.signal, r.state, r.value, r.soft_limit, r.hard_limit, r.reason,"
        " clock_timestamp() - make_interval(secs => r.age), r.lost"
        " FROM json_to_recordset($2::json) AS r (signal text, state text, value float8, soft_limit float8,"
        " hard_limit float8, reason text, age float8, lost float8) WHERE r.reason <> '' OR r.lost > 0"
        " OR EXISTS (SELECT FROM pgmigrate.pressure o WHERE o.migration_id = $1::bigint AND o.signal = r.signal"
        " AND o.state <> 'clear')"
        " ON CONFLICT (migration_id, signal) DO UPDATE SET state = excluded.state, value = excluded.value,"
        " soft_limit = excluded.soft_limit, hard_limit = excluded.hard_limit, reason = excluded.reason,"
        " since = CASE WHEN p.state = excluded.state THEN p.since ELSE excluded.since END,"
        " seconds_lost = p.seconds_lost + excluded.seconds_lost, seen_at = clock_timestamp()",
        {std::to_string(migration_id), text});
}

void SavePace(Database &database, std::int64_t migration_id, const PaceRecord &record) {
    database.Execute(
        "INSERT INTO pgmigrate.pace AS p"
        " (migration_id, waiting_for, waiting_since, factor, workers, batch_blocks, wal_per_block)"
        " VALUES ($1::bigint, nullif($2, ''), CASE WHEN $2 <> '' THEN clock_timestamp() - make_interval(secs => "
        "$3::float8) END, $4::float8, $5::integer, $6::bigint, $7::bigint)"
        " ON CONFLICT (migration_id) DO UPDATE SET waiting_for = excluded.waiting_for,"
        " waiting_since = excluded.waiting_since, factor = excluded.factor, workers = excluded.workers,"
        " batch_blocks = excluded.batch_blocks, wal_per_block = excluded.wal_per_block, seen_at = clock_timestamp()",
        {std::to_string(migration_id), record.waiting_for, fmt::format("{}", record.seconds_waiting),
         fmt::format("{}", record.factor), std::to_string(record.workers), std::to_string(record.batch_blocks),
         std::to_string(record.wal_per_block)});
}

}  // namespace pgmigrate
