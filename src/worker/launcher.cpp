// SPDX-License-Identifier: PostgreSQL
// After the server has started or was promoted, the launcher has every database looked at for unfinished migrations
// that have no worker. A process can connect to one database only, so it starts a short-lived resume worker for each,
// one after the other.
//
// It stays afterwards, asleep. A crash of another process makes the postmaster forget workers that were registered but
// not yet taken notice of, and it starts static workers again only if they did not end with exit code 0.
#include <csignal>

#include <vector>

#include "worker/launcher.h"

#include "pg/boundary.h"
#include "pg/pause.h"
#include "worker/arguments.h"
#include "worker/migration_worker.h"
#include "worker/session.h"
#include "worker/workers.h"

extern "C" {
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_database.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/rel.h"
#include "utils/wait_event.h"
}

namespace pgmigrate::worker {
namespace {

constexpr int kRestartSeconds = 10;
constexpr long kSlotPause = 5'000;  // milliseconds

/// Set by a resume worker that found no slot for a migration's worker.
volatile sig_atomic_t look_again = 0;

void HandleLookAgain(int) {
    const int saved_errno = errno;
    look_again = 1;
    SetLatch(MyLatch);
    errno = saved_errno;
}

/// Databases one can connect to. Only shared catalogs can be read without one, so this is a scan without SQL.
std::vector<Oid> ListDatabases() {
    std::vector<Oid> databases;
    pg::InTransaction("listing databases", [&] {
        Relation catalog = pg::Call(::table_open, DatabaseRelationId, AccessShareLock);
        TableScanDesc scan = pg::Call(::table_beginscan_catalog, catalog, 0, static_cast<ScanKeyData *>(nullptr));
        while (HeapTuple tuple = pg::Call(::heap_getnext, scan, ForwardScanDirection)) {
            const auto *const database = reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple));
            // A negative limit other than -1 marks what an interrupted DROP DATABASE has left.
            if (database->datallowconn && !database->datistemplate && database->datconnlimit >= -1)
                databases.push_back(database->oid);
        }
        pg::Call(::table_endscan, scan);
        pg::Call(::table_close, catalog, AccessShareLock);
    });
    return databases;
}

bool RegisterResumeWorker(Oid database, BackgroundWorkerHandle **handle) {
    BackgroundWorker worker =
        NewWorker("pgmigrate_resume_main", ResumeArguments{.database = database, .launcher = MyProcPid});
    worker.bgw_restart_time = BGW_NEVER_RESTART;
    worker.bgw_notify_pid = MyProcPid;
    strlcpy(worker.bgw_type, "pgmigrate resume worker", sizeof(worker.bgw_type));
    strlcpy(worker.bgw_name, "pgmigrate resume worker", sizeof(worker.bgw_name));
    return pg::Call(::RegisterDynamicBackgroundWorker, &worker, handle);
}

void EndIfAsked() {
    pg::CheckForInterrupts();
    if (ShutdownRequestPending) proc_exit(1);  // not 0: whoever terminates only us wants us back
}

/// Sleeps until a signal comes, or for `timeout` milliseconds unless it is negative.
void Rest(long timeout) {
    EndIfAsked();
    const int timed = timeout < 0 ? 0 : WL_TIMEOUT;
    (void)pg::Call(::WaitLatch, MyLatch, WL_LATCH_SET | WL_EXIT_ON_PM_DEATH | timed, timeout, PG_WAIT_EXTENSION);
    pg::Call(::ResetLatch, MyLatch);
    EndIfAsked();
    ReloadSettingsIfAsked();
}

/// Has one database looked at and waits for the end of that.
void Resume(Oid database) {
    BackgroundWorkerHandle *handle = nullptr;
    while (!RegisterResumeWorker(database, &handle)) Rest(kSlotPause);
    if (pg::Call(::WaitForBackgroundWorkerShutdown, handle) == BGWH_POSTMASTER_DIED) proc_exit(1);
    pfree(handle);
    EndIfAsked();
}

Datum Launch() {
    do {
        look_again = 0;
        for (const Oid database : ListDatabases()) Resume(database);
        if (look_again) Rest(kSlotPause);
    } while (look_again);
    for (;;) Rest(-1);
}

/// Where no slot is left for a migration's worker, this process does its work: it may itself be in the last one.
Datum ResumeOne(const ResumeArguments &arguments) {
    std::vector<std::int64_t> missing;
    PrepareSession();
    pg::InTransaction("looking for unfinished migrations", [&] {
        if (IsExtensionInstalled()) missing = StartMissingWorkers();
    });
    if (missing.empty()) return 0;
    (void)kill(arguments.launcher, SIGUSR2);  // there may be others, and nobody starts us again
    WorkFor(missing.front());
    return 0;
}

}  // namespace

void RegisterLauncher() {
    if (!process_shared_preload_libraries_in_progress || IsBinaryUpgrade) return;
    BackgroundWorker worker = NewWorker("pgmigrate_launcher_main", ResumeArguments{});
    worker.bgw_restart_time = kRestartSeconds;
    strlcpy(worker.bgw_type, "pgmigrate launcher", sizeof(worker.bgw_type));
    strlcpy(worker.bgw_name, "pgmigrate launcher", sizeof(worker.bgw_name));
    pg::Call(::RegisterBackgroundWorker, &worker);
}

}  // namespace pgmigrate::worker

extern "C" {
PGDLLEXPORT void pgmigrate_launcher_main(Datum argument);
PGDLLEXPORT void pgmigrate_resume_main(Datum argument);

// No C++ object with a destructor lives in these frames, so bare calls are safe in them.
void pgmigrate_launcher_main(Datum) {
    using namespace pgmigrate;
    pqsignal(SIGHUP, SignalHandlerForConfigReload);
    pqsignal(SIGTERM, SignalHandlerForShutdownRequest);  // a quiet end at every shutdown
    pqsignal(SIGUSR2, worker::HandleLookAgain);
    BackgroundWorkerUnblockSignals();
    BackgroundWorkerInitializeConnection(nullptr, nullptr, 0);
    auto body = [] { return worker::Launch(); };
    (void)pg::Boundary(body);
    proc_exit(1);
}

void pgmigrate_resume_main(Datum) {
    using namespace pgmigrate;
    pqsignal(SIGHUP, SignalHandlerForConfigReload);
    pqsignal(SIGTERM, die);
    BackgroundWorkerUnblockSignals();
    const auto arguments = worker::ReadArguments<worker::ResumeArguments>();
    BackgroundWorkerInitializeConnectionByOid(arguments.database, InvalidOid, 0);
    auto body = [&arguments] { return worker::ResumeOne(arguments); };
    (void)pg::Boundary(body);
    proc_exit(0);
}
}
