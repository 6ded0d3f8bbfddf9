// SPDX-License-Identifier: PostgreSQL
#include "pg/pause.h"

extern "C" {
#include "storage/latch.h"
#include "utils/wait_event.h"
}

namespace pgmigrate::pg {

void Pause(std::chrono::milliseconds duration) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + duration;
    for (;;) {
        CheckForInterrupts();
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
        if (left.count() <= 0) return;
        // The latch is also set for other reasons than ours (invalidation catch-up), so this may return too early.
        (void)Call(::WaitLatch, MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
                   static_cast<long>(left.count()), PG_WAIT_EXTENSION);
        Call(::ResetLatch, MyLatch);
    }
}

}  // namespace pgmigrate::pg
