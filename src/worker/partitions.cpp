// SPDX-License-Identifier: PostgreSQL
#include "worker/partitions.h"

namespace pgmigrate::worker {

std::int64_t AddNewLeaves(Database &database, std::int64_t migration_id) {
    return database.Execute(
        "INSERT INTO pgmigrate.fill (migration_id, relation, trigger_name, filenode, start_filenode, blocks, "
        "is_leaf) SELECT s.migration_id, leaf.relid, s.object, 0::oid, 0::oid, -1::bigint, true FROM pgmigrate.step s"
        " CROSS JOIN pg_partition_tree(to_regclass(s.table_name)) leaf"
        " WHERE s.migration_id = $1::bigint AND s.phase = 'fill' AND leaf.isleaf AND leaf.parentrelid IS NOT NULL"
        " AND NOT EXISTS (SELECT FROM pgmigrate.fill k WHERE k.migration_id = s.migration_id AND k.relation = "
        "leaf.relid)",
        {std::to_string(migration_id)});
}

void ForgetGoneLeaves(Database &database, std::int64_t migration_id) {
    database.Execute(
        "DELETE FROM pgmigrate.fill f WHERE f.migration_id = $1::bigint AND f.is_leaf"
        " AND NOT EXISTS (SELECT FROM pgmigrate.step s CROSS JOIN pg_partition_ancestors(f.relation) a"
        " WHERE s.migration_id = f.migration_id AND s.phase = 'fill' AND a.relid = to_regclass(s.table_name))",
        {std::to_string(migration_id)});
}

}  // namespace pgmigrate::worker
