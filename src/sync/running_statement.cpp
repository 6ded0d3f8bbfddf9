// SPDX-License-Identifier: PostgreSQL
#include "sync/running_statement.h"

#include "sync/writer_version.h"

extern "C" {
#include "executor/execdesc.h"
#include "tcop/utility.h"
#include "utils/portal.h"
}

namespace pgmigrate::sync {
namespace {

/// What runs now: a query, or with no query a utility command. Both empty outside any statement we saw the start of.
struct Frame {
    QueryDesc *query;
    std::uint64_t serial;
};

constinit Frame current{nullptr, 0};
constinit std::uint64_t last_serial = 0;

/// The statement that made the server load this library had begun before the hooks were there: only its portal knows
/// it.
constinit Portal unseen_portal = nullptr;
constinit TimestampTz unseen_since = 0;
constexpr std::uint64_t kUnseenSerial = UINT64_MAX;

constinit ExecutorRun_hook_type previous_run = nullptr;
constinit ExecutorFinish_hook_type previous_finish = nullptr;
constinit ProcessUtility_hook_type previous_utility = nullptr;

/// A frame for the time that `work` takes, also when it ends in an error. Holds plain data only.
template <typename Work>
void RunAs(QueryDesc *query, Work work) {
    const Frame outer = current;
    current = {query, ++last_serial};
    const bool succeeded = pg::Attempt(work);
    current = outer;
    if (succeeded) return;
    InterruptHoldoffCount = 0;  // as errfinish() left them; Attempt() puts back what they were before
    QueryCancelHoldoffCount = 0;
    PG_RE_THROW();
}

void TrackRun(PGMIGRATE_RUN_PARAMETERS) {
    RunAs(query, [=] {
        if (previous_run) {
            previous_run(PGMIGRATE_RUN_ARGUMENTS);
        } else {
            standard_ExecutorRun(PGMIGRATE_RUN_ARGUMENTS);
        }
    });
}

/// Data-modifying WITH queries that nobody read are run, and AFTER triggers fire, at this point.
void TrackFinish(QueryDesc *query) {
    RunAs(query, [=] {
        if (previous_finish) {
            previous_finish(query);
        } else {
            standard_ExecutorFinish(query);
        }
    });
}

/// COPY writes rows without a query of its own: hide the one that called the function that runs it.
void TrackUtility(PlannedStmt *statement, const char *text, bool read_only_tree, ProcessUtilityContext context,
                  ParamListInfo parameters, QueryEnvironment *environment, DestReceiver *receiver,
                  QueryCompletion *completion) {
    RunAs(nullptr, [=] {
        const auto next = previous_utility ? previous_utility : standard_ProcessUtility;
        next(statement, text, read_only_tree, context, parameters, environment, receiver, completion);
    });
}

bool IsUnseenRunning() noexcept {
    return unseen_portal != nullptr && ActivePortal == unseen_portal && ActivePortal->creation_time == unseen_since;
}

/// The plan that the portal of the unseen statement is running.
const PlannedStmt *UnseenPlan() noexcept {
    // Of several statements in a portal, which a rule makes, we cannot tell which one runs.
    if (list_length(ActivePortal->stmts) != 1) return nullptr;
    auto *const statement = static_cast<PlannedStmt *>(linitial(ActivePortal->stmts));
    return statement->commandType == CMD_UTILITY ? nullptr : statement;
}

}  // namespace

void InstallExecutorHook() {
    previous_run = ExecutorRun_hook;
    ExecutorRun_hook = TrackRun;
    previous_finish = ExecutorFinish_hook;
    ExecutorFinish_hook = TrackFinish;
    previous_utility = ProcessUtility_hook;
    ProcessUtility_hook = TrackUtility;
    unseen_portal = ActivePortal;
    unseen_since = ActivePortal ? ActivePortal->creation_time : 0;
}

RunningStatement CurrentStatement() noexcept {
    if (current.query) return {current.query->plannedstmt, current.query->estate, current.serial};
    if (current.serial != 0) return {nullptr, nullptr, current.serial};
    if (IsUnseenRunning()) return {UnseenPlan(), nullptr, kUnseenSerial};
    return {};
}

}  // namespace pgmigrate::sync
