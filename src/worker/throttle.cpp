// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "worker/throttle.h"

#include <algorithm>

#include "core/blocks.h"
#include "lifecycle/pressure_store.h"
#include "pg/pause.h"
#include "pg/settings.h"
#include "pg/spi_database.h"
#include "pg/transaction.h"
#include "worker/report.h"
#include "worker/session.h"
#include "worker/worker_lock.h"

namespace pgmigrate::worker {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kBetweenLooks = 1s;
/// While a standby is behind.
constexpr auto kBetweenLooksAtStandbys = 250ms;
constexpr auto kMoment = 250ms;
constexpr auto kStep = 100ms;
constexpr auto kBetweenSaves = 1s;
constexpr auto kBetweenSavesAlone = 5s;
constexpr auto kFullDiskPause = 5s;

}  // namespace

bool Throttle::Pass(const MigrationRecord &record) {
    const bool was_stopped = decision_.verdict == Verdict::kStop;
    if (rest_until_ > Clock::now()) Rest(rest_until_);
    Look(record);
    const SteadyTime now = Clock::now();
    decision_ = Decide(record.state, now);
    if (decision_.verdict != Verdict::kStop) {
        waiting_since_ = {};
        // Batches tell by themselves that they go on.
        const bool is_told = record.state == State::kFilling || record.state == State::kVerifying;
        if (was_stopped && !is_told) SaveAlone();
        return true;
    }
    if (waiting_since_ == SteadyTime{}) waiting_since_ = now;
    const bool is_news = decision_.reason != saved_reason_;
    if (now - saved_ >= (is_news ? Clock::duration(kBetweenSaves) : Clock::duration(kBetweenSavesAlone))) SaveAlone();
    Rest(now + kMoment);
    return false;
}

/// What is only to be known of standbys is cheap, and a fill may fill up a slow one between two looks at everything.
void Throttle::Look(const MigrationRecord &record) {
    const SteadyTime now = Clock::now();
    const bool phase_obeys = std::ranges::count(SignalsOf(record.state), true) > 0;
    if (!phase_obeys) return;
    const bool everything = looked_ == SteadyTime{} || now - looked_ >= kBetweenLooks;
    if (!everything && (!governor_.wal_allowance() || now - looked_at_standbys_ < kBetweenLooksAtStandbys)) return;
    try {
        everything ? LookAtAll(record) : LookAtStandbys();
    } catch (const DatabaseError &failure) {
        // What is known gets old, and stops the work when it is too old.
        Log(fmt::format("pgmigrate could not look at the server: {}", failure.text().message));
    }
    looked_at_standbys_ = Clock::now();
    if (everything) looked_ = looked_at_standbys_;
}

void Throttle::LookAtAll(const MigrationRecord &record) {
    const pg::Watched watched = Watch(record);
    const ServerFigures &figures = sampler_.Look(watched);
    governor_.Observe(reader_.Read(Clock::now(), figures, pg::PressureLimitsSet()));
    waiters_ = 0;
    wal_since_look_ = 0;
}

void Throttle::LookAtStandbys() {
    const ServerFigures &figures = sampler_.LookAtStandbys();
    governor_.Observe(reader_.Read(Clock::now(), figures, pg::PressureLimitsSet()));
    wal_since_look_ = 0;
}

pg::Watched Throttle::Watch(const MigrationRecord &record) {
    pg::Watched watched{.fills = {},
                        .wal_left = 0,
                        .waiters = waiters_,
                        .starter = record.started_by,
                        .search_path = record.search_path};
    if (record.state != State::kFilling) return watched;
    std::int64_t blocks_left = 0;
    pg::InTransaction("looking at the fill", [&] {
        pg::SpiDatabase state = pg::StateDatabase();
        watched.fills = StateStore(state).Fills(record.id);
        processes_ = 1 + static_cast<int>(WorkerLock(record.id).FindTakenSlots().size());
    });
    for (const FillRecord &fill : watched.fills)
        if (fill.blocks > 0) blocks_left += fill.blocks - fill.blocks_filled;
    watched.wal_left = wal_per_block_ * blocks_left;
    return watched;
}

/// Each process takes its share: what the others have written since the last look it does not know.
std::optional<std::int64_t> Throttle::OwnAllowance() const {
    if (const std::optional<std::int64_t> allowance = governor_.wal_allowance()) return *allowance / processes_;
    return std::nullopt;
}

bool Throttle::IsAllowanceUsedUp() const {
    const std::optional<std::int64_t> allowance = OwnAllowance();
    return allowance && wal_since_look_ + std::max(wal_per_block_, kBlockBytes) > *allowance;
}

