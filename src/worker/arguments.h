// SPDX-License-Identifier: PostgreSQL
// What a background worker is started with. Plain data, copied into BackgroundWorker.bgw_extra by whoever registers it
// and kept by the postmaster for every restart of it.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <type_traits>

#include "pg/guard.h"

extern "C" {
#include "postmaster/bgworker.h"
}

namespace pgmigrate::worker {

struct WorkerArguments {
    std::int64_t migration_id;
    std::uint64_t starter;  ///< full xid of the transaction that registered the worker, 0 if it had none
    Oid database;
    char database_path[100];  ///< relative to the data directory; when it is gone the database was dropped
};

struct HelperArguments {
    std::int64_t migration_id;
    Oid database;
    int slot;  ///< 1…: no two helpers of a migration have the same
    char database_path[100];
};

struct ResumeArguments {
    Oid database;
    int launcher;  ///< process to tell (SIGUSR2) when a worker found no slot
};

/// DROP DATABASE terminates a worker, and nobody tells the postmaster that starting it again is of no use. In a process
/// that is not connected to a database yet.
inline bool IsDatabaseThere(const char *database_path) noexcept {
    struct stat found;
    return stat(database_path, &found) == 0;
}

/// What bgw_extra of this process holds.
template <typename Arguments>
Arguments ReadArguments() noexcept {
    static_assert(std::is_trivially_copyable_v<Arguments> && sizeof(Arguments) <= BGW_EXTRALEN);
    Arguments arguments{};
    std::memcpy(&arguments, MyBgworkerEntry->bgw_extra, sizeof(arguments));
    return arguments;
}

/// A worker of pgmigrate with everything set but its names and restart time.
template <typename Arguments>
BackgroundWorker NewWorker(const char *function, const Arguments &arguments) noexcept {
    static_assert(std::is_trivially_copyable_v<Arguments> && sizeof(Arguments) <= BGW_EXTRALEN);
    BackgroundWorker worker{};
    worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
    worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
    strlcpy(worker.bgw_library_name, "pgmigrate", sizeof(worker.bgw_library_name));
    strlcpy(worker.bgw_function_name, function, sizeof(worker.bgw_function_name));
    std::memcpy(worker.bgw_extra, &arguments, sizeof(arguments));
    return worker;
}

}  // namespace pgmigrate::worker
