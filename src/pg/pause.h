// SPDX-License-Identifier: PostgreSQL
// Waiting for time to pass, as PostgreSQL does it.
#pragma once

#include <chrono>

#include "pg/guard.h"

namespace pgmigrate::pg {

/// Throws the pending cancellation as ServerError; a pending termination ends the process here.
inline void CheckForInterrupts() {
    Call([] { CHECK_FOR_INTERRUPTS(); });
}

/// Sleeps on the process latch. Throws ServerError 57014 when the statement is cancelled meanwhile.
void Pause(std::chrono::milliseconds duration);

}  // namespace pgmigrate::pg
