// SPDX-License-Identifier: PostgreSQL
// Operations on a table that the same migration creates: the old version does not see it and it holds no row, so each
// is a plain statement of expansion. What such a table has is in PlannedTable::created_parts, because no catalog tells.
#pragma once

#include <string>
#include <vector>

#include "plan/context.h"

namespace pgmigrate {

/// Is it an index or a constraint with one, whose name is a relation's?
bool HasRelationName(const CreatedPart &part);

void AddCreatedColumn(const AddColumn &operation, PlannedTable &table, PlanContext &context);
void AlterCreatedColumn(const AlterColumn &operation, PlannedTable &table, PlanContext &context);
void RenameCreatedColumn(PlannedTable &table, PlannedColumn &column, const std::string &to, PlanContext &context);
void DropCreatedColumn(PlannedTable &table, const PlannedColumn &column, PlanContext &context);

/// Adds the constraint to the model. Returns it with the name it has until completion: a table that the migration drops
/// may hold the wanted one until then. Throws 42710, 42P07.
ConstraintDefinition NoteConstraint(const ConstraintDefinition &constraint, PlannedTable &table, PlanContext &context);
void AddCreatedConstraint(const ConstraintDefinition &constraint, PlannedTable &table, PlanContext &context);
/// Throws 42704 if the table has no such constraint at this point.
CreatedPart &FindCreatedConstraint(PlannedTable &table, const std::string &name);
void DropCreatedConstraint(const CreatedPart &constraint, PlannedTable &table, PlanContext &context);
void RenameCreatedConstraint(CreatedPart &constraint, const std::string &to, PlannedTable &table, PlanContext &context);

/// The index's name has been taken.
void AddCreatedIndex(const AddedIndex &index, PlannedTable &table, PlanContext &context);
/// Drops the index of this name if the table has it. Throws 2BP01 for the index of a constraint.
bool DropCreatedIndex(const std::string &name, PlannedTable &table, PlanContext &context);

/// The constraints that a column's definition asks for besides keys: its check and its foreign key.
std::vector<ConstraintDefinition> ConstraintsOfColumn(const ColumnDefinition &column);

/// The names that the table, which is dropped, has taken are free again.
void ReleaseNames(const PlannedTable &table, Model &model);

/// Statements of completion that give its constraints the names that were held until then.
std::vector<std::string> FinalConstraintNames(const PlannedTable &table, const PlanContext &context);

}  // namespace pgmigrate
