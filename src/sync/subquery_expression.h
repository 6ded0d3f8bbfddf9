// SPDX-License-Identifier: PostgreSQL
// An expression with subqueries, run by the executor from a cached plan.
#pragma once

#include <string>
#include <vector>

#include "pg/compat.h"
#include "sync/analysis.h"

extern "C" {
#include "utils/plancache.h"
}

namespace pgmigrate::sync {

/// Two steps, because they need two search_paths: the text is read (at first, and again when a table in it has changed)
/// under the one it was written for, and functions in it run under the one of their author. SPI would do both under
/// one.
class SubqueryExpression {
  public:
    /// `parameters` outlives the object. Reads the text under the user and search_path in force.
    SubqueryExpression(const std::string &expression, const ParameterTypes *parameters);
    ~SubqueryExpression();
    SubqueryExpression(const SubqueryExpression &) = delete;
    SubqueryExpression &operator=(const SubqueryExpression &) = delete;

    /// Makes the plan ready, under the user and search_path the object was made under.
    CachedPlan *Prepare(const NullableDatum *parameters);

    /// Runs and releases the plan. As in a volatile plpgsql function, it sees what the statement has done so far.
    NullableDatum Run(CachedPlan *plan, const NullableDatum *parameters, MemoryContext result_context) const;

  private:
    const ParameterTypes *parameters_;
    CachedPlanSource *source_ = nullptr;
    std::int16_t length_ = 0;
    bool by_value_ = false;
};

}  // namespace pgmigrate::sync
