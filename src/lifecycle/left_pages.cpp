// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/left_pages.h"

#include <algorithm>

namespace pgmigrate {

std::chrono::milliseconds PageRest(int visits) {
    constexpr int kFirst = 5, kMostDoublings = 6;
    return std::chrono::milliseconds(kFirst << std::clamp(visits - 1, 0, kMostDoublings));
}

PagesToVisit TakePages(std::vector<PageLeft> &left, const HorizonPassed &passed, std::chrono::milliseconds patience,
                       PageLeft::Clock::time_point now) {
    PagesToVisit taken;
    std::uint32_t passed_blocker = 0, waiting_blocker = 0;  // pages left by one batch have the same one
    const auto is_over = [&](std::uint32_t blocker) {
        if (blocker == passed_blocker) return true;
        if (blocker == waiting_blocker) return false;
        (passed(blocker) ? passed_blocker : waiting_blocker) = blocker;
        return blocker == passed_blocker;
    };
    const auto waits = [&](const PageLeft &page) {
        const bool is_late = now - page.since >= patience;
        if (page.blocker == 0) return !is_late && now < page.since + PageRest(page.visits);
        if (is_over(page.blocker)) return false;
        if (is_late) taken.stuck_behind = page.blocker;
        return !is_late;
    };
    const auto rest = std::stable_partition(left.begin(), left.end(), waits);
    taken.pages.assign(rest, left.end());
    left.erase(rest, left.end());
    return taken;
}

}  // namespace pgmigrate
