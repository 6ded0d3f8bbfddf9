// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/retry.h"

#include <algorithm>
#include <array>

namespace pgmigrate {
namespace {

constexpr int kMostFailures = 10;
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{30'000};
constexpr std::array<std::string_view, 4> kTransientStates{"40001", "40P01", "55P03", "57014"};
constexpr std::array<std::string_view, 2> kTransientPrefixes{"53", "57P"};

}  // namespace

bool IsTransient(const SqlState &state) {
    const std::string_view code(state.code);
    return std::ranges::find(kTransientStates, code) != kTransientStates.end() ||
           std::ranges::any_of(kTransientPrefixes,
                               [code](std::string_view prefix) { return code.starts_with(prefix); });
}

std::optional<std::chrono::milliseconds> RetryPause(const SqlState &state, int failures) {
    if (!IsTransient(state) || failures > kMostFailures) return std::nullopt;
    return std::min(kFirstPause * (1 << (failures - 1)), kLongestPause);
}

}  // namespace pgmigrate
