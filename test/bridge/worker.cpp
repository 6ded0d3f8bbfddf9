// SPDX-License-Identifier: PostgreSQL
// A background worker, where the bridge owns the transactions: one that fails, then one that succeeds, then the end
// wanted.
#include <stdexcept>
#include <string>

#include "pg/boundary.h"
#include "pg/spi_database.h"
#include "pg/transaction.h"
#include "tracked.h"

extern "C" {
#include "commands/dbcommands.h"
#include "postmaster/bgworker.h"
#include "tcop/tcopprot.h"
}

namespace bridge_test {
namespace {

using namespace pgmigrate;

void Insert(const std::string &what) {
    const Tracked tracked;
    pg::SpiDatabase().Execute("INSERT INTO bridge_worker_log VALUES ($1)", {what});
}

/// Runs a transaction that fails and says what is left of it: nothing but the exception.
std::string FailedTransaction(const char *kind) {
    const MemoryContext context = CurrentMemoryContext;
    const std::int64_t alive = Tracked::constructed - Tracked::destroyed;
    std::string caught;
    try {
        pg::InTransaction("bridge test", [&] {
            Insert(std::string("never seen: ") + kind);
            if (std::string_view(kind) == "exception") throw std::runtime_error("an exception");
            // A subtransaction that nobody ends, as code that failed in its midst leaves it.
            if (std::string_view(kind) == "left open") pg::Call(::BeginInternalSubTransaction, nullptr);
            if (std::string_view(kind) == "at commit")
                Insert("refused at commit");
            else
                pg::SpiDatabase().Execute("SELECT 1 / 0");
        });
        caught = "nothing";
    } catch (const std::exception &error) {
        caught = error.what();
    }
    const bool clean = !IsTransactionState() && !IsTransactionBlock() && CurrentMemoryContext == context &&
                       InterruptHoldoffCount == 0 && Tracked::constructed - Tracked::destroyed == alive;
    return std::string(kind) + ": caught " + caught + ", " + (clean ? "clean" : "not clean");
}

Datum RunWorker(std::string_view ending) {
    const Tracked tracked_to_the_end;
    for (const char *kind : {"exception", "server error", "left open", "at commit"}) {
        const std::string result = FailedTransaction(kind);
        pg::InTransaction("bridge test", [&] { Insert(result); });
    }
    if (ending == "fatal")  // ends the process in place, with C++ objects alive
        pg::Call([] { ereport(FATAL, (errmsg("a fatal error with C++ frames on the stack"))); });
    if (ending == "exception") throw Error({"MG997"}, {.message = "an exception that leaves the worker"});
    return 0;
}

/// run_worker(ending): starts the worker and waits for its end.
Datum StartWorker(pg::Arguments arguments) {
    const auto ending = arguments.Required<std::string>(0, "ending");
    const char *const extra = ending.c_str();
    const bool started_and_stopped = pg::Call([extra] {
        BackgroundWorker worker{};
        strlcpy(worker.bgw_name, "pgmigrate bridge test", BGW_MAXLEN);
        strlcpy(worker.bgw_type, "pgmigrate bridge test", BGW_MAXLEN);
        strlcpy(worker.bgw_library_name, "pgmigrate_bridge_test", BGW_MAXLEN);
        strlcpy(worker.bgw_function_name, "bridge_worker_main", BGW_MAXLEN);
        strlcpy(worker.bgw_extra, extra, BGW_EXTRALEN);
        worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
        worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
        worker.bgw_restart_time = BGW_NEVER_RESTART;
        worker.bgw_main_arg = ObjectIdGetDatum(MyDatabaseId);
        worker.bgw_notify_pid = MyProcPid;
        BackgroundWorkerHandle *handle = nullptr;
        return RegisterDynamicBackgroundWorker(&worker, &handle) &&
               WaitForBackgroundWorkerShutdown(handle) == BGWH_STOPPED;
    });
    return pg::Arguments::Return(started_and_stopped);
}

}  // namespace
}  // namespace bridge_test

PGMIGRATE_FUNCTION(bridge_run_worker, bridge_test::StartWorker)

extern "C" {
PGDLLEXPORT void bridge_worker_main(Datum database);
void bridge_worker_main(Datum database) {  // no C++ object lives in this frame: bare calls are safe
    pqsignal(SIGTERM, die);
    BackgroundWorkerUnblockSignals();
    BackgroundWorkerInitializeConnectionByOid(DatumGetObjectId(database), InvalidOid, 0);
    auto body = [] { return bridge_test::RunWorker(MyBgworkerEntry->bgw_extra); };
    (void)pgmigrate::pg::Boundary(body);
}
}
