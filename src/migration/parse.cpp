// SPDX-License-Identifier: PostgreSQL
#include "migration/parse.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "migration/document.h"
#include "migration/fields.h"
#include "migration/problem.h"
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

/// Several migrations that become one version: their operations in order, and the last version_schema among them.
Migration ReadSeveral(Document &list) {
    if (list.items.empty())
        ThrowInvalid({.message = "list of migrations is empty",
                      .hint = "A migration without changes is written {\"operations\": []}."});
    Migration all;
    for (auto &[item, path] : ListItems(list, {})) {
        Migration one = ReadFields(*item, path, ReadMigration);
        if (one.version_schema) all.version_schema = std::move(one.version_schema);
        all.parts.push_back(one.operations.size());
        std::ranges::move(one.operations, std::back_inserter(all.operations));
    }
    return all;
}

/// Reads the migration and leaves in `document` what was read: every scalar a string or a boolean.
Migration ReadChecked(Document &document) {
    Migration migration =
        document.kind == Document::Kind::kList ? ReadSeveral(document) : ReadFields(document, {}, ReadMigration);
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
