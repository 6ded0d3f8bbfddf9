// SPDX-License-Identifier: PostgreSQL
// The tables that a migration fills, as migrate_start records them and migrate_plan describes them.
#pragma once

#include <string>
#include <vector>

#include "api/session.h"

namespace pgmigrate::api {

/// One record for each table with rows to fill: of a partitioned table its leaves. With the files they have now, before
/// the expansion: one that is rewritten after this is noticed. Throws 0A000 if pgmigrate.fill_method wishes for what
/// cannot be.
std::vector<FillRecord> PrepareFills(Session &session, const Plan &plan);

/// By which method the table would be filled, and why not in place: for people.
std::string DescribeFill(Session &session, const TableToFill &fill);

}  // namespace pgmigrate::api
