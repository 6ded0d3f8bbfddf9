// SPDX-License-Identifier: PostgreSQL
#include "api/author.h"

#include <fmt/format.h>

#include "core/sqlstates.h"

extern "C" {
#include "utils/acl.h"
}

namespace pgmigrate::api {
namespace {

Oid FindAuthor(const MigrationRecord &record) { return pg::Call(::get_role_oid, record.started_by.c_str(), true); }

}  // namespace

bool HasAuthor(const MigrationRecord &record) { return OidIsValid(FindAuthor(record)); }

pg::SpiDatabase AsCaller(const MigrationRecord &record) {
    return pg::SpiDatabase({.user = InvalidOid, .restricted = false, .search_path = record.search_path});
}

pg::SpiDatabase AsAuthor(const MigrationRecord &record) {
    const Oid author = FindAuthor(record);
    if (author == GetUserId()) return AsCaller(record);
    if (OidIsValid(author))
        return pg::SpiDatabase({.user = author, .restricted = true, .search_path = record.search_path});
    throw Error(
        sqlstates::kUndefinedObject,
        {.message = fmt::format("role \"{}\" that started migration \"{}\" does not exist any more", record.started_by,
                                record.name),
         .detail = "What a migration says runs with the rights of that role and no others.",
         .hint = "Give a role that owns the tables this name, for example with ALTER ROLE ... RENAME TO; or undo"
                 " the migration, without the SQL it has for that, with SELECT migrate_rollback(force => true)."});
}

}  // namespace pgmigrate::api
