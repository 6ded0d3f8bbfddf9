// SPDX-License-Identifier: PostgreSQL
// Which fill method the next batch of a table uses.
#pragma once

#include "fill/missing_values.h"
#include "lifecycle/fill_method.h"
#include "lifecycle/range_store.h"
#include "pg/spi_database.h"

namespace pgmigrate::worker {

/// Chooses for the current transaction, which holds the table's lock: what was made of the table meanwhile (an index, a
/// publication) is seen.
FillChoice ChooseMethod(pg::SpiDatabase &state, const FillRecord &fill, const fill::FillRequest &request);

/// Tells pgmigrate.fill of the choice, and pgmigrate.event when it is another method than before. At the end of a
/// batch: all processes that fill the table wait for the row that it writes.
void TellMethod(pg::SpiDatabase &state, const MigrationRecord &record, const FillRecord &fill,
                const fill::FillRequest &request, const FillChoice &choice);

}  // namespace pgmigrate::worker
