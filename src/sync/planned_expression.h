// SPDX-License-Identifier: PostgreSQL
// An expression without subqueries, evaluated directly: the way plpgsql runs its simple expressions.
#pragma once

#include <vector>

#include "sync/expression.h"

#include "pg/compat.h"

extern "C" {
#include "utils/plancache.h"
}

namespace pgmigrate::sync {

/// The planned tree lives as long as the object. The executor's state for it lives for one transaction, because
/// functions keep things in it that end with the transaction.
class PlannedExpression {
  public:
    /// Plans under the user and search_path in force. `parameters` outlives the object.
    PlannedExpression(Node *analysed, const std::vector<ColumnType> &parameters);
    ~PlannedExpression();
    PlannedExpression(const PlannedExpression &) = delete;
    PlannedExpression &operator=(const PlannedExpression &) = delete;

    /// Runs under the user and search_path in force. A by-reference result is allocated in `result_context`.
    NullableDatum Evaluate(const NullableDatum *parameters, MemoryContext result_context);

    bool IsPlain() const noexcept { return is_plain_; }  ///< see plainness.h
    bool IsValid() const noexcept { return cached_->is_valid; }

  private:
    struct State;
    State *Build(MemoryContext parent) const;
    NullableDatum EvaluateNested(const NullableDatum *parameters, MemoryContext result_context) const;

    const std::vector<ColumnType> &parameters_;
    CachedExpression *cached_ = nullptr;
    std::int16_t length_ = 0;
    bool by_value_ = false;
    bool is_plain_ = false;
    bool is_running_ = false;
    State *state_ = nullptr;  ///< belongs to `transaction_`, gone with it
    LocalTransactionId transaction_ = InvalidLocalTransactionId;
};

}  // namespace pgmigrate::sync
