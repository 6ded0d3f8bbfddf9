// SPDX-License-Identifier: PostgreSQL
// Readers of what several operations share: columns, constraints, references.
#pragma once

#include "migration/fields.h"
#include "migration/operation.h"

namespace pgmigrate {

CheckConstraint ReadCheck(Fields &fields);
/// A reference of one column, which carries the constraint's name.
ForeignKeyReference ReadColumnReference(Fields &fields);
ColumnDefinition ReadColumn(Fields &fields);
/// A constraint of create_table.
ConstraintDefinition ReadConstraint(Fields &fields);
/// The fields create_constraint has in common with it, which are fewer.
ConstraintDefinition ReadAddedConstraint(Fields &fields);
std::vector<IndexColumn> ReadIndexColumns(Fields &fields);

}  // namespace pgmigrate
