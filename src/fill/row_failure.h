// SPDX-License-Identifier: PostgreSQL
// A failure that belongs to one row.
#pragma once

#include <cstdint>
#include <string>

#include "core/error.h"
#include "pg/guard.h"

namespace pgmigrate::fill {

struct RowLocation {
    Oid relation = InvalidOid;
    std::uint32_t block = 0;
    std::uint16_t offset = 0;
};

/// An error that PostgreSQL raised while a row was being worked on: its SQLSTATE, message and hint, with the row's ctid
/// in the detail. The transaction is broken by then, so the row's key can only be read after it was rolled back
/// (DescribeRowAt).
class RowFailure : public Error {
  public:
    RowFailure(SqlState state, ErrorText original, RowLocation location, const std::string &row)
        : Error(state, WithRow(original, row)), original_(std::move(original)), location_(location) {}

    const RowLocation &location() const noexcept { return location_; }
    /// The text of the error with a better description of the row.
    ErrorText TextFor(const std::string &row) const { return WithRow(original_, row); }

  private:
    static ErrorText WithRow(ErrorText text, const std::string &row) {
        if (!row.empty()) text.detail += (text.detail.empty() ? "Row: " : " Row: ") + row + '.';
        return text;
    }

    ErrorText original_;
    RowLocation location_;
};

}  // namespace pgmigrate::fill
