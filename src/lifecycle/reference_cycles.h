// SPDX-License-Identifier: PostgreSQL
// Foreign keys that lead from a table back to it.
#pragma once

#include <string>
#include <vector>

#include "catalog/table_facts.h"

namespace pgmigrate {

/// One cycle of each group of tables that reach each other through foreign keys (strongly connected component), and
/// every table that refers to itself; each as the tables along the keys, the first one again at the end. A cycle begins
/// with the table whose name sorts first, and is the shortest one through it.
std::vector<std::vector<std::string>> FindReferenceCycles(const std::vector<ForeignKeyEdge> &edges);

/// "a → b → a"
std::string NameOfCycle(const std::vector<std::string> &cycle);

}  // namespace pgmigrate
