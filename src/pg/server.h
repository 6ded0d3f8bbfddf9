// SPDX-License-Identifier: PostgreSQL
// The only way server headers enter pgmigrate: C++ headers first, then postgres.h, then the rest of the server's, which
// have no extern "C" of their own. Include this after every C++ and Boost header, and only in
// src/{pg,fill,sync,worker,api}.
#pragma once

// Before the server's headers, which turn printf and its kin into macros.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>

extern "C" {
// clang-format off
#include "postgres.h"
// clang-format on
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "utils/builtins.h"
#include "utils/elog.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
}

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "pgmigrate supports PostgreSQL 15, 16, 17 and 18"
#endif
