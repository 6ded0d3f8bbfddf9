// SPDX-License-Identifier: PostgreSQL
// Domain types of columns that are added first and filled later.
#include <fmt/format.h>

#include "core/sqlstates.h"
#include "plan/context.h"

namespace pgmigrate {

/// ADD COLUMN checks the NULLs of existing rows against the constraints of a domain by rewriting the table, which
/// stores the domain's default if it has one: such rows would pass for filled.
void CheckDomain(const PlannedTable &table, const std::string &column, const std::string &type, PlanContext &context) {
    const DomainRules rules = context.model.binder.RulesOfDomain(type);
    if (!rules.has_constraints) return;
    if (rules.forbids_null || rules.has_default)
        throw Error(sqlstates::kFeatureNotSupported,
                    {.message = fmt::format("column \"{}\" of table \"{}\" cannot be given domain type {}", column,
                                            table.name, type),
                     .detail = fmt::format("The column is NULL until it has been filled, and the domain {}.",
                                           rules.forbids_null ? "allows no NULL" : "has a default besides constraints"),
                     .hint = "Use the base type of the domain with \"check\", \"default\" and \"nullable\" of the "
                             "column, or drop NOT NULL and DEFAULT of the domain."});
    context.model.warnings.push_back(fmt::format(
        "table \"{}\" is rewritten under an ACCESS EXCLUSIVE lock when the migration starts, because domain "
        "type {} of column \"{}\" has constraints; its base type with a \"check\" avoids that",
        table.name, type, column));
}

}  // namespace pgmigrate
