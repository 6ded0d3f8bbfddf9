// SPDX-License-Identifier: PostgreSQL
// From what one look at the server shows to readings with their limits and words. Pure: keeps what has to be compared
// with earlier looks, asks nobody.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lifecycle/live_forecast.h"
#include "lifecycle/load.h"
#include "lifecycle/patience.h"
#include "lifecycle/pressure.h"
#include "lifecycle/replay_lag.h"

namespace pgmigrate {

/// The limits that can be set. A negative one: not watched. Zero is a limit like any other: the fill stops.
struct PressureSettings {
    std::chrono::duration<double> max_replay_lag{10};
    std::vector<std::string> standbys = {};  ///< those that count; none: all that are connected
    std::int64_t max_slot_wal = std::int64_t{10} << 30;
    int max_archive_backlog = 64;         ///< files
    double max_active_sessions = 2;       ///< per core
    double max_commit_latency = 100;      ///< milliseconds
    double max_checkpoint_distance = 95;  ///< percent of max_wal_size
    std::chrono::duration<double> max_horizon_age{1800};
    std::chrono::duration<double> autovacuum_yield{60};
    FreeDiskFloor min_free_disk = {};
    bool has_query = false;
};

struct SlotFigure {
    std::string name = {};
    std::int64_t retained = 0;
};

struct VacuumFigure {
    int pid = 0;
    std::string table = {};
};

struct ServerFigures {
    std::uint64_t wal_position = 0;
    std::int64_t checkpoint_distance = 0;  ///< WAL since the last checkpoint began
    std::int64_t max_wal_size = 0;
    std::int64_t max_slot_wal_keep = -1;  ///< setting max_slot_wal_keep_size in bytes; negative: no limit
    std::int64_t wal_present = 0;         ///< bytes of the files in pg_wal
    std::vector<StandbyReport> standbys = {};
    std::vector<SlotFigure> slots = {};
    bool archiving = false;
    std::optional<int> unarchived = {};  ///< files; nothing: they could not be counted
    int cores = 1;
    SessionCounts sessions = {};
    std::optional<HorizonHolder> horizon = {};
    std::vector<VacuumFigure> autovacuums = {};  ///< on tables being filled
    struct Tablespace {
        Volume volume;
        FillFootprint footprint;
    };
    std::vector<Tablespace> tablespaces = {};  ///< those of the tables being filled
    std::optional<Volume> wal_volume = {};
    std::int64_t wal_left = 0;         ///< WAL that the fill is still going to write
    int waiters = 0;                   ///< batches cut short since the last look because somebody waited
    std::optional<double> query = {};  ///< what pgmigrate.pressure_query gave
    std::string query_problem = {};    ///< why it gave nothing
};

class PressureReader {
  public:
    Sample Read(SteadyTime now, const ServerFigures &figures, const PressureSettings &settings);

    /// True while the server is to be looked at more often.
    bool IsAnyStandbyBehind() const { return replay_lag_.IsAnyBehind(); }

  private:
    void ReadDisk(const ServerFigures &figures, const PressureSettings &settings, Sample &sample);

    ReplayLag replay_lag_;
    Load load_;
    Horizon horizon_;
    VacuumYield yield_;
    std::map<std::string, LiveForecast> forecasts_;  ///< by name of the tablespace
};

}  // namespace pgmigrate
