// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/sample.h"

#include <string>

namespace pgmigrate {

void KeepSample(Database &state, std::int64_t migration_id) {
    state.Execute(
        "INSERT INTO pgmigrate.sample (migration_id, blocks_filled, rows_filled, blocks_verified)"
        " SELECT m.id, sum(f.blocks_filled), sum(f.rows_filled), sum(f.verify_block)"
        " FROM pgmigrate.migration m JOIN pgmigrate.fill f ON f.migration_id = m.id"
        " WHERE m.id = $1::bigint AND NOT EXISTS (SELECT FROM pgmigrate.sample s WHERE s.migration_id = m.id AND"
        " s.seen_at > clock_timestamp() - greatest(interval '1 second', (clock_timestamp() - m.started_at) / 500))"
        " GROUP BY m.id",
        {std::to_string(migration_id)});
}

}  // namespace pgmigrate
