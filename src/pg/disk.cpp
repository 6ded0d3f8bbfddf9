// SPDX-License-Identifier: PostgreSQL
#include "pg/disk.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "pg/guard.h"

extern "C" {
#include "catalog/pg_tablespace_d.h"
#include "commands/tablespace.h"
#include "miscadmin.h"
}

namespace pgmigrate::pg {
namespace {

/// The current directory of a server process is the data directory, and links in it lead to what is elsewhere.
std::optional<Volume> VolumeOf(const std::string &path, std::string name) {
    struct statvfs space {};
    struct stat file {};
    if (statvfs(path.c_str(), &space) != 0 || stat(path.c_str(), &file) != 0) return std::nullopt;
    const auto block = static_cast<std::int64_t>(space.f_frsize);
    return Volume{.device = std::to_string(file.st_dev),
                  .name = std::move(name),
                  .free = static_cast<std::int64_t>(space.f_bavail) * block,
                  .total = static_cast<std::int64_t>(space.f_blocks) * block};
}

}  // namespace

std::optional<Volume> VolumeOfTablespace(std::int64_t tablespace) {
    const Oid oid = tablespace == 0 ? MyDatabaseTableSpace : static_cast<Oid>(tablespace);
    const char *const name = Call(::get_tablespace_name, oid);
    if (name == nullptr) return std::nullopt;
    return VolumeOf(oid == DEFAULTTABLESPACE_OID ? "base" : fmt::format("pg_tblspc/{}", oid), name);
}

std::optional<Volume> VolumeOfWal() { return VolumeOf("pg_wal", "pg_wal"); }

}  // namespace pgmigrate::pg
