// SPDX-License-Identifier: PostgreSQL
#include "migration/parse.h"

#include "migration/document.h"
#include "migration/fields.h"
#include "migration/read_operation.h"
#include "migration/rules.h"

namespace pgmigrate {
namespace {

Migration ReadMigration(Fields &fields) {
    Migration migration;
    fields.Take("name");  // in files of early pgroll; the name is an argument of migrate_start
    migration.version_schema = fields.ReadText("version_schema");
    for (const auto &[item, path] : ListItems(fields.Require("operations"), fields.PathOf("operations")))
        migration.operations.push_back(ReadOperation(*item, path));
    return migration;
}

/// Reads the migration and leaves in `document` what was read: every scalar a string or a boolean.
Migration ReadChecked(Document &document) {
    Migration migration = ReadFields(document, {}, ReadMigration);
    CheckRules(migration);
    return migration;
}

}  // namespace

Migration ParseMigration(std::string_view text) {
    Document document = ReadDocument(text);
    return ReadChecked(document);
}

std::string NormalizeToJson(std::string_view text) {
    Document document = ReadDocument(text);
    ReadChecked(document);
    return WriteJson(document);
}

}  // namespace pgmigrate
