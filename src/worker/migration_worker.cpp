// SPDX-License-Identifier: PostgreSQL
// The background worker of one migration. It has no state of its own: it reads what is to be done, does one unit of it
// in a transaction that also records it, and so on until there is nothing left; whenever it dies, the next one goes on
// from there.
//
// Ends with exit code 0, which the postmaster takes as the end of the worker, when the migration wants nothing more of
// it. Every other end (FATAL: code 1; a crash of the server) makes the postmaster start it again.
#include "worker/migration_worker.h"

#include <optional>

#include "pg/boundary.h"
#include "worker/arguments.h"
#include "worker/filling.h"
#include "worker/phases.h"
#include "worker/report.h"
#include "worker/session.h"
#include "worker/work_loop.h"
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
    explicit MigrationWorker(std::int64_t migration_id) : migration_id_(migration_id), loop_(migration_id) {}

    void Run();

  private:
    void RunUnit(const MigrationRecord &record);

    const std::int64_t migration_id_;
    WorkLoop loop_;
    Filling filling_;
    Verifying verifying_;
};

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
    const std::optional<WorkerLock> lock = WorkerLock::Find(migration_id_);
    // Whoever found the lock taken and went away in trust of us may have brought work after we last looked: hence the
    // second look.
    while (lock && Hold(*lock)) {
        loop_.Run([this](const MigrationRecord &record) {
            RunUnit(record);
            return true;
        });
        InBareTransaction("ending", [&] { lock->Release(); });
        if (!loop_.LoadWork()) return;
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

/// Waits for the transaction that registered us: before it ends, there is nothing to see. The number is not trusted
/// when it is so old that another transaction could bear it by now; nor is there anything to wait for then.
void WaitForStarter(std::uint64_t starter) {
    if (starter == 0) return;
    const std::uint64_t next = U64FromFullTransactionId(pg::Call(::ReadNextFullTransactionId));
    if (starter >= next || next - starter > (std::uint64_t{1} << 30)) return;
    WaitForTransaction(static_cast<TransactionId>(starter), "waiting for the transaction that started the worker");
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
    if (!worker::IsDatabaseThere(arguments.database_path)) proc_exit(0);
    BackgroundWorkerInitializeConnectionByOid(arguments.database, InvalidOid, 0);
    auto body = [&arguments] { return worker::Main(arguments); };
    (void)pg::Boundary(body);
    proc_exit(0);
}
}
