// SPDX-License-Identifier: PostgreSQL
// Which version of the schema the running statement writes as.
#pragma once

#include "pg/guard.h"

namespace pgmigrate::sync {

/// Keeps track of the innermost statement being executed, for the sessions that load the library. Called once, from _PG_init.
void InstallExecutorHook();

}  // namespace pgmigrate::sync
