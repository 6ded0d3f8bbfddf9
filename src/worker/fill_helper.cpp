// SPDX-License-Identifier: PostgreSQL
// A process that helps the worker of a migration to fill. It claims ranges like the worker and ends when none is left
// to claim, or when the migration is paused, failed or gone. Whatever ends it earlier, its ranges are free at once, and
// the worker starts another one while there is enough to do.
#include "pg/boundary.h"
#include "worker/arguments.h"
#include "worker/range_filler.h"
#include "worker/session.h"
#include "worker/work_loop.h"
#include "worker/worker_lock.h"

extern "C" {
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "tcop/tcopprot.h"
}

namespace pgmigrate::worker {
namespace {

Datum HelpToFill(const HelperArguments &arguments) {
    PrepareSession();
    const std::optional<WorkerLock> lock = WorkerLock::Find(arguments.migration_id);
    if (!lock) return 0;
    bool held = false;
    InBareTransaction("waiting for the command that stopped the worker", [&] {
        held = lock->TryHoldSlot(arguments.slot);
        if (held) lock->EnterGate();
    });
    if (!held) return 0;
    RangeFiller ranges;
    WorkLoop(arguments.migration_id).Run([&ranges](const MigrationRecord &record) {
        return record.state == State::kFilling && !ranges.RunUnit(record);
    });
    return 0;
}

}  // namespace
}  // namespace pgmigrate::worker

extern "C" {
PGDLLEXPORT void pgmigrate_fill_helper_main(Datum argument);
// No C++ object with a destructor lives in this frame, so bare calls are safe in it.
void pgmigrate_fill_helper_main(Datum) {
    using namespace pgmigrate;
    pqsignal(SIGHUP, SignalHandlerForConfigReload);
    pqsignal(SIGTERM, die);
    BackgroundWorkerUnblockSignals();
    const auto arguments = worker::ReadArguments<worker::HelperArguments>();
    if (!worker::IsDatabaseThere(arguments.database_path)) proc_exit(0);
    BackgroundWorkerInitializeConnectionByOid(arguments.database, InvalidOid, 0);
    auto body = [&arguments] { return worker::HelpToFill(arguments); };
    (void)pg::Boundary(body);
    proc_exit(0);
}
}
