// SPDX-License-Identifier: PostgreSQL
// The values that a row lacks: the `up` entries of a table, compiled for one transaction. Both fill methods use it.
#pragma once

#include <vector>

#include "fill/table.h"

namespace pgmigrate::fill {

struct FillRequest {
    Table table;  ///< locked ROW EXCLUSIVE
    SyncSpec spec;
    bool rewritten = false;  ///< the table's file is not the one it had when the migration started
};

class MissingValues {
  public:
    /// `relation` is open, and stays so as long as the object lives; so does `request`.
    MissingValues(Relation relation, const FillRequest &request);

    /// A test that does not take the row apart, for rows that somebody has written since the migration started.
    bool IsComplete(int stored_attributes) const noexcept {
        return !request_.rewritten && stored_attributes >= last_target_;
    }

    /// Puts the values that are lacking into the row given as arrays of all its values and null flags. False if the row
    /// would stay the same. By-reference values are allocated in the current memory context. Runs code of users: never
    /// call it while holding a buffer lock. Throws ServerError.
    bool Compute(int stored_attributes, Datum *values, bool *nulls);

    bool empty() const noexcept { return up_.empty(); }
    std::size_t size() const noexcept { return up_.size(); }
    AttrNumber target(std::size_t i) const noexcept { return up_[i].expression.target(); }
    AttrNumber last_target() const noexcept { return last_target_; }

  private:
    const FillRequest &request_;
    std::vector<UpExpression> up_;
    AttrNumber last_target_ = 0;
};

}  // namespace pgmigrate::fill
