// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/fill_method.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/sqlstates.h"

namespace pgmigrate {
namespace {

/// Major versions of PostgreSQL on which all tests of method page have passed.
constexpr std::array kProvenVersions{15};

constexpr std::array<std::string_view, 3> kWishes{"auto", "page", "update"};

/// What is against method page; empty: nothing.
std::string Obstacle(const FillFacts &facts) {
    if (std::ranges::find(kProvenVersions, facts.server_version) == kProvenVersions.end())
        return fmt::format("method page is not proven on PostgreSQL {}", facts.server_version);
    if (facts.access_method != "heap") return fmt::format("table access method is {}, not heap", facts.access_method);
    if (facts.persistence == 'u') return "table is unlogged";
    if (facts.persistence == 't') return "table is temporary";
    if (facts.rewritten) return "table was rewritten after the migration had started";
    if (!facts.publication.empty()) return fmt::format("publication \"{}\" carries the new column", facts.publication);
    if (!facts.indexed_column.empty()) return fmt::format("column \"{}\" has an index already", facts.indexed_column);
    if (!facts.writing_column.empty())
        return fmt::format("expression of column \"{}\" calls a VOLATILE function, which may write",
                           facts.writing_column);
    return {};
}

}  // namespace

std::string_view FillMethodName(FillMethod method) { return method == FillMethod::kPage ? "page" : "update"; }

std::string_view FillWishName(FillWish wish) { return kWishes[static_cast<std::size_t>(wish)]; }

std::optional<FillWish> FillWishFromName(std::string_view name) noexcept {
    const auto found = std::ranges::find(kWishes, name);
    if (found == kWishes.end()) return std::nullopt;
    return static_cast<FillWish>(found - kWishes.begin());
}

FillChoice ChooseFillMethod(FillWish wish, const FillFacts &facts) {
    if (wish == FillWish::kUpdate) return {FillMethod::kUpdate, "pgmigrate.fill_method says so"};
    if (const std::string obstacle = Obstacle(facts); !obstacle.empty()) return {FillMethod::kUpdate, obstacle};
    return {FillMethod::kPage, "nothing is against it"};
}

void RequireWishedMethod(FillWish wish, const FillFacts &facts) {
    if (wish != FillWish::kPage) return;
    const std::string obstacle = Obstacle(facts);
    if (obstacle.empty()) return;
    throw Error(sqlstates::kFeatureNotSupported,
                {.message = fmt::format("table {} cannot be filled by method page", facts.table),
                 .detail = fmt::format("The reason: {}.", obstacle),
                 .hint = "Use SET pgmigrate.fill_method = auto, which falls back to method update."});
}

}  // namespace pgmigrate
