// SPDX-License-Identifier: PostgreSQL
#include "monitor/readiness.h"

#include <fmt/format.h>

#include <algorithm>

namespace pgmigrate {
namespace {

constexpr double kLongestGap = 10;  // seconds between two readings

bool IsPast(const ReadinessInput &input, State phase) {
    return input.phase > phase;  // phases are declared in their order
}

std::string StateInWords(const ReadinessInput &input) {
    if (input.state == State::kFailed) return fmt::format("failed while {}", StateName(input.phase));
    if (input.paused && input.state != State::kReady) return fmt::format("paused while {}", StateName(input.phase));
    return std::string(StateName(input.state));
}

Condition LagCondition(const ReadinessInput &input) {
    Condition condition{.condition = "replication lag",
                        .value = {},
                        .limit = fmt::format("at most {:g} s for {:g} s", input.max_lag, input.stable_for),
                        .ok = false};
    if (!input.silent_slots.empty()) {
        condition.value = fmt::format("unknown: nobody reads slot {}", fmt::join(input.silent_slots, ", "));
    } else if (!input.replicated) {
        condition.value = "no standby, no subscriber";
        condition.ok = true;
    } else {
        const double quiet = SecondsWithinLag(input.lag, input.max_lag);
        const double now = input.lag.empty() ? 0 : input.lag.front().lag;
        condition.ok = now <= input.max_lag && quiet >= input.stable_for;
        condition.value = now > input.max_lag
                              ? fmt::format("{:.1f} s", now)
                              : fmt::format("{:.1f} s, known to be within the limit for {:.0f} s", now, quiet);
    }
    return condition;
}

void AddTransactions(const ReadinessInput &input, std::vector<Condition> &conditions) {
    const std::string limit = fmt::format("none longer than {} s", input.patience);
    if (input.transactions.empty())
        conditions.push_back({.condition = "long transactions", .value = "none", .limit = limit, .ok = true});
    for (const LongTransaction &transaction : input.transactions)
        conditions.push_back({.condition = "long transactions",
                              .value = fmt::format("{}, for {} s", transaction.who, transaction.seconds),
                              .limit = limit,
                              .ok = false});
}

void AddSessions(const ReadinessInput &input, std::vector<Condition> &conditions) {
    if (input.old_sessions.empty())
        conditions.push_back({.condition = "old version sessions", .value = "none known", .limit = "none", .ok = true});
    for (const ClientSession &session : input.old_sessions)
        conditions.push_back(
            {.condition = "old version sessions",
             .value = fmt::format("process {} of role {}{} from {} since {}: {}", session.pid, session.role,
                                  session.application.empty() ? "" : fmt::format(" ({})", session.application),
                                  session.from, session.since, session.why),
             .limit = "none",
             .ok = false});
}

}  // namespace

double SecondsWithinLag(const std::vector<LagSample> &newest_first, double max_lag) {
    double known = 0;
    double last = 0;
    for (const LagSample &sample : newest_first) {
        if (sample.lag > max_lag || sample.age - last > kLongestGap) break;
        known = last = sample.age;
    }
    return known;
}

std::vector<Condition> Readiness(const ReadinessInput &input) {
    std::vector<Condition> conditions;
    conditions.push_back({.condition = "state",
                          .value = fmt::format("{}, {:.1f}%", StateInWords(input), input.percent),
                          .limit = "ready",
                          .ok = input.state == State::kReady});
    conditions.push_back({.condition = "rows filled",
                          .value = std::to_string(input.rows_filled),
                          .limit = "all",
                          .ok = IsPast(input, State::kFilling)});
    conditions.push_back({.condition = "rows verified",
                          .value = std::to_string(input.rows_verified),
                          .limit = "all",
                          .ok = IsPast(input, State::kVerifying)});
    conditions.push_back({.condition = "indexes valid",
                          .value = input.invalid_indexes.empty()
                                       ? "all"
                                       : fmt::format("invalid: {}", fmt::join(input.invalid_indexes, ", ")),
                          .limit = "all",
                          .ok = input.invalid_indexes.empty()});
    conditions.push_back(LagCondition(input));
    AddTransactions(input, conditions);
    AddSessions(input, conditions);
    return conditions;
}

}  // namespace pgmigrate
