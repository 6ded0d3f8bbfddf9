// SPDX-License-Identifier: PostgreSQL
#include "sync/expression.h"

#include <optional>
#include <vector>

#include "core/error.h"
#include "core/identifier.h"
#include "core/sqlstates.h"
#include "pg/memory.h"
#include "pg/scopes.h"
#include "sync/analysis.h"
#include "sync/planned_expression.h"
#include "sync/subquery_expression.h"

extern "C" {
#include "catalog/namespace.h"
}

namespace pgmigrate::sync {
namespace {

std::string TableName(TupleDesc row) {
    struct Names {
        const char *schema;
        const char *table;
    };
    const Names names = pg::Call(
        [](Oid row_type) {
            const Oid table = typeidTypeRelid(row_type);
            return Names{get_namespace_name(get_rel_namespace(table)), get_rel_name(table)};
        },
        row->tdtypeid);
    if (names.schema == nullptr || names.table == nullptr) return "?";
    return QualifiedName(names.schema, names.table);
}

AttrNumber FindColumn(TupleDesc row, const std::string &name) {
    for (int i = 0; i < row->natts; ++i) {
        const Form_pg_attribute column = TupleDescAttr(row, i);
        if (!column->attisdropped && name == NameStr(column->attname)) return column->attnum;
    }
    throw Error(sqlstates::kObjectChanged,
                {.message = "column \"" + name + "\" of table \"" + TableName(row) + "\" does not exist",
                 .detail = "The active migration keeps this column in step.",
                 .hint = "Undo the migration with SELECT migrate_rollback(); then start it again."});
}

ColumnType TypeOfColumn(TupleDesc row, AttrNumber number) {
    const Form_pg_attribute column = TupleDescAttr(row, number - 1);
    return {column->atttypid, column->atttypmod, column->attcollation};
}

void AddContextLine(void *words) { errcontext("%s", static_cast<const char *>(words)); }

/// Errors raised in the scope say which expression they come from.
class ContextLine {
  public:
    explicit ContextLine(const std::string &words) noexcept
        : callback_{error_context_stack, AddContextLine, const_cast<char *>(words.c_str())} {
        error_context_stack = &callback_;
    }
    ~ContextLine() { error_context_stack = callback_.previous; }
    ContextLine(const ContextLine &) = delete;
    ContextLine &operator=(const ContextLine &) = delete;

  private:
    ErrorContextCallback callback_;
};

/// The table's owner. Whatever setting changes in the scope is put back, also what a function in the expression sets
/// for the session: the writer did not ask for it. (PostgreSQL does the same for functions in indexes.)
class Identity {
  public:
    explicit Identity(Oid owner) noexcept : user_(owner, true), level_(NewGUCNestLevel()) {}
    ~Identity() { AtEOXact_GUC(false, level_); }
    Identity(const Identity &) = delete;
    Identity &operator=(const Identity &) = delete;

    void UseSearchPath(const std::string &path) {
        if (path == namespace_search_path) return;
        pg::Call(
            [](const char *text) {
                (void)set_config_option("search_path", text, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                                        false);
            },
            path.c_str());
    }

  private:
    const pg::UserScope user_;
    const int level_;
};

}  // namespace

struct CompiledExpression::Implementation {
    Implementation(const SyncExpression &expression, TupleDesc row, Oid owner_in, const std::string &search_path_in);

    void Compile(const std::string &text);
    NullableDatum EvaluateAsOwner(const NullableDatum *values, MemoryContext result_context);

    AttrNumber target;
    std::vector<AttrNumber> parameters;
    std::vector<ColumnType> types;  // of the parameters
    ParameterTypes parser_types{};
    ColumnType target_type;
    Oid owner;
    std::string search_path;
    std::string context_line;

