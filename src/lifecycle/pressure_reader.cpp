// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/pressure_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace pgmigrate {
namespace {

using Seconds = std::chrono::duration<double>;

/// A standby's lag is kept at this share of its limit by writing no more than fits.
constexpr double kLagTarget = 0.7;
constexpr double kSoftShare = 0.5;
/// Sessions per core below which the application is not held up by one more process.
constexpr double kQuietSessions = 0.25;
constexpr double kSoftLatencyShare = 0.2;
constexpr double kSoftHorizonShare = 1.0 / 6;
constexpr double kSoftCheckpoint = 0.75;
/// PostgreSQL gives up a slot at max_slot_wal_keep_size; we stop before.
constexpr double kSlotKeepShare = 0.8;

PressureLimits HalfOf(double hard) { return {.soft = hard * kSoftShare, .hard = hard}; }

void ReadStandbys(const std::vector<StandbyLag> &lags, const PressureSettings &settings, Sample &sample) {
    const double limit = settings.max_replay_lag.count();
    for (const StandbyLag &lag : lags) {
        Reading reading{.signal = Signal::kReplayLag, .value = {}, .limits = HalfOf(limit), .words = {}};
        if (lag.missing) {
            reading.words = fmt::format("standby {} is not connected", lag.name);
        } else {
            reading.value = lag.time.count();
            reading.words = fmt::format("standby {} is {:.1f} s and {} behind, pgmigrate.max_replay_lag is {:g} s",
                                        lag.name, lag.time.count(), PrettySize(lag.bytes), limit);
        }
        sample.readings.push_back(std::move(reading));
    }
}

void ReadSlots(const ServerFigures &figures, const PressureSettings &settings, Sample &sample) {
    double limit = static_cast<double>(settings.max_slot_wal);
    if (figures.max_slot_wal_keep >= 0)
        limit = std::min(limit, kSlotKeepShare * static_cast<double>(figures.max_slot_wal_keep));
    for (const SlotFigure &slot : figures.slots)
        sample.readings.push_back(
            {.signal = Signal::kSlotWal,
             .value = static_cast<double>(slot.retained),
             .limits = HalfOf(limit),
             .words = fmt::format("replication slot {} keeps {} of WAL, the limit is {}", slot.name,
                                  PrettySize(slot.retained), PrettySize(static_cast<std::int64_t>(limit)))});
}

void ReadArchive(const ServerFigures &figures, const PressureSettings &settings, Sample &sample) {
    Reading reading{.signal = Signal::kArchiveBacklog,
                    .value = {},
                    .limits = HalfOf(settings.max_archive_backlog),
                    .words = "the files that wait to be archived could not be counted"};
    if (figures.unarchived) {
        reading.value = *figures.unarchived;
        reading.words = fmt::format("{} WAL files wait to be archived, pgmigrate.max_archive_backlog is {}",
                                    *figures.unarchived, settings.max_archive_backlog);
    }
    sample.readings.push_back(std::move(reading));
}

/// A busy application slows a fill down to a third and no further: on a server that is always busy it would never end.
/// A limit of zero stops it nevertheless.
double WithoutStop(double value, const PressureLimits &limits) {
    constexpr double kThird = (1 - 1.0 / 3) / (1 - kLeastFactor);
    if (limits.hard <= 0) return value;
    return std::min(value, limits.soft + kThird * (limits.hard - limits.soft));
}

void ReadSessions(double sessions, double limit, Sample &sample) {
    const PressureLimits limits{.soft = std::min(kQuietSessions, limit * kSoftShare), .hard = limit};
    sample.readings.push_back(
        {.signal = Signal::kActiveSessions,
         .value = WithoutStop(sessions, limits),
         .limits = limits,
         .words = fmt::format("{:.1f} sessions per core are active, pgmigrate.max_active_sessions is {:g}", sessions,
                              limit)});
}

void ReadCommits(double latency, double limit, Sample &sample) {
    const PressureLimits limits{.soft = limit * kSoftLatencyShare, .hard = limit};
    sample.readings.push_back(
        {.signal = Signal::kCommitLatency,
         .value = WithoutStop(latency, limits),
         .limits = limits,
         .words = fmt::format("a commit waits {:.0f} ms, pgmigrate.max_commit_latency is {:g} ms", latency, limit)});
}

void ReadLoad(const Load &load, int cores, const PressureSettings &settings, Sample &sample) {
    if (settings.max_active_sessions >= 0)
        ReadSessions(load.running() / std::max(cores, 1), settings.max_active_sessions, sample);
    const std::optional<double> latency = load.CommitLatency();
    if (settings.max_commit_latency >= 0 && latency) ReadCommits(*latency, settings.max_commit_latency, sample);
}

/// Above what checkpoints keep to, WAL grows because the checkpointer does not keep up.
void ReadCheckpoint(const ServerFigures &figures, const PressureSettings &settings, Sample &sample) {
    if (figures.max_wal_size <= 0) return;
    const double percent =
        100 * static_cast<double>(figures.checkpoint_distance) / static_cast<double>(figures.max_wal_size);
    const double limit = settings.max_checkpoint_distance;
    sample.readings.push_back({.signal = Signal::kCheckpoint,
                               .value = percent,
                               .limits = {.soft = limit * kSoftCheckpoint, .hard = limit},
                               .words = fmt::format("{} of WAL since the last checkpoint, {:.0f} % of max_wal_size",
                                                    PrettySize(figures.checkpoint_distance), percent)});
}

void ReadHorizon(const Horizon &horizon, const PressureSettings &settings, Sample &sample) {
    if (!horizon.holder()) return;
    const double limit = settings.max_horizon_age.count();
    sample.readings.push_back(
        {.signal = Signal::kHorizon,
         .value = horizon.stuck().count(),
         .limits = {.soft = limit * kSoftHorizonShare, .hard = limit},
         .words = fmt::format("{} keeps vacuum from removing anything for {:.0f} s, pgmigrate.max_horizon_age is "
                              "{:g} s",
                              horizon.holder()->who, horizon.stuck().count(), limit)});
}

void ReadAutovacuum(const std::vector<VacuumFigure> &vacuums, bool yields, const PressureSettings &settings,
                    Sample &sample) {
    if (vacuums.empty()) return;
    sample.readings.push_back(
        {.signal = Signal::kAutovacuum,
         .value = yields ? 1 : 0,
         .limits = {.soft = 1, .hard = 1},
         .words = fmt::format("process {} is vacuuming {} and goes first, for at most {:g} s", vacuums.front().pid,
                              vacuums.front().table, settings.autovacuum_yield.count())});
}

void ReadQuery(const ServerFigures &figures, Sample &sample) {
    Reading reading{.signal = Signal::kQuery, .value = figures.query, .limits = HalfOf(1), .words = {}};
    reading.words = figures.query
                        ? fmt::format("pgmigrate.pressure_query gives {:g}, it stops the fill at 1", *figures.query)
                        : "pgmigrate.pressure_query " + figures.query_problem;
    sample.readings.push_back(std::move(reading));
}

}  // namespace

