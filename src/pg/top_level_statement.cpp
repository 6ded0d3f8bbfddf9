// SPDX-License-Identifier: PostgreSQL
#include "pg/top_level_statement.h"

#include "core/error.h"
#include "core/sqlstates.h"
#include "pg/compat.h"
#include "pg/memory.h"
#include "pg/transaction.h"

extern "C" {
#include "nodes/parsenodes.h"
#include "parser/analyze.h"
#include "tcop/cmdtag.h"
#include "tcop/dest.h"
#include "tcop/pquery.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/portal.h"
}

namespace pgmigrate::pg {
namespace {

/// Parse and plan trees must outlive the transactions that the statement commits on its way.
class StatementContext {
  public:
    StatementContext()
        : context_(Call([] {
              return AllocSetContextCreate(TopMemoryContext, "pgmigrate top-level statement", ALLOCSET_DEFAULT_SIZES);
          })) {}
    ~StatementContext() { MemoryContextDelete(context_); }
    StatementContext(const StatementContext &) = delete;
    StatementContext &operator=(const StatementContext &) = delete;

    MemoryContext get() const noexcept { return context_; }

  private:
    const MemoryContext context_;
};

/// Takes a role's rights for a statement with several transactions. Unlike UserScope it sets no security context: a
/// transaction may not begin inside one (StartTransaction asserts that), and PostgreSQL itself runs what an index
/// evaluates as the table's owner in a restricted operation.
class StatementUser {
  public:
    explicit StatementUser(Oid user) noexcept {
        GetUserIdAndSecContext(&previous_user_, &previous_context_);
        if (OidIsValid(user)) SetUserIdAndSecContext(user, 0);
    }
    ~StatementUser() { SetUserIdAndSecContext(previous_user_, previous_context_); }
    StatementUser(const StatementUser &) = delete;
    StatementUser &operator=(const StatementUser &) = delete;

  private:
    Oid previous_user_ = InvalidOid;
    int previous_context_ = 0;
};

/// Shows the statement where PostgreSQL looks for it: in pg_stat_activity and in the log line of an error.
class StatementReport {
  public:
    explicit StatementReport(const char *sql) {
        Call(::pgstat_report_activity, STATE_RUNNING, sql);
        debug_query_string = sql;
    }
    ~StatementReport() { debug_query_string = nullptr; }
    StatementReport(const StatementReport &) = delete;
    StatementReport &operator=(const StatementReport &) = delete;
};

/// Analyses, rewrites and plans; the trees are made in the current memory context.
List *PlanStatement(RawStmt *statement, const char *sql) {
    const bool needs_snapshot = analyze_requires_snapshot(statement);
    if (needs_snapshot) PushActiveSnapshot(GetTransactionSnapshot());
    List *const queries = pg_analyze_and_rewrite_fixedparams(statement, sql, nullptr, 0, nullptr);
    List *const plans = pg_plan_queries(queries, sql, 0, nullptr);
    if (needs_snapshot) PopActiveSnapshot();
    return plans;
}

/// As exec_simple_query does for a client's statement. False: the text is not exactly one statement. May raise.
bool RunAsPortal(const char *sql, MemoryContext context) {
    SetCurrentStatementStartTimestamp();
    StartTransactionCommand();
    MemoryContextSwitchTo(context);
    List *const statements = pg_parse_query(sql);
    if (list_length(statements) != 1) return false;
    RawStmt *const statement = linitial_node(RawStmt, statements);
    const CommandTag tag = CreateCommandTag(statement->stmt);
    List *const plans = PlanStatement(statement, sql);

    Portal portal = CreatePortal("", true, true);
    portal->visible = false;
    PortalDefineQuery(portal, nullptr, sql, tag, plans, nullptr);
    PortalStart(portal, nullptr, 0, InvalidSnapshot);
    DestReceiver *const nowhere = CreateDestReceiver(DestNone);
    QueryCompletion completion;
    RunPortal(portal, nowhere, &completion);
    nowhere->rDestroy(nowhere);
    PortalDrop(portal, false);
    CommitTransactionCommand();
    return true;
}

}  // namespace

void RunTopLevelStatement(const std::string &sql, Oid user) {
    struct AbortUnlessCommitted {
        bool armed = true;
        ~AbortUnlessCommitted() {
            if (armed) AbortTransaction();
        }
    };
    const ContextSwitch stay(CurrentMemoryContext);
    const StatementContext context;
    const StatementUser identity(user);
    const StatementReport report(sql.c_str());
    AbortUnlessCommitted guard;
    if (!Call(RunAsPortal, sql.c_str(), context.get()))
        throw Error(sqlstates::kInternal, {.message = "not a single SQL statement", .detail = sql});
    guard.armed = false;
    Call([] {
        (void)pgstat_report_stat(false);
        pgstat_report_activity(STATE_IDLE, nullptr);
    });
}

}  // namespace pgmigrate::pg
