// SPDX-License-Identifier: PostgreSQL
#include "api/trial.h"

#include <fmt/format.h>

#include <vector>

#include "core/sqlstates.h"
#include "pg/scopes.h"

namespace pgmigrate::api {
namespace {

/// Ends the trial's subtransaction.
struct Undo {};

void Make(Database &database, const Trial &trial, std::vector<std::string> &failures) {
    for (const std::string &statement : trial.stage) database.Execute(statement);
    for (const Trial::Object &object : trial.objects) {
        try {
            database.InSubtransaction([&] {
                for (const std::string &statement : object.statements) database.Execute(statement);
            });
        } catch (const DatabaseError &error) {
            failures.push_back(fmt::format("{}: {}", object.identity, error.text().message));
        }
    }
}

}  // namespace

void TryAndUndo(Database &database, const std::function<void()> &work) {
    try {
        database.InSubtransaction([&] {
            work();
            throw Undo();
        });
    } catch (const Undo &) {
    }
}

void TryDependentsAgain(Database &database, const Trial &trial) {
    if (trial.objects.empty()) return;
    pg::SettingsScope quiet;
    quiet.Set("client_min_messages", "warning");
    std::vector<std::string> failures;
    TryAndUndo(database, [&] { Make(database, trial, failures); });
    if (failures.empty()) return;
    throw Error(sqlstates::kDependentObjects,
                {.message = "objects on columns that the migration replaces cannot be made anew at completion",
                 .detail = fmt::format("{}.", fmt::join(failures, ".\n")),
                 .hint = "Drop or change these objects, run the migration, and create them anew."});
}

}  // namespace pgmigrate::api