Sample PressureReader::Read(SteadyTime now, const ServerFigures &figures, const PressureSettings &settings) {
    Sample sample{.taken = now, .readings = {}, .wal_allowance = {}};
    replay_lag_.Observe(now, figures.wal_position, figures.standbys, settings.standbys);
    load_.Observe(now, figures.sessions);
    horizon_.Observe(now, figures.horizon);
    if (settings.max_replay_lag.count() >= 0) {
        ReadStandbys(replay_lag_.lags(), settings, sample);
        sample.wal_allowance = replay_lag_.Allowance(settings.max_replay_lag * kLagTarget);
    }
    if (settings.max_slot_wal >= 0) ReadSlots(figures, settings, sample);
    if (settings.max_archive_backlog >= 0 && figures.archiving) ReadArchive(figures, settings, sample);
    ReadLoad(load_, figures.cores, settings, sample);
    if (settings.max_checkpoint_distance >= 0) ReadCheckpoint(figures, settings, sample);
    if (settings.max_horizon_age.count() >= 0) ReadHorizon(horizon_, settings, sample);
    const bool yields = yield_.Observe(now, !figures.autovacuums.empty(), settings.autovacuum_yield);
    ReadAutovacuum(figures.autovacuums, yields, settings, sample);
    ReadDisk(figures, settings, sample);
    if (figures.waiters > 0)
        sample.readings.push_back(
            {.signal = Signal::kLockWaiters,
             .value = figures.waiters,
             .limits = {.soft = 1, .hard = 1e9},
             .words = fmt::format("{} batches ended early because sessions waited for them", figures.waiters)});
    if (settings.has_query) ReadQuery(figures, sample);
    return sample;
}

/// What is on one file system is added up, tablespaces and WAL.
void PressureReader::ReadDisk(const ServerFigures &figures, const PressureSettings &settings, Sample &sample) {
    std::vector<VolumeNeed> needs;
    for (const ServerFigures::Tablespace &tablespace : figures.tablespaces) {
        LiveForecast &forecast = forecasts_[tablespace.volume.name];
        forecast.Observe(tablespace.footprint);
        needs.push_back({.volume = tablespace.volume, .needed = forecast.Left()});
    }
    if (figures.wal_volume) {
        const bool kept = std::ranges::any_of(
            figures.slots, [&](const SlotFigure &slot) { return slot.retained > figures.max_wal_size; });
        needs.push_back({.volume = *figures.wal_volume,
                         .needed = WalGrowth(figures.wal_left, figures.wal_present, figures.max_wal_size, kept)});
    }
    for (const VolumeNeed &need : SumByDevice(needs))
        if (std::optional<Reading> reading = DiskReading(need, settings.min_free_disk))
            sample.readings.push_back(*std::move(reading));
}

}  // namespace pgmigrate
