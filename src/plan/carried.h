// SPDX-License-Identifier: PostgreSQL
// Views, triggers, policies, statistics and publications that read a column which completion replaces: dropped before
// the old column, made anew from their own definitions behind it. Definitions name columns, so this happens while every
// replaced column bears the old one's name, before the renames of the migration.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "catalog/schema.h"
#include "plan/step.h"

namespace pgmigrate {

/// Columns by the name of their table, all as the catalog calls them.
using ColumnsByTable = std::map<std::string, std::vector<std::string>>;

/// What completion does to the columns of a schema.
struct ColumnChanges {
    ColumnsByTable replaced;                     ///< another column takes their place and name, or their type changes
    ColumnsByTable dropped;                      ///< they go
    std::vector<const CatalogTable *> tables{};  ///< whole tables that go
};

/// What has to be carried over to the new columns: readers come behind what they read. Throws 2BP01, with the complete
/// list, if something can neither be carried over nor go.
std::vector<Dependent> DependentsToCarry(const CatalogSchema &catalog, const ColumnChanges &changes);

/// The steps of completion that drop them.
std::vector<Step> DropsOfDependents(const std::vector<Dependent> &dependents);

/// The `object` by which a step of completion says that it replaces these columns.
std::string MarkOfReplacement(const ColumnsByTable &replaced);

/// Does the step drop a dependent or make it anew?
bool CarriesDependent(const Step &step);

/// The steps of completion, in which the dependents are dropped before the first step that replaces a column and made
/// anew behind the last one: as the catalog has them by now, also those granted, altered or added since the start.
std::vector<Step> WithDependentsOf(const CatalogSchema &catalog, std::vector<Step> steps);

}  // namespace pgmigrate
