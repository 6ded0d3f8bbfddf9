// SPDX-License-Identifier: PostgreSQL
// migrate_message(kind text, schema_name name) → text: a message to people about the latest migration. For everybody.
#include "monitor/message.h"

#include <fmt/format.h>

#include "api/session.h"
#include "api/status_rows.h"
#include "core/sqlstates.h"
#include "migration/problem.h"
#include "monitor/report_facts.h"
#include "pg/boundary.h"

namespace pgmigrate::api {
namespace {

std::string FindTemplate(Database &state, const std::string &kind) {
    const Rows rows = state.Query("SELECT template FROM pgmigrate.message_kind WHERE kind = $1", {kind});
    if (!rows.empty()) return rows.Text(0, "template");
    throw Error(sqlstates::kUndefinedObject,
                {.message = fmt::format("there is no kind of message \"{}\"", MakePrintable(kind)),
                 .hint = "SELECT kind FROM pgmigrate.message_kind lists them; a row more there is a kind more."});
}

Datum Message(pg::Arguments arguments) {
    Session session(arguments.RequiredName(1, "schema_name"));
    const std::string text = FindTemplate(session.state(), arguments.Required<std::string>(0, "kind"));
    const Rows status = StatusRows(session.state(), session.schema_name());
    if (status.empty())
        throw Error(sqlstates::kUndefinedObject,
                    {.message = fmt::format("schema \"{}\" has had no migration", session.schema_name()),
                     .hint = "Start one with migrate_start(), or pass another schema_name."});
    return pg::Arguments::Return(FillTemplate(text, FactsOf(LoadReport(session.state(), status))));
}

}  // namespace
}  // namespace pgmigrate::api

PGMIGRATE_FUNCTION(migrate_message, pgmigrate::api::Message)
