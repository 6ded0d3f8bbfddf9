// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/replay_lag.h"

#include <algorithm>
#include <cmath>

namespace pgmigrate {
namespace {

using Seconds = std::chrono::duration<double>;

/// What any standby is trusted to replay before it is known, in bytes per second; and the least that is reckoned with.
constexpr double kFirstSpeed = 256 * 1024;
constexpr double kLeastSpeed = 1024;
/// Less than this is on its way at any time.
constexpr std::int64_t kUnderway = 64 * 1024;
/// Over what time the speed is averaged: replay comes in bursts.
constexpr Seconds kSpeedWindow{2};
/// A standby that was there and has gone is waited for as long as this.
constexpr std::chrono::seconds kPatience{60};
constexpr std::size_t kMostPositions = 8192;

}  // namespace

void ReplayLag::Observe(SteadyTime now, std::uint64_t written, const std::vector<StandbyReport> &reports,
                        const std::vector<std::string> &names) {
    history_.push_back({now, written});
    lags_.clear();
    for (const StandbyReport &report : reports) {
        if (!names.empty() && std::ranges::find(names, report.name) == names.end()) continue;
        const std::int64_t bytes =
            report.replayed >= written ? 0 : static_cast<std::int64_t>(written - report.replayed);
        Known &known = known_[report.name];
        Learn(known, report, now, bytes);
        lags_.push_back(Measure(known, report, now, bytes));
    }
    AddMissing(reports, names, now);
    Forget(reports);
}

/// Two standbys of one name are one for us; whichever reports last counts, and `replayed` may go back.
void ReplayLag::Learn(Known &known, const StandbyReport &report, SteadyTime now, std::int64_t bytes) const {
    const bool behind = bytes > kUnderway;
    if (known.looked == SteadyTime{}) {
        known = {.looked = now, .replayed = report.replayed, .behind = behind, .speed = kFirstSpeed};
        return;
    }
    const double seconds = Seconds(now - known.looked).count();
    if (seconds <= 0) return;
    const double moved = report.replayed > known.replayed ? static_cast<double>(report.replayed - known.replayed) : 0;
    const double speed = moved / seconds;
    if (behind && known.behind)  // it had something to do all the time
        known.speed += (speed - known.speed) * (1 - std::exp(-seconds / kSpeedWindow.count()));
    else
        known.speed = std::max(known.speed, std::min(2 * speed, 2 * known.speed));
    known.speed = std::max(known.speed, kLeastSpeed);
    known.looked = now;
    known.replayed = report.replayed;
    known.behind = behind;
}

StandbyLag ReplayLag::Measure(const Known &known, const StandbyReport &report, SteadyTime now,
                              std::int64_t bytes) const {
    StandbyLag lag{.name = report.name, .missing = false, .bytes = bytes, .time = Seconds(0), .speed = known.speed};
    if (bytes == 0) return lag;
    // The first look at which WAL was beyond what is replayed: the next record was written before that.
    const auto later = std::ranges::upper_bound(history_, report.replayed, {}, &Position::written);
    if (later == history_.begin()) {
        lag.time = std::max(Seconds(now - later->time), report.lag);  // written before we came
    } else if (later != history_.end()) {
        const Position &before = *std::prev(later);
        const double share = static_cast<double>(report.replayed - before.written) /
                             static_cast<double>(later->written - before.written);
        lag.time = Seconds(now - before.time) - share * Seconds(later->time - before.time);
    }
    if (known.behind) lag.time = std::max(lag.time, Seconds(static_cast<double>(bytes) / known.speed));
    return lag;
}

void ReplayLag::AddMissing(const std::vector<StandbyReport> &reports, const std::vector<std::string> &names,
                           SteadyTime now) {
    const auto reports_now = [&](const std::string &name) {
        return std::ranges::find(reports, name, &StandbyReport::name) != reports.end();
    };
    for (const std::string &name : names)
        if (!reports_now(name)) lags_.push_back({.name = name, .missing = true});
    if (!names.empty()) return;
    for (const auto &[name, known] : known_)
        if (!reports_now(name) && now - known.looked <= kPatience) lags_.push_back({.name = name, .missing = true});
}

/// What every standby has replayed is of no use any more, but for the position just before.
void ReplayLag::Forget(const std::vector<StandbyReport> &reports) {
    std::uint64_t oldest = history_.back().written;
    for (const StandbyReport &report : reports) oldest = std::min(oldest, report.replayed);
    while (history_.size() > 2 && (history_[1].written <= oldest || history_.size() > kMostPositions))
        history_.pop_front();
}

bool ReplayLag::IsAnyBehind() const {
    return std::ranges::any_of(lags_, [](const StandbyLag &lag) { return lag.missing || lag.bytes > kUnderway; });
}

std::optional<std::int64_t> ReplayLag::Allowance(std::chrono::duration<double> target) const {
    std::optional<std::int64_t> allowance;
    for (const StandbyLag &lag : lags_) {
        const double left = lag.missing ? 0 : std::max(0.0, (target - lag.time).count());
        const auto bytes = static_cast<std::int64_t>(std::min(left * lag.speed, 1e15));
        allowance = std::min(allowance.value_or(bytes), bytes);
    }
    return allowance;
}

}  // namespace pgmigrate
