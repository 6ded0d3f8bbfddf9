// SPDX-License-Identifier: PostgreSQL
// Which statement this session is executing right now. A trigger is not told.
#pragma once

#include "pg/compat.h"

namespace pgmigrate::sync {

struct RunningStatement {
    const PlannedStmt *plan = nullptr;  ///< null: a utility command (COPY), or replicated changes
    const EState *state = nullptr;      ///< null: the statement began before this library was loaded
    std::uint64_t serial = 0;           ///< another for every run of every statement; 0: not known, remember nothing
};

/// The innermost one. Valid until the caller returns to the executor.
RunningStatement CurrentStatement() noexcept;

}  // namespace pgmigrate::sync
