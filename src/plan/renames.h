// SPDX-License-Identifier: PostgreSQL
// Renames at completion, in an order in which every name is free when it is given. Used inside src/plan only.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace pgmigrate {

struct Rename {
    std::string from;
    std::string to;
    friend bool operator==(const Rename &, const Rename &) = default;
};

/// Orders renames of things that share a name space; `held` are the names in it before the first of them. Where names
/// go round in a circle (a swap), one thing first gets `name_aside` of the name it is to have.
std::vector<Rename> OrderRenames(std::vector<Rename> wanted, std::vector<std::string> held,
                                 const std::function<std::string(const std::string &)> &name_aside);

}  // namespace pgmigrate
