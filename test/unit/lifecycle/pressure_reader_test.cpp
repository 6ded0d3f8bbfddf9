// SPDX-License-Identifier: PostgreSQL
// Looks at a server, one after the other, as a worker takes them, and what the governor makes of them.
#include "lifecycle/pressure_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lifecycle/governor.h"

namespace pgmigrate {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr std::int64_t kGigabyte = std::int64_t{1} << 30;

class PressureReaderTest : public ::testing::Test {
  protected:
    Decision Look(std::chrono::milliseconds pause = 1s) {
        now_ += pause;
        governor_.Observe(reader_.Read(now_, figures_, settings_));
        return governor_.Decide(State::kFilling, now_);
    }

    PressureReader reader_;
    Governor governor_;
    PressureSettings settings_{};
    ServerFigures figures_{.wal_position = 5'000'000'000, .max_wal_size = kGigabyte, .cores = 2};
    SteadyTime now_{1000s};
};

TEST_F(PressureReaderTest, AnIdleServerLetsGo) { EXPECT_EQ(Look().verdict, Verdict::kGo); }

TEST_F(PressureReaderTest, AStandbyThatStandsStillStopsTheFillAndIsNamed) {
    figures_.standbys = {{.name = "s1", .replayed = figures_.wal_position}};
    EXPECT_EQ(Look().verdict, Verdict::kGo);
    figures_.wal_position += 50'000'000;
    Decision decision;
    for (int i = 0; i < 12; ++i) decision = Look();
    EXPECT_EQ(decision.verdict, Verdict::kStop);
    EXPECT_THAT(decision.reason, HasSubstr("standby s1 is "));
    EXPECT_THAT(decision.reason, HasSubstr("pgmigrate.max_replay_lag is 10 s"));
    figures_.standbys[0].replayed = figures_.wal_position;
    EXPECT_EQ(Look().verdict, Verdict::kGo);
}

TEST_F(PressureReaderTest, ANamedStandbyThatIsNotThereStops) {
    settings_.standbys = {"gone"};
    const Decision decision = Look();
    EXPECT_EQ(decision.verdict, Verdict::kStop);
    EXPECT_EQ(governor_.gauge(Signal::kReplayLag).state(), GaugeState::kStale);
    EXPECT_EQ(decision.reason, "replay lag: standby gone is not connected");
}

TEST_F(PressureReaderTest, ALimitOfZeroStopsAndMinusOneDoesNotWatch) {
    figures_.standbys = {{.name = "s1", .replayed = figures_.wal_position}};
    settings_.max_replay_lag = 0s;
    EXPECT_EQ(Look().verdict, Verdict::kStop);
    settings_.max_replay_lag = -1s;
    EXPECT_EQ(Look().verdict, Verdict::kGo);
    EXPECT_FALSE(governor_.wal_allowance());
}

TEST_F(PressureReaderTest, EachSlotHasItsLimit) {
    figures_.slots = {{.name = "used", .retained = kGigabyte}, {.name = "forgotten", .retained = 11 * kGigabyte}};
    const Decision decision = Look();
    EXPECT_EQ(decision.verdict, Verdict::kStop);
    EXPECT_EQ(decision.reason, "slot WAL: replication slot forgotten keeps 11 GB of WAL, the limit is 10 GB");
    settings_.max_slot_wal = -1;
    EXPECT_EQ(Look().verdict, Verdict::kGo);
}

TEST_F(PressureReaderTest, ASlotIsNotDrivenToWhereItIsGivenUp) {
    figures_.slots = {{.name = "s", .retained = 900 << 20}};
    figures_.max_slot_wal_keep = kGigabyte;
    EXPECT_EQ(Look().verdict, Verdict::kStop);
}

TEST_F(PressureReaderTest, AnArchiveThatFallsBackStopsAndAnUnreadableOneToo) {
    figures_.unarchived = 100;
    EXPECT_EQ(Look().verdict, Verdict::kGo);  // nothing is archived
    figures_.archiving = true;
    EXPECT_EQ(Look().signal, Signal::kArchiveBacklog);
    figures_.unarchived = 0;
    EXPECT_EQ(Look().verdict, Verdict::kGo);
    figures_.unarchived.reset();
    EXPECT_EQ(Look().verdict, Verdict::kStop);
}

TEST_F(PressureReaderTest, ABusyApplicationSlowsDownToAThird) {
    figures_.sessions.running = 2;
    for (int i = 0; i < 30; ++i) Look();
    const Decision decision = Look();
    EXPECT_EQ(decision.verdict, Verdict::kSlow);
    EXPECT_EQ(decision.signal, Signal::kActiveSessions);
    EXPECT_GT(decision.factor, 0.5);
    figures_.sessions.running = 50;
    for (int i = 0; i < 30; ++i) Look();
    EXPECT_EQ(Look().verdict, Verdict::kSlow);
    EXPECT_NEAR(Look().factor, 1.0 / 3, 0.01);
    settings_.max_active_sessions = 0;
    EXPECT_EQ(Look().verdict, Verdict::kStop);
}

TEST_F(PressureReaderTest, ACheckpointerThatFallsBackSlowsDownThenStops) {
    figures_.checkpoint_distance = kGigabyte / 2;
    EXPECT_EQ(Look().verdict, Verdict::kGo);
    figures_.checkpoint_distance = kGigabyte * 8 / 10;
    EXPECT_EQ(Look().signal, Signal::kCheckpoint);
    figures_.checkpoint_distance = kGigabyte;
    EXPECT_EQ(Look().verdict, Verdict::kStop);
}

TEST_F(PressureReaderTest, AStuckHorizonIsNamed) {
    figures_.horizon = HorizonHolder{"x", "prepared transaction x", 77};
    EXPECT_EQ(Look().verdict, Verdict::kGo);
    EXPECT_EQ(Look(10min).verdict, Verdict::kSlow);
    const Decision decision = Look(21min);
    EXPECT_EQ(decision.verdict, Verdict::kStop);
    EXPECT_THAT(decision.reason, HasSubstr("prepared transaction x"));
}

TEST_F(PressureReaderTest, AnAutovacuumGoesFirstButNotForEver) {
    figures_.autovacuums = {{.pid = 42, .table = "public.t"}};
    Decision decision = Look();
    EXPECT_EQ(decision.verdict, Verdict::kStop);
    EXPECT_THAT(decision.reason, HasSubstr("process 42 is vacuuming public.t"));
    for (int i = 0; i < 65; ++i) decision = Look();
    EXPECT_EQ(decision.verdict, Verdict::kGo);
}

TEST_F(PressureReaderTest, AFullFileSystemStops) {
    settings_.min_free_disk = {.share = 0, .bytes = 1000};
    figures_.wal_volume = Volume{.device = "1", .name = "pg_wal", .free = 500, .total = kGigabyte};
    const Decision decision = Look();
    EXPECT_EQ(decision.signal, Signal::kDisk);
    EXPECT_EQ(decision.verdict, Verdict::kStop);
    figures_.wal_volume->free = kGigabyte;
    EXPECT_EQ(Look().verdict, Verdict::kGo);
}

TEST_F(PressureReaderTest, TheForecastOfATablespaceStops) {
    settings_.min_free_disk = {.share = 0, .bytes = 1000};
    const Volume volume{.device = "1", .name = "fast", .free = kGigabyte, .total = 10 * kGigabyte};
    figures_.tablespaces = {{.volume = volume, .footprint = {.bytes = 0, .blocks_done = 0, .blocks_left = 10'000}}};
    EXPECT_EQ(Look().verdict, Verdict::kGo);
    figures_.tablespaces[0].footprint = {.bytes = kGigabyte / 2, .blocks_done = 1000, .blocks_left = 9000};
    EXPECT_EQ(Look().signal, Signal::kDisk);
}

TEST_F(PressureReaderTest, AQueryThatGivesNoNumberStopsAndSaysWhy) {
    settings_.has_query = true;
    figures_.query_problem = "gives no number but \"x\"";
    const Decision decision = Look();
    EXPECT_EQ(decision.verdict, Verdict::kStop);
    EXPECT_EQ(decision.reason, "pressure query: pgmigrate.pressure_query gives no number but \"x\"");
    figures_.query = 0.2;
    EXPECT_EQ(Look().verdict, Verdict::kGo);
    figures_.query = 0.75;
    EXPECT_EQ(Look().verdict, Verdict::kSlow);
    figures_.query = 1;
    EXPECT_EQ(Look().verdict, Verdict::kStop);
}

TEST_F(PressureReaderTest, AFlappingSignalStaysClosed) {
    settings_.has_query = true;
    int gone = 0;
    for (int i = 0; i < 20; ++i) {
        figures_.query = i % 2 == 0 ? 1.1 : 0.9;
        gone += Look().verdict == Verdict::kStop ? 0 : 1;
    }
    EXPECT_EQ(gone, 0);
}

TEST_F(PressureReaderTest, WaitersSlowDown) {
    figures_.waiters = 1;
    EXPECT_EQ(Look().signal, Signal::kLockWaiters);
}

}  // namespace
}  // namespace pgmigrate
