// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <optional>
#include <string>

#include "core/database.h"
#include "pg/guard.h"

namespace pgmigrate::pg {

/// The Database port over SPI, in the current transaction.
class SpiDatabase : public Database {
  public:
    /// Under what identity and search_path the statements run; what is not set stays the session's.
    struct Options {
        Oid user = InvalidOid;
        bool restricted = false;
        std::optional<std::string> search_path = {};
    };

    SpiDatabase() = default;
    explicit SpiDatabase(Options options) : options_(std::move(options)) {}

    Rows Query(const std::string &sql, const Parameters &parameters = {}) override;
    std::int64_t Execute(const std::string &sql, const Parameters &parameters = {}) override;
    void InSubtransaction(const std::function<void()> &work) override;

  private:
    template <typename Work>
    auto Prepared(Work work);

    Options options_;
};

/// A database for pgmigrate's own tables: as the extension's owner, with only pg_catalog in the search_path.
SpiDatabase StateDatabase();

/// Owner of the installed extension. Throws 55000 when the extension is not installed in this database.
Oid ExtensionOwner();
/// Schema the extension's functions are in.
std::string ExtensionSchema();

}  // namespace pgmigrate::pg
