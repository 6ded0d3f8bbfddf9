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
    return database.Execute(
        "INSERT INTO pgmigrate.fill (migration_id, relation, trigger_name, filenode, start_filenode, blocks)"
        " SELECT s.migration_id, leaf.relid, s.object, 0::oid, 0::oid, -1::bigint FROM pgmigrate.step s"
        " CROSS JOIN pg_partition_tree(to_regclass(s.table_name)) leaf"
        " WHERE s.migration_id = $1::bigint AND s.phase = 'fill' AND leaf.isleaf AND leaf.parentrelid IS NOT NULL"
        " AND NOT EXISTS (SELECT FROM pgmigrate.fill k WHERE k.migration_id = s.migration_id AND k.relation = "
        "leaf.relid)",
        {std::to_string(migration_id)});
}

void ForgetGoneLeaves(Database &database, std::int64_t migration_id) {
    database.Execute(
        "DELETE FROM pgmigrate.fill f WHERE f.migration_id = $1::bigint AND f.start_filenode = 0"
        " AND NOT EXISTS (SELECT FROM pgmigrate.step s CROSS JOIN pg_partition_ancestors(f.relation) a"
        " WHERE s.migration_id = f.migration_id AND s.phase = 'fill' AND a.relid = to_regclass(s.table_name))",
        {std::to_string(migration_id)});
}

}  // namespace pgmigrate::worker
