// SPDX-License-Identifier: PostgreSQL
#include "worker/partitions.h"

namespace pgmigrate::worker {

void ReplaceByLeaves(Database &database, std::int64_t migration_id, const FillRecord &parent) {
    const std::string id = std::to_string(migration_id), relation = std::to_string(parent.relation_oid);
    database.Execute(
        "INSERT INTO pgmigrate.fill (migration_id, relation, trigger_name, filenode, start_filenode, blocks)"
        " SELECT $1::bigint, t.relid, $3::name, 0, 0, -1 FROM pg_partition_tree($2::oid::regclass) t WHERE t.isleaf",
        {id, relation, parent.trigger_name});
    database.Execute("DELETE FROM pgmigrate.fill WHERE migration_id = $1::bigint AND relation = $2::oid",
                     {id, relation});
}

std::int64_t AddNewLeaves(Database &database, std::int64_t migration_id) {
    // From each leaf up to the topmost table with the trigger, and down again.
    return database.Execute(
        "INSERT INTO pgmigrate.fill (migration_id, relation, trigger_name, filenode, start_filenode, blocks)"
        " SELECT DISTINCT f.migration_id, leaf.relid, f.trigger_name, 0::oid, 0::oid, -1::bigint FROM pgmigrate.fill f"
        " CROSS JOIN pg_partition_ancestors(f.relation) ancestor"
        " JOIN pg_trigger g ON g.tgrelid = ancestor.relid AND g.tgname = f.trigger_name"
        " CROSS JOIN pg_partition_tree(ancestor.relid) leaf"
        " WHERE f.migration_id = $1::bigint AND leaf.isleaf"
        " AND NOT EXISTS (SELECT FROM pgmigrate.fill k WHERE k.migration_id = f.migration_id AND k.relation = "
        "leaf.relid)",
        {std::to_string(migration_id)});
}

}  // namespace pgmigrate::worker
