// SPDX-License-Identifier: PostgreSQL
// Stored expressions, compiled to run on rows. Used by the trigger, the fill and verification.
#pragma once

#include <memory>
#include <span>

#include "core/expressions.h"
#include "pg/guard.h"
#include "plan/sync_spec.h"

namespace pgmigrate::sync {

/// A type as a column has it.
struct ColumnType {
    Oid type = InvalidOid;
    std::int32_t typmod = -1;
    Oid collation = InvalidOid;
};

/// A SyncExpression of one table, ready to run. Holds its plan as long as it lives (across transactions) and makes what
/// is tied to a transaction anew when needed.
///
/// It runs as the table's owner: an expression never has more rights than the one who may change the table, nor does
/// its writer's session lend it any. Where it calls nothing but functions built into PostgreSQL, nothing can tell the
/// difference, and neither user nor search_path is switched.
class CompiledExpression {
  public:
    /// `row` describes the table's rows; `owner` runs the expression; `search_path` is in force while it runs.
    CompiledExpression(const SyncExpression &expression, TupleDesc row, Oid owner, const std::string &search_path);
    ~CompiledExpression();
    CompiledExpression(CompiledExpression &&) noexcept;
    CompiledExpression &operator=(CompiledExpression &&) noexcept;

    AttrNumber target() const noexcept;
    std::span<const AttrNumber> parameters() const noexcept;

    /// Computes the target's value from a row given as arrays of values and null flags, indexed by attribute number
    /// - 1. A by-reference result is allocated in `result_context`. Throws ServerError. May run user functions: never
    /// call it while holding a buffer lock or a spinlock.
    Datum Evaluate(const Datum *values, const bool *nulls, bool *is_null, MemoryContext result_context);

    /// False once something it was compiled from (a function, a type) has changed: compile it again.
    bool IsValid() const noexcept;

  private:
    struct Implementation;
    std::unique_ptr<Implementation> self_;
};

/// The ExpressionBinder port, over PostgreSQL's parser and ruleutils. Uses the search_path in force.
class ServerExpressionBinder : public ExpressionBinder {
  public:
    BoundExpression Bind(const std::string &text, const Scope &scope, const std::string &target_type) override;
    std::string CanonicalType(const std::string &type) override;
    TypeText DescribeType(const std::string &type) override;
    bool NeedsRewrite(const std::string &from, const std::string &to) override;
    bool IsToastable(const std::string &type) override;
    DomainRules RulesOfDomain(const std::string &type) override;
    void CheckStatements(const std::string &sql, bool as_of_now) override;
};

}  // namespace pgmigrate::sync
