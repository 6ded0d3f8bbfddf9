// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "worker/work_loop.h"

#include "lifecycle/retry.h"
#include "pg/pause.h"
#include "pg/spi_database.h"
#include "worker/report.h"
#include "worker/session.h"

namespace pgmigrate::worker {

void WorkLoop::Run(const Unit &unit) {
    for (;;) {
        std::optional<MigrationRecord> record;
        std::exception_ptr caught;
        try {
            pg::CheckForInterrupts();
            ReloadSettingsIfAsked();
            record = LoadWork();
            if (!record || !unit(*record)) return;
            failures_ = 0;
        } catch (...) {
            caught = std::current_exception();
        }
        if (caught) Survive(record, caught);
    }
}

std::optional<MigrationRecord> WorkLoop::LoadWork() const {
    std::optional<MigrationRecord> record;
    pg::InTransaction("looking for work", [&] {
        if (!IsExtensionInstalled()) return;
        pg::SpiDatabase state = pg::StateDatabase();
        record = StateStore(state).FindById(migration_id_);
    });
    if (record && (record->paused || !IsWorkerPhase(record->state))) record.reset();
    return record;
}

/// After a failed unit, whose transaction is rolled back.
void WorkLoop::Survive(const std::optional<MigrationRecord> &record, std::exception_ptr caught) {
    const Failure failure = Describe(caught);
    if (const std::optional<std::chrono::milliseconds> pause = RetryPause(failure.state, ++failures_)) {
        Log(fmt::format("worker of migration {} will try again in {} ms: {} ({})", migration_id_, pause->count(),
                        failure.text.message, failure.state.code));
        pg::Pause(*pause);
        return;
    }
    if (!record) std::rethrow_exception(caught);
    RecordFailure(*record, failure);
    failures_ = 0;
}

}  // namespace pgmigrate::worker
