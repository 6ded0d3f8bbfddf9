// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "pg/compat.h"

namespace pgmigrate::sync {

/// True for an expression that runs no code but PostgreSQL's own and whose result depends on neither user nor
/// search_path: nothing can tell as whom it runs. Takes a planned expression; may raise a PostgreSQL ERROR.
bool IsPlain(Node *planned);

}  // namespace pgmigrate::sync
