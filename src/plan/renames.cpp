// SPDX-License-Identifier: PostgreSQL
// Renames at completion, in an order in which every name is free when it is given.
#include "plan/renames.h"

#include <algorithm>

#include "core/sqlstates.h"

namespace pgmigrate {

std::vector<Rename> OrderRenames(std::vector<Rename> wanted, std::vector<std::string> held,
                                 const std::function<std::string(const std::string &)> &name_aside) {
    std::vector<Rename> ordered;
    std::vector<std::string> aside;
    const auto run = [&](const Rename &rename) {
        ordered.push_back(rename);
        std::ranges::replace(held, rename.from, rename.to);
    };
    while (!wanted.empty()) {
        const auto possible = std::ranges::find_if(
            wanted, [&](const Rename &rename) { return std::ranges::find(held, rename.to) == held.end(); });
        if (possible != wanted.end()) {
            run(*possible);
            wanted.erase(possible);
            continue;
        }
        // Each waits for a name that another one has: one of them steps aside.
        Rename &first = wanted.front();
        if (std::ranges::find(aside, first.from) != aside.end())
            throw Error(sqlstates::kInternal, {.message = "name \"" + first.to + "\" will not be free at completion"});
        aside.push_back(name_aside(first.to));
        run({.from = first.from, .to = aside.back()});
        first.from = aside.back();
    }
    return ordered;
}

}  // namespace pgmigrate