Decision Throttle::Decide(State phase, SteadyTime now) const {
    if (!disk_full_.empty() && now < disk_full_until_)
        return {.verdict = Verdict::kStop,
                .factor = 0,
                .signal = Signal::kDisk,
                .reason = "disk space: " + disk_full_,
                .since = disk_full_since_};
    const Decision decision = governor_.Decide(phase, now);
    if (decision.verdict == Verdict::kStop || phase != State::kFilling || !IsAllowanceUsedUp()) return decision;
    const Reading &lag = governor_.gauge(Signal::kReplayLag).reading();
    return {.verdict = Verdict::kStop,
            .factor = 0,
            .signal = Signal::kReplayLag,
            .reason = fmt::format("replay lag: {}; more WAL would take it too long to replay", lag.words),
            .since = now};
}

std::int64_t Throttle::BatchBlocks(const Pace &pace) const {
    std::int64_t blocks = pace.blocks();
    if (const std::optional<std::int64_t> allowance = OwnAllowance())
        blocks = std::min(blocks, (*allowance - wal_since_look_) / std::max(wal_per_block_, kBlockBytes));
    if (const std::optional<std::int64_t> bytes = rate_limit_.BatchBytes(pg::FillRateLimit() / processes_))
        blocks = std::min(blocks, *bytes / kBlockBytes);
    return std::max<std::int64_t>(blocks, 1);
}

void Throttle::Report(const BatchReport &batch, const Pace &pace, bool waited_for) {
    const SteadyTime now = Clock::now();
    wal_since_look_ += batch.wal;
    wal_per_block_ = static_cast<std::int64_t>(pace.wal_per_block());
    batch_blocks_ = pace.blocks();
    if (waited_for) ++waiters_;
    disk_full_.clear();
    const SteadyTime by_rate = rate_limit_.Spend(now, batch.blocks * kBlockBytes, pg::FillRateLimit() / processes_);
    rest_until_ = std::max(by_rate, now + RestAfter(batch.active, decision_.factor));
}

void Throttle::RestFrom(std::chrono::microseconds active) {
    rest_until_ = Clock::now() + RestAfter(active, decision_.factor);
}

/// In small steps, so that a changed setting is heeded: it may be the one that we rest for.
void Throttle::Rest(SteadyTime until) {
    const SteadyTime start = Clock::now();
    for (SteadyTime now = start; now < until; now = Clock::now()) {
        pg::Pause(std::chrono::ceil<std::chrono::milliseconds>(std::min<Clock::duration>(until - now, kStep)));
        if (ReloadSettingsIfAsked()) break;
    }
    rest_until_ = {};
    governor_.AddLost(decision_, Clock::now() - start);
}

void Throttle::HoldForFullDisk(const std::string &message) {
    const SteadyTime now = Clock::now();
    if (disk_full_.empty()) disk_full_since_ = now;
    disk_full_ = message;
    disk_full_until_ = now + kFullDiskPause;
    rest_until_ = {};
}

void Throttle::SaveWithin(Database &state) {
    const SteadyTime now = Clock::now();
    if (role_ == Role::kWorker && now - saved_ >= kBetweenSaves) Save(state, now);
}

void Throttle::Save(Database &state, SteadyTime now) {
    std::array<double, kSignalCount> lost{};
    for (std::size_t i = 0; i < kSignalCount; ++i) lost[i] = governor_.gauges()[i].lost().count() - lost_saved_[i];
    SavePressure(state, migration_id_, governor_, lost, now);
    const bool waits = decision_.verdict == Verdict::kStop;
    SavePace(state, migration_id_,
             {.waiting_for = waits ? decision_.reason : std::string(),
              .seconds_waiting = waits ? std::chrono::duration<double>(now - waiting_since_).count() : 0,
              .factor = decision_.factor,
              .workers = processes_,
              .batch_blocks = batch_blocks_,
              .wal_per_block = wal_per_block_});
    // If this transaction should be rolled back, the account misses what it held: better than counting it twice.
    for (std::size_t i = 0; i < kSignalCount; ++i) lost_saved_[i] += lost[i];
    saved_ = now;
    saved_reason_ = decision_.reason;
}

void Throttle::SaveAlone() {
    if (role_ != Role::kWorker) return;
    pg::InTransaction("noting what is waited for", [&] {
        CommitAsynchronously();
        pg::SpiDatabase state = pg::StateDatabase();
        if (StateStore(state).FindById(migration_id_)) Save(state, Clock::now());
    });
}

}  // namespace pgmigrate::worker
