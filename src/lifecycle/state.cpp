// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/state.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/sqlstates.h"

namespace pgmigrate {
namespace {

constexpr std::array<std::string_view, 8> kStateNames{"filling",    "indexing", "validating", "verifying",
                                                      "publishing", "ready",    "completed",  "failed"};

}  // namespace

std::string_view StateName(State state) { return kStateNames.at(static_cast<std::size_t>(state)); }

State StateFromName(std::string_view name) {
    const auto found = std::ranges::find(kStateNames, name);
    if (found == kStateNames.end())
        throw Error(sqlstates::kInternal, {.message = "unknown migration state \"" + std::string(name) + "\""});
    return static_cast<State>(found - kStateNames.begin());
}

bool IsWorkerPhase(State state) { return state < State::kReady; }

State NextPhase(State phase) {
    if (!IsWorkerPhase(phase)) throw Error(sqlstates::kInternal, {.message = "no phase follows this state"});
    return static_cast<State>(static_cast<int>(phase) + 1);
}

}  // namespace pgmigrate
