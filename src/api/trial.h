// SPDX-License-Identifier: PostgreSQL
// Used inside src/api only.
#pragma once

#include <functional>

#include "core/database.h"
#include "plan/plan.h"

namespace pgmigrate::api {

/// Runs `work` in a subtransaction and undoes what it did; what it throws travels on.
void TryAndUndo(Database &database, const std::function<void()> &work);

/// Makes what completion is to make anew once, on columns of the new types, and undoes it. Throws 2BP01, with the
/// complete list, if something cannot be made. `database` has the caller's rights and only pg_catalog in its
/// search_path.
void TryDependentsAgain(Database &database, const Trial &trial);

}  // namespace pgmigrate::api
