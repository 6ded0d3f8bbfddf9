// SPDX-License-Identifier: PostgreSQL
// migrate_report(schema_name name) → text: an HTML page about one migration. For everybody, so without the sessions of
// others.
#include <fmt/format.h>

#include <algorithm>

#include "api/session.h"
#include "api/status_rows.h"
#include "core/sqlstates.h"
#include "monitor/readiness_facts.h"
#include "monitor/report_facts.h"
#include "pg/boundary.h"
#include "pg/settings.h"

namespace pgmigrate::api {
namespace {

using namespace std::chrono_literals;

/// One row for each condition. Which transactions and sessions fail it is for the one who completes.
std::vector<Condition> WithoutSessions(const std::vector<Condition> &conditions) {
    std::vector<Condition> rows;
    for (const Condition &condition : conditions) {
        if (!rows.empty() && rows.back().condition == condition.condition) continue;
        rows.push_back(condition);
        if (condition.ok ||
            (condition.condition != "long transactions" && condition.condition != "old version sessions"))
            continue;
        const auto count = std::ranges::count(conditions, condition.condition, &Condition::condition);
        rows.back().value = fmt::format("{}: see migrate_ready()", count);
    }
    return rows;
}

std::string ReportOf(const std::string &schema_name) {
    Session session(schema_name);
    const Rows status = StatusRows(session.state(), schema_name);
    if (status.empty())
        throw Error(sqlstates::kUndefinedObject,
                    {.message = fmt::format("schema \"{}\" has had no migration", schema_name),
                     .hint = "Start one with migrate_start(), or pass another schema_name."});
    Report report = LoadReport(session.state(), status);
    if (const auto active = session.store().FindActive(schema_name))
        report.conditions = WithoutSessions(Readiness(LoadReadiness(
            session.state(), *active, status, {.max_lag = 5s, .stable_for = 60s, .patience = pg::LockDeadline()})));
    return ReportPage(report);
}

Datum ReportAsPage(pg::Arguments arguments) {
    return pg::Arguments::Return(ReportOf(arguments.RequiredName(0, "schema_name")));
}

}  // namespace
}  // namespace pgmigrate::api

PGMIGRATE_FUNCTION(migrate_report, pgmigrate::api::ReportAsPage)
