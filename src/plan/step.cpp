// SPDX-License-Identifier: PostgreSQL
#include "plan/step.h"

#include <algorithm>
#include <array>

#include "core/sqlstates.h"

namespace pgmigrate {
namespace {

constexpr std::array<std::string_view, 7> kPhaseNames{"expand", "fill",    "index",   "validate",
                                                      "verify", "publish", "contract"};

}  // namespace

std::string_view PhaseName(Phase phase) { return kPhaseNames.at(static_cast<std::size_t>(phase)); }

Phase PhaseFromName(std::string_view name) {
    const auto found = std::ranges::find(kPhaseNames, name);
    if (found == kPhaseNames.end())
        throw Error(sqlstates::kInternal, {.message = "unknown phase \"" + std::string(name) + "\""});
    return static_cast<Phase>(found - kPhaseNames.begin());
}

}  // namespace pgmigrate
