// SPDX-License-Identifier: PostgreSQL
// Is it the moment to complete a migration? From facts to conditions. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lifecycle/state.h"

namespace pgmigrate {

/// One reading of the replay lag.
struct LagSample {
    double age = 0;  ///< seconds before now
    double lag = 0;  ///< seconds
};

/// A client session that may still work with the version that completion removes.
struct ClientSession {
    int pid = 0;
    std::string role;
    std::string application;
    std::string from;   ///< address, or "local"
    std::string since;  ///< when it connected
    std::string why;    ///< what tells that it is an old one
};

struct LongTransaction {
    std::string who;
    std::int64_t seconds = 0;
};

struct ReadinessInput {
    State state = State::kFilling;
    State phase = State::kFilling;
    bool paused = false;
    double percent = 0;
    std::int64_t rows_filled = 0;
    std::int64_t rows_verified = 0;
    std::vector<std::string> invalid_indexes;
    bool replicated = false;                ///< has the server any standby or subscriber now?
    std::vector<std::string> silent_slots;  ///< slots that nobody reads
    std::vector<LagSample> lag;             ///< newest first, the first one from now
    double max_lag = 0;                     ///< seconds
    double stable_for = 0;                  ///< seconds
    std::vector<LongTransaction> transactions;
    std::int64_t patience = 0;  ///< seconds after which a transaction is a long one
    std::vector<ClientSession> old_sessions;
};

struct Condition {
    std::string condition;
    std::string value;
    std::string limit;
    bool ok = false;
};

/// Every condition of completion; a condition that fails for several reasons has a row for each.
std::vector<Condition> Readiness(const ReadinessInput &input);

/// Seconds up to now for which the lag is known to have been within the limit. Readings further apart than 10 s leave
/// the time between them unknown.
double SecondsWithinLag(const std::vector<LagSample> &newest_first, double max_lag);

}  // namespace pgmigrate
