// SPDX-License-Identifier: PostgreSQL
// The rules of migrate_check: from what was read to findings. Pure.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "catalog/schema.h"
#include "catalog/surroundings.h"
#include "catalog/table_facts.h"
#include "lifecycle/disk_need.h"
#include "lifecycle/finding.h"
#include "plan/plan.h"

namespace pgmigrate {

/// What the rules look at. With a plan: the tables that it touches; without: all tables of the schema.
struct PreflightInput {
    const CatalogSchema &catalog;
    const std::vector<TableFacts> &tables;
    const Surroundings &surroundings;
    const std::vector<ForeignKeyEdge> &foreign_keys;  ///< of the whole database
    const std::vector<VolumeNeed> &volumes;           ///< one entry for each device
    FreeDiskFloor free_disk;
    std::chrono::milliseconds patience{};  ///< how long migrate_start tries to get its locks
    const Plan *plan = nullptr;
};

/// All findings, errors first.
std::vector<Finding> Preflight(const PreflightInput &input);

/// Recovery, workers, connections, transactions, prepared transactions, slots, standbys.
void CheckServer(const PreflightInput &input, std::vector<Finding> &findings);
void CheckDisk(const PreflightInput &input, std::vector<Finding> &findings);
/// Size, owner, inheritance, triggers, rules, policies, publications.
void CheckTables(const PreflightInput &input, std::vector<Finding> &findings);
/// Foreign keys and their cycles, constraints, indexes, what reads the tables.
void CheckKeys(const PreflightInput &input, std::vector<Finding> &findings);

}  // namespace pgmigrate