    std::vector<ColumnType> subquery_type;       // one entry: what the subquery's value is before the assignment cast
    std::optional<SubqueryExpression> subquery;  // only for an expression with subqueries
    std::optional<PlannedExpression> planned;  // the expression, or the cast of the subquery's value, if one is needed
    bool is_plain = false;
};

CompiledExpression::Implementation::Implementation(const SyncExpression &expression, TupleDesc row, Oid owner_in,
                                                   const std::string &search_path_in)
    : target(FindColumn(row, expression.target)),
      target_type(TypeOfColumn(row, target)),
      owner(owner_in),
      search_path(search_path_in) {
    std::vector<std::string> names;
    for (const std::string &parameter : expression.parameters) {
        parameters.push_back(FindColumn(row, parameter));
        types.push_back(TypeOfColumn(row, parameters.back()));
        names.push_back(QuoteIdentifier(parameter));
    }
    parser_types = {types.data(), static_cast<int>(types.size())};
    context_line = "pgmigrate: column \"" + expression.target + "\" of table \"" + TableName(row) + "\", expression " +
                   ReplaceParameters(expression.expression, names);
    const ContextLine line(context_line);
    Compile(expression.expression);
}

void CompiledExpression::Implementation::Compile(const std::string &text) {
    const pg::ScratchContext scratch;
    Identity identity(owner);
    identity.UseSearchPath(pg::kSafeSearchPath);
    const Analysed analysed =
        pg::Call(AnalyseExpression, text.c_str(), InstallParameters, static_cast<void *>(&parser_types),
                 static_cast<const ColumnType *>(&target_type));
    Node *simple = analysed.coerced;
    const std::vector<ColumnType> *simple_types = &types;
    if (analysed.has_subquery) {
        subquery.emplace(text, &parser_types);
        subquery_type.push_back(pg::Call(TypeOf, analysed.plain));
        simple = pg::Call([](const ColumnType *from, const ColumnType *to) { return AnalyseCast(*from, *to); },
                          static_cast<const ColumnType *>(subquery_type.data()),
                          static_cast<const ColumnType *>(&target_type));
        simple_types = &subquery_type;
        if (IsA(simple, Param)) return;
    }
    // Bodies of SQL functions that the planner inlines are read under their author's search_path.
    identity.UseSearchPath(search_path);
    planned.emplace(simple, *simple_types);
    is_plain = !subquery && planned->IsPlain();
}

NullableDatum CompiledExpression::Implementation::EvaluateAsOwner(const NullableDatum *values,
                                                                  MemoryContext result_context) {
    Identity identity(owner);
    if (!subquery) {
        identity.UseSearchPath(search_path);
        return planned->Evaluate(values, result_context);
    }
    identity.UseSearchPath(pg::kSafeSearchPath);
    CachedPlan *const plan = subquery->Prepare(values);
    identity.UseSearchPath(search_path);
    const NullableDatum value = subquery->Run(plan, values, result_context);
    return planned ? planned->Evaluate(&value, result_context) : value;
}

CompiledExpression::CompiledExpression(const SyncExpression &expression, TupleDesc row, Oid owner,
                                       const std::string &search_path)
    : self_(std::make_unique<Implementation>(expression, row, owner, search_path)) {}

CompiledExpression::~CompiledExpression() = default;
CompiledExpression::CompiledExpression(CompiledExpression &&) noexcept = default;
CompiledExpression &CompiledExpression::operator=(CompiledExpression &&) noexcept = default;

AttrNumber CompiledExpression::target() const noexcept { return self_->target; }
std::span<const AttrNumber> CompiledExpression::parameters() const noexcept { return self_->parameters; }

Datum CompiledExpression::Evaluate(const Datum *values, const bool *nulls, bool *is_null,
                                   MemoryContext result_context) {
    const ContextLine line(self_->context_line);
    constexpr std::size_t kFew = 8;
    NullableDatum few[kFew];
    std::vector<NullableDatum> many;
    const std::size_t count = self_->parameters.size();
    if (count > kFew) many.resize(count);
    NullableDatum *const arguments = count > kFew ? many.data() : few;
    for (std::size_t i = 0; i < count; ++i) {
        const int column = self_->parameters[i] - 1;
        arguments[i].value = values[column];
        arguments[i].isnull = nulls[column];
    }
    const NullableDatum result = self_->is_plain ? self_->planned->Evaluate(arguments, result_context)
                                                 : self_->EvaluateAsOwner(arguments, result_context);
    *is_null = result.isnull;
    return result.value;
}

bool CompiledExpression::IsValid() const noexcept { return !self_->planned || self_->planned->IsValid(); }

}  // namespace pgmigrate::sync
