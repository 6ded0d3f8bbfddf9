// SPDX-License-Identifier: PostgreSQL
// The background worker of one migration. It has no state of its own: it reads what is to be done, does one unit of it
// in a transaction that also records it, and so on until there is nothing left; whenever it dies, the next one goes on
// from there.
//
// Ends with exit code 0, which the postmaster takes as the end of the worker, when the migration wants nothing more of
// it. Every other end (FATAL: code 1; a crash of the server) makes the postmaster start it again.
#include <fmt/format.h>

#include <sys/stat.h>

#include <optional>

#include "core/sqlstates.h"
#include "lifecycle/retry.h"
#include "pg/boundary.h"
#include "pg/pause.h"
#include "pg/spi_database.h"
#include "worker/arguments.h"
#include "worker/filling.h"
#include "worker/migration_worker.h"
#include "worker/phases.h"
#include "worker/report.h"
#include "worker/session.h"
#include "worker/worker_lock.h"

extern "C" {
#include "access/transam.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "tcop/tcopprot.h"
}

namespace pgmigrate::worker {
namespace {

class MigrationWorker {
  public:
    explicit MigrationWorker(std::int64_t migration_id) : migration_id_(migration_id) {}

    void Run();

  private:
    std::optional<MigrationRecord> LoadWork();
    void WorkUntilDone();
    void RunUnit(const MigrationRecord &record);
    void Survive(const std::optional<MigrationRecord> &record, std::exception_ptr caught);

    const std::int64_t migration_id_;
    int failures_ = 0;  // in a row
    Filling filling_;
    Verifying verifying_;
};

std::optional<WorkerLock> MakeLock(std::int64_t migration_id) {
    std::optional<WorkerLock> lock;
    pg::InTransaction("starting", [&] {
        if (IsExtensionInstalled()) lock.emplace(migration_id);
    });
    return lock;
}

/// Takes the migration for this process, and waits for a command that has just stopped its worker.
bool Hold(const WorkerLock &lock) {
    bool held = false;
    InBareTransaction("waiting for the command that stopped the worker", [&] {
        held = lock.TryHold();
        if (held) lock.EnterGate();
    });
    return held;
}

void MigrationWorker::Run() {
    const std::optional<WorkerLock> lock = MakeLock(migration_id_);
    // Whoever found the lock taken and went away in trust of us may have brought work after we last looked: hence the
    // second look.
    while (lock && Hold(*lock)) {
        WorkUntilDone();
        InBareTransaction("ending", [&] { lock->Release(); });
        if (!LoadWork()) return;
    }
}

/// The migration, if it wants a worker.
std::optional<MigrationRecord> MigrationWorker::LoadWork() {
    std::optional<MigrationRecord> record;
    pg::InTransaction("looking for work", [&] {
        if (!IsExtensionInstalled()) return;
        pg::SpiDatabase state = pg::StateDatabase();
        record = StateStore(state).FindById(migration_id_);
    });
    if (record && (record->paused || !IsWorkerPhase(record->state))) record.reset();
    return record;
}

void MigrationWorker::WorkUntilDone() {
    for (;;) {
        std::optional<MigrationRecord> record;
        std::exception_ptr caught;
        try {
            pg::CheckForInterrupts();
            ReloadSettingsIfAsked();
            record = LoadWork();
            if (!record) return;
            RunUnit(*record);
            failures_ = 0;
        } catch (...) {
            caught = std::current_exception();
        }
        if (caught) Survive(record, caught);
    }
}

void MigrationWorker::RunUnit(const MigrationRecord &record) {
    bool is_done = false;
    switch (record.state) {
        case State::kFilling:
            is_done = filling_.RunUnit(record);
            break;
        case State::kIndexing:
            is_done = IndexNext(record);
            break;
        case State::kValidating:
            is_done = ValidateNext(record);
            break;
        case State::kVerifying:
            is_done = verifying_.RunUnit(record);
            break;
        case State::kPublishing:
            return Publish(record);
        case State::kReady:
        case State::kCompleted:
        case State::kFailed:
            return;
    }
    if (is_done) FinishPhase(record);
}

/// After a failed unit, whose transaction is rolled back: rests before another try, or marks the migration as failed.
/// What fails in here ends the process, and the postmaster starts it again.
void MigrationWorker::Survive(const std::optional<MigrationRecord> &record, std::exception_ptr caught) {
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

/// Waits for the transaction that registered us: before it ends, there is nothing to see. The number is not trusted
/// when it is so old that another transaction could bear it by now; nor is there anything to wait for then.
void WaitForStarter(std::uint64_t starter) {
    if (starter == 0) return;
    const std::uint64_t next = U64FromFullTransactionId(pg::Call(::ReadNextFullTransactionId));
    if (starter >= next || next - starter > (std::uint64_t{1} << 30)) return;
    WaitForTransaction(static_cast<TransactionId>(starter), "waiting for the transaction that started the worker");
}

/// DROP DATABASE terminates us, and nobody tells the postmaster that starting us again is of no use.
bool IsDatabaseThere(const WorkerArguments &arguments) {
    struct stat found;
    return stat(arguments.database_path, &found) == 0;
}

Datum Main(const WorkerArguments &arguments) {
    PrepareSession();
    WaitForStarter(arguments.starter);
    WorkFor(arguments.migration_id);
    return 0;
}

}  // namespace

void WorkFor(std::int64_t migration_id) { MigrationWorker(migration_id).Run(); }

}  // namespace pgmigrate::worker

extern "C" {
PGDLLEXPORT void pgmigrate_worker_main(Datum argument);
// No C++ object with a destructor lives in this frame, so bare calls are safe in it.
void pgmigrate_worker_main(Datum) {
    using namespace pgmigrate;
    pqsignal(SIGHUP, SignalHandlerForConfigReload);
    pqsignal(SIGTERM, die);  // SIGINT cancels the statement, as in any backend
    BackgroundWorkerUnblockSignals();
    const auto arguments = worker::ReadArguments<worker::WorkerArguments>();
    if (!worker::IsDatabaseThere(arguments)) proc_exit(0);
    BackgroundWorkerInitializeConnectionByOid(arguments.database, InvalidOid, 0);
    auto body = [&arguments] { return worker::Main(arguments); };
    (void)pg::Boundary(body);
    proc_exit(0);
}
}
