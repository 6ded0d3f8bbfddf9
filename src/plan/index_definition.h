// SPDX-License-Identifier: PostgreSQL
// Indexes and expressions rewritten for the physical columns of the new version. Used inside src/plan only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/context.h"

namespace pgmigrate {

/// Everything CREATE INDEX says; keys, predicate and parameters are SQL text over physical columns.
struct IndexDefinition {
    std::string name;
    std::string method = "btree";
    bool unique = false;
    bool nulls_not_distinct = false;
    std::vector<std::string> keys;
    std::vector<std::string> included;
    std::string predicate;
    std::string storage_parameters;
    std::string tablespace;
    std::vector<std::string> exclusion_operators;  ///< of an exclusion constraint: one for each key
};

std::string CreateIndexStatement(const IndexDefinition &index, const std::string &table);
/// The same on a partitioned table alone, which has no rows of its own.
std::string CreateIndexOnlyStatement(const IndexDefinition &index, const std::string &table);

/// The exclusion constraint that such an index belongs to, as in ADD CONSTRAINT.
std::string ExclusionBody(const IndexDefinition &index);

/// The duplicate that an index needs because one of its columns has a shadow; nothing if none is needed (no column
/// moved, one is dropped, the index is dropped) or possible (a warning is left then). Throws 0A000 for the index of an
/// exclusion constraint of a partitioned table.
std::optional<IndexDefinition> DuplicateOfIndex(PlannedTable &table, const Followed<CatalogIndex> &index,
                                                PlanContext &context);

/// Columns of the catalog's table that an expression of the catalog reads.
std::vector<std::string> ColumnsOfExpression(const PlannedTable &table, const std::string &expression,
                                             PlanContext &context);

/// Columns a catalog index reads, in keys, included columns, expressions and predicate.
std::vector<std::string> ColumnsOfIndex(const PlannedTable &table, const CatalogIndex &index, PlanContext &context);

/// An expression over the table's old physical columns, for the columns of the new version. Nothing, with a warning
/// that names `what`, if PostgreSQL cannot make sense of it with the new types.
std::optional<std::string> RebindToNewVersion(PlannedTable &table, const std::string &expression,
                                              const std::string &type, PlanContext &context, const std::string &what);

std::vector<std::string> PhysicalNames(PlannedTable &table, const std::vector<int> &ids);
std::string WithPhysicalColumns(PlannedTable &table, const std::string &bound_text, const std::vector<int> &ids);

}  // namespace pgmigrate
