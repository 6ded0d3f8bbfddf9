// SPDX-License-Identifier: PostgreSQL
// Used inside src/api only.
#pragma once

#include "core/database.h"
#include "plan/plan.h"

namespace pgmigrate::api {

/// Makes what completion is to make anew once, on columns of the new types, and undoes it. Throws 2BP01, with the
/// complete list, if something cannot be made. `database` has the caller's rights and only pg_catalog in its
/// search_path.
void TryDependentsAgain(Database &database, const Trial &trial);

}  // namespace pgmigrate::api
