// SPDX-License-Identifier: PostgreSQL
// The history that pgroll kept in a database, to be gone on with. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace pgmigrate {

/// One row of pgroll's table of migrations.
struct PgrollMigration {
    std::string name;
    std::string parent;      ///< name of the one before; empty: the first
    std::string kind;        ///< "pgroll", "baseline" or "inferred"
    std::string version;     ///< of its version schema, without the target schema's name
    std::string definition;  ///< JSON
    bool done = true;
    std::string created_at;
    std::string updated_at;
    std::optional<std::string> resulting_schema = {};  ///< JSON
};

/// The migrations from the first to the latest. Throws 55000 if one is not completed, or if they do not follow each
/// other in one line.
std::vector<PgrollMigration> OrderHistory(const std::vector<PgrollMigration> &migrations);

}  // namespace pgmigrate
