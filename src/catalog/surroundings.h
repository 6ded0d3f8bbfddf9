// SPDX-License-Identifier: PostgreSQL
// What else goes on in the server while a migration runs: sessions, worker slots, replication, prepared transactions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/database.h"

namespace pgmigrate {

struct OpenTransaction {
    int pid = 0;
    std::string role;
    std::string state;  ///< as pg_stat_activity has it
    std::chrono::seconds age{};
    std::vector<std::int64_t> tables;  ///< OIDs of the tables it has locked; of a partition: of the whole table
};

struct PreparedTransaction {
    std::string gid;
    std::string owner;
    std::chrono::seconds age{};
    std::vector<std::int64_t> tables;  ///< as of OpenTransaction
};

struct ReplicationSlot {
    std::string name;
    bool active = false;
    bool logical = false;
    std::string wal_status;                      ///< reserved, extended, unreserved, lost
    std::optional<std::int64_t> retained_bytes;  ///< WAL the server keeps for it
};

struct Standby {
    std::string name;
    std::string state;           ///< streaming, catchup, …
    std::int64_t lag_bytes = 0;  ///< written here and not yet replayed there
    std::chrono::seconds lag{};  ///< as the standby last reported
};

struct Surroundings {
    bool in_recovery = false;
    std::string reader;  ///< role whose rights were used, as SQL writes it
    /// Do the rights of the reader show other roles' sessions? Without them all but the numbers of slots is missing.
    bool sees_sessions = false;
    int worker_slots = 0;  ///< max_worker_processes
    int workers = 0;       ///< running background workers, parallel ones among them
    int parallel_workers = 0;
    int connection_slots = 0;  ///< those open to ordinary roles
    int connections = 0;
    std::int64_t max_wal_size = 0;
    std::vector<OpenTransaction> transactions;
    std::vector<PreparedTransaction> prepared;
    std::vector<ReplicationSlot> slots;
    std::vector<Standby> standbys;
};

/// Reads what the rights of `database` allow; changes and locks nothing. Transactions of this database that are younger
/// than `since` are left out, and so is the caller's own.
Surroundings LoadSurroundings(Database &database, std::chrono::milliseconds since);

}  // namespace pgmigrate
