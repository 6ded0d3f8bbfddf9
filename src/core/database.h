// SPDX-License-Identifier: PostgreSQL
// The ports through which logic reaches the server. Values cross as text, so tests need no server and no OIDs.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace pgmigrate {

/// One SQL value as text; nullopt is NULL.
using Value = std::optional<std::string>;
using Parameters = std::vector<Value>;

/// The result of a query: column names once, then the rows.
struct Rows {
    std::vector<std::string> columns;
    std::vector<std::vector<Value>> values;

    std::size_t size() const { return values.size(); }
    bool empty() const { return values.empty(); }

    /// The value in `row` of the column called `column`, which the query must have named.
    const Value &At(std::size_t row, std::string_view column) const;
    /// The same, for a column that is never NULL.
    const std::string &Text(std::size_t row, std::string_view column) const;
    std::string TextOr(std::size_t row, std::string_view column, std::string_view fallback) const;
    bool Bool(std::size_t row, std::string_view column) const;
    std::int64_t Int(std::size_t row, std::string_view column) const;
};

/// Runs SQL in the current transaction. Parameters $1… are passed as type text: cast them in the statement.
/// A failing statement throws DatabaseError.
class Database {
  public:
    virtual ~Database() = default;

    virtual Rows Query(const std::string &sql, const Parameters &parameters = {}) = 0;

    /// Runs one or several statements; returns the number of rows the last one touched.
    virtual std::int64_t Execute(const std::string &sql, const Parameters &parameters = {}) = 0;

    /// Runs `work` in a subtransaction: when it throws, everything it did is undone and the exception travels on, after
    /// which the transaction is usable again.
    virtual void InSubtransaction(const std::function<void()> &work) = 0;
};

}  // namespace pgmigrate
