// SPDX-License-Identifier: PostgreSQL
// The port through which planning has SQL expressions understood by PostgreSQL's own parser.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate {

/// A name an expression may use: a column as one version of the table shows it.
struct Variable {
    std::string name;       ///< as written in the expression
    std::string type;       ///< SQL type text, as format_type prints it
    std::string collation;  ///< qualified and quoted, empty for the type's default
};

/// What the variables of an expression are called together: `name` and `table.name` both resolve.
struct Scope {
    std::string table;
    std::vector<Variable> variables;
};

/// An expression with every name resolved: functions, operators, types and tables are qualified unless they are in
/// pg_catalog, and variables are written $1, $2, … . It means the same under any search_path.
struct BoundExpression {
    std::string text;
    std::vector<std::string> parameters;  ///< variable name of $1, $2, …; each used variable once
    std::string type;                     ///< format_type of its result
    bool is_volatile = false;
    bool is_immutable = false;
    bool may_write = false;  ///< calls a VOLATILE function of which it is not known that it changes nothing
    bool has_subquery = false;
    bool is_bare_parameter = false;  ///< the text is just $1, without a cast that changes the value
};

/// What a domain says of its values beyond its base type; nothing for other types.
struct DomainRules {
    bool has_constraints = false;  ///< NOT NULL included, those of domains it is based on too
    bool forbids_null = false;
    bool has_default = false;
};

/// A column's type as a migration gives it.
struct TypeText {
    std::string type;       ///< canonical
    std::string collation;  ///< qualified and quoted; empty: the type's default
};

/// Parses and analyses expressions. The search_path in force is the caller's.
class ExpressionBinder {
  public:
    virtual ~ExpressionBinder() = default;

    /// Binds an expression or a bare SELECT (which is read as a scalar subquery). Its value is cast as PL/pgSQL would
    /// assign it to a variable of `target_type` (SQL type text; empty: left as it is).
    /// Throws DatabaseError with PostgreSQL's own SQLSTATE: 42601, 42703, 42883, 42804 … .
    virtual BoundExpression Bind(const std::string &text, const Scope &scope, const std::string &target_type) = 0;

    /// The canonical spelling of a type (format_type), e.g. "int" → "integer". Throws 42704 for an unknown type.
    virtual std::string CanonicalType(const std::string &type) = 0;

    /// The same for the type of a column, which may be followed by COLLATE. Throws 42704, and 42804 for a type that has
    /// no collation.
    virtual TypeText DescribeType(const std::string &type) { return {.type = CanonicalType(type), .collation = {}}; }

    /// Would ALTER COLUMN TYPE from one type to the other have to rewrite the table, or rebuild an index of the column
    /// that uses the default operator class? True in doubt.
    virtual bool NeedsRewrite(const std::string &from, const std::string &to) = 0;

    /// Can values of the type be compressed and stored out of line? Only then may a column's storage be chosen.
    virtual bool IsToastable(const std::string &type) = 0;

    virtual DomainRules RulesOfDomain(const std::string &type) = 0;

    /// Parses statements that are to be run later. Throws 42601 for what is no SQL, 0A000 for what no function can run.
    /// With `as_of_now`, a query that is alone is analysed too: throws 42P01, 42703 … .
    virtual void CheckStatements(const std::string & /*sql*/, bool /*as_of_now*/) {}
};

/// The bound text with $1, $2, … replaced by replacements[0], [1], … (SQL text). Understands the quoting that
/// PostgreSQL's own deparser writes: '…' with doubled quotes, E'…', "…".
std::string ReplaceParameters(std::string_view bound_text, const std::vector<std::string> &replacements);

}  // namespace pgmigrate
