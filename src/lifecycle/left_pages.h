// SPDX-License-Identifier: PostgreSQL
// Pages that could not be finished when they were visited, and when it is worth visiting them again. Pure.
//
// A page can be taken out only as part of a batch, and comes back with that batch's result unless it is finished: what
// a batch does not get to is never forgotten.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace pgmigrate {

struct PageLeft {
    using Clock = std::chrono::steady_clock;

    std::uint32_t block = 0;
    /// Worth another visit once no snapshot is older than the end of this transaction: rows that it deleted, or moved
    /// elsewhere, can be cleared away then. 0: the page was pinned, or changed while its rows were being computed.
    std::uint32_t blocker = 0;
    int visits = 0;
    Clock::time_point since = Clock::now();  ///< when it was left first

    friend bool operator==(const PageLeft &, const PageLeft &) = default;
};

/// What may be asked of the server when choosing pages: is the horizon past the end of this transaction?
using HorizonPassed = std::function<bool(std::uint32_t transaction)>;

struct PagesToVisit {
    std::vector<PageLeft> pages;
    /// A blocker that the horizon has not passed for longer than the patience: somebody holds an old snapshot, and as
    /// long as he does, pages that lack room do not get any. 0: none.
    std::uint32_t stuck_behind = 0;
};

/// Takes the pages out of `left` that are worth a visit now: their blocker is over, they have rested since the last
/// visit, or patience with them has ended.
PagesToVisit TakePages(std::vector<PageLeft> &left, const HorizonPassed &passed, std::chrono::milliseconds patience,
                       PageLeft::Clock::time_point now);

/// How long a page rests after it was found in use that many times.
std::chrono::milliseconds PageRest(int visits);

}  // namespace pgmigrate
