// SPDX-License-Identifier: PostgreSQL
// Which fill method the next batch of a table uses.
#pragma once

#include "fill/missing_values.h"
#include "lifecycle/fill_method.h"
#include "lifecycle/range_store.h"
#include "pg/spi_database.h"

namespace pgmigrate::worker {

/// Chooses for the current transaction, which holds the table's lock: what was made of the table meanwhile (an index, a
/// publication) is seen. Tells pgmigrate.fill, and pgmigrate.event when it is another method than before.
FillMethod ChooseMethod(pg::SpiDatabase &state, const MigrationRecord &record, const FillRecord &fill,
                        const fill::FillRequest &request);

}  // namespace pgmigrate::worker
