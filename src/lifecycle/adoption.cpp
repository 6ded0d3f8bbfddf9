// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/adoption.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/sqlstates.h"

namespace pgmigrate {
namespace {

void RequireNoneActive(const std::vector<PgrollMigration> &migrations) {
    const auto active = std::ranges::find(migrations, false, &PgrollMigration::done);
    if (active == migrations.end()) return;
    throw Error(sqlstates::kWrongState,
                {.message = fmt::format("migration \"{}\" of pgroll is active", active->name),
                 .detail = "Only a history in which every migration is completed can be adopted.",
                 .hint = "End it with \"pgroll complete\" or \"pgroll rollback\" first."});
}

[[noreturn]] void ThrowNotLinear(std::string detail) {
    throw Error(sqlstates::kWrongState, {.message = "history of pgroll is not linear",
                                         .detail = std::move(detail),
                                         .hint = "Correct the column \"parent\" of pgroll's table of migrations."});
}

}  // namespace

std::vector<PgrollMigration> OrderHistory(const std::vector<PgrollMigration> &migrations) {
    RequireNoneActive(migrations);
    std::map<std::string, const PgrollMigration *> after;
    for (const PgrollMigration &migration : migrations) {
        const auto [other, is_new] = after.emplace(migration.parent, &migration);
        if (is_new) continue;
        ThrowNotLinear(migration.parent.empty()
                           ? fmt::format("Both \"{}\" and \"{}\" are the first.", other->second->name, migration.name)
                           : fmt::format("Both \"{}\" and \"{}\" follow \"{}\".", other->second->name, migration.name,
                                         migration.parent));
    }
    std::vector<PgrollMigration> ordered;
    std::set<std::string> names;
    for (auto next = after.find(""); next != after.end(); next = after.find(ordered.back().name)) {
        ordered.push_back(*next->second);
        names.insert(next->second->name);
    }
    for (const PgrollMigration &migration : migrations)
        if (!names.contains(migration.name))
            ThrowNotLinear(fmt::format("\"{}\" follows \"{}\", which the first migration does not lead to.",
                                       migration.name, migration.parent));
    return ordered;
}

}  // namespace pgmigrate
