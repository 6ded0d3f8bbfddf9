// SPDX-License-Identifier: PostgreSQL
// ServerExpressionBinder: from the text a user wrote to text that means the same under any search_path.
#include <algorithm>
#include <iterator>
#include <vector>

#include "pg/memory.h"
#include "pg/scopes.h"
#include "pg/transaction.h"
#include "sync/analysis.h"

extern "C" {
#include "catalog/pg_am_d.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "nodes/value.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/fmgroids.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
}

namespace pgmigrate::sync {
namespace {

ColumnType ReadType(const char *text) {
    SourceText source{text, 0};
    ErrorContextCallback callback{error_context_stack, PointIntoText, &source};
    error_context_stack = &callback;  // put back by the guard if an error is raised
    ColumnType type;
    pg::ParseType(text, &type.type, &type.typmod);
    error_context_stack = callback.previous;
    return type;
}

/// A Variable as the parser's hook sees it.
struct Name {
    const char *name;
    const char *type;
    const char *collation;
};

/// What the hook works on: the names, and those it has met, in order. Plain data, because the hook may longjmp.
struct Names {
    const char *table;
    const Name *all;
    int count;
    int *used;          ///< index of the name that $1, $2, … stands for
    ColumnType *types;  ///< and its type
    int used_count;
};

int FindName(const Names &names, const char *wanted) {
    for (int i = 0; i < names.count; ++i)
        if (strcmp(names.all[i].name, wanted) == 0) return i;
    return -1;
}

/// Number of the parameter that stands for a name; a new one at its first use.
int ParameterNumber(Names *names, int index) {
    for (int i = 0; i < names->used_count; ++i)
        if (names->used[i] == index) return i + 1;
    const Name &name = names->all[index];
    ColumnType type = ReadType(name.type);
    type.collation = *name.collation ? pg::ParseCollation(name.collation) : get_typcollation(type.type);
    names->used[names->used_count] = index;
    names->types[names->used_count] = type;
    return ++names->used_count;
}

/// PostParseColumnRefHook: called when PostgreSQL has looked in the query's own FROM clauses, which win.
Node *ResolveVariable(ParseState *state, ColumnRef *reference, Node *found) {
    if (found != nullptr) return nullptr;
    auto *const names = static_cast<Names *>(state->p_ref_hook_state);
    const int parts = list_length(reference->fields);
    auto *const last = static_cast<Node *>(llast(reference->fields));
    if (parts > 2 || !IsA(last, String)) return nullptr;
    if (parts == 2 && strcmp(strVal(linitial(reference->fields)), names->table) != 0) return nullptr;
    const int index = FindName(*names, strVal(last));
    if (index < 0) return nullptr;
    const int number = ParameterNumber(names, index);
    return reinterpret_cast<Node *>(MakeParameter(number, names->types[number - 1], reference->location));
}

void InstallNames(ParseState *state, void *names) {
    state->p_post_columnref_hook = ResolveVariable;
    state->p_ref_hook_state = names;
}

/// The variables of a Scope as C strings, with room for what the hook finds.
class NameTable {
  public:
    explicit NameTable(const Scope &scope) : used_(scope.variables.size()), types_(scope.variables.size()) {
        for (const Variable &variable : scope.variables)
            all_.push_back({variable.name.c_str(), variable.type.c_str(), variable.collation.c_str()});
        names_ = {scope.table.c_str(), all_.data(), static_cast<int>(all_.size()), used_.data(), types_.data(), 0};
    }
    NameTable(const NameTable &) = delete;
    NameTable &operator=(const NameTable &) = delete;

    Names *names() { return &names_; }
    ParameterTypes Types() const { return {types_.data(), names_.used_count}; }
    std::vector<std::string> Used() const {
        std::vector<std::string> result;
        for (int i = 0; i < names_.used_count; ++i) result.emplace_back(all_[used_[i]].name);
        return result;
    }

  private:
    std::vector<Name> all_;
    std::vector<int> used_;
    std::vector<ColumnType> types_;
    Names names_{};
};

/// A node as text under the search_path in force.
struct Written {
    const char *text;
    const char *type;
};

Written Write(Node *node) {
    return {deparse_expression(node, NIL, false, false),
            format_type_extended(exprType(node), exprTypmod(node), FORMAT_TYPE_TYPEMOD_GIVEN)};
}

/// Would the text be read back as the same expression?
bool ReadsBack(const char *text, Node *node, ParameterTypes types) {
    return equal(AnalyseExpression(text, InstallParameters, &types, nullptr).plain, node);
}

/// The target type's cast is part of the text where reading `(…)::type` gives the cast that assignment would make.
/// Elsewhere (PostgreSQL has another cast for `::` than for assignment) it is left to the assignment.
Written WriteBound(const Analysed &analysed, bool is_bare, ParameterTypes types) {
    if (!is_bare) {
        const Written written = Write(analysed.coerced);
        if (ReadsBack(written.text, analysed.coerced, types)) return written;
    }
    const Written written = Write(analysed.plain);
    // Aliases that the deparser invents make trees of subqueries unequal that mean the same.
    if (!ReadsBack(written.text, analysed.plain, types) && !analysed.has_subquery)
        ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                        errmsg("expression cannot be stored without changing its meaning"),
                        errdetail("PostgreSQL writes it as %s, and reads that as another expression.", written.text),
                        errhint("Write explicit casts in the expression.")));
    return written;
}

/// Is the node a variable, at most relabelled as a binary-coercible type?
bool IsBareParameter(Node *node) {
    while (IsA(node, RelabelType)) node = reinterpret_cast<Node *>(reinterpret_cast<RelabelType *>(node)->arg);
    return IsA(node, Param);
}

/// Volatile functions that leave nothing behind that a rollback would take away.
constexpr Oid kHarmless[] = {F_RANDOM,  F_GEN_RANDOM_UUID, F_CLOCK_TIMESTAMP, F_TIMEOFDAY,
                             F_NEXTVAL, F_CURRVAL,         F_LASTVAL};

bool MayFunctionWrite(Oid function, void *) {
    return func_volatile(function) == PROVOLATILE_VOLATILE &&
           std::find(std::begin(kHarmless), std::end(kHarmless), function) == std::end(kHarmless);
}

bool MayWrite(Node *node, void *context) {
    if (node == nullptr) return false;
    if (check_functions_in_node(node, MayFunctionWrite, context)) return true;
    return pg::WalkChildren(node, MayWrite, context);
}

/// Volatility once SQL functions are expanded. A subquery is not planned here: what it says is taken as it stands.
void Classify(const Analysed &analysed, BoundExpression *bound) {
    const bool has_subquery = analysed.has_subquery;
    Node *const node = analysed.coerced;
    struct Volatility {
        bool is_volatile;
        bool is_mutable;
        bool may_write;
    };
    const Volatility volatility = pg::Call([has_subquery, node] {
        Node *const expanded =
            has_subquery ? node
                         : reinterpret_cast<Node *>(expression_planner(static_cast<Expr *>(copyObjectImpl(node))));
        const bool is_volatile = contain_volatile_functions(expanded);
        return Volatility{is_volatile, contain_mutable_functions(expanded),
                          is_volatile && (has_subquery || MayWrite(expanded, nullptr))};
    });
    bound->is_volatile = volatility.is_volatile;
    bound->is_immutable = !volatility.is_mutable && !has_subquery;
    bound->may_write = volatility.may_write;
    bound->has_subquery = has_subquery;
    bound->is_bare_parameter = IsBareParameter(node);
}

/// Calls a PostgreSQL function that writes SQL for other sessions: names that are not in pg_catalog are qualified, and
/// constants are in the form that every DateStyle and IntervalStyle reads alike, as in a dump.
template <typename Function, typename... Args>
auto Portably(Function function, Args... args) {
    pg::SettingsScope settings;
    settings.Set("search_path", pg::kSafeSearchPath);
    settings.Set("datestyle", "ISO");
    settings.Set("intervalstyle", "postgres");
    settings.Set("extra_float_digits", "1");
    return pg::Call(function, args...);
}

}  // namespace

BoundExpression ServerExpressionBinder::Bind(const std::string &text, const Scope &scope,
                                             const std::string &target_type) {
    const pg::ScratchContext scratch;
    pg::Subtransaction attempt;  // the caller may go on after a text that PostgreSQL does not understand
    NameTable names(scope);
    const Analysed analysed = pg::Call(
        [](const char *expression, Names *known, const char *type) {
            if (*type == '\0') return AnalyseExpression(expression, InstallNames, known, nullptr);
            ColumnType target = ReadType(type);
            target.typmod = -1;  // a `::varchar(3)` in the text would cut off what assignment refuses
            return AnalyseExpression(expression, InstallNames, known, &target);
        },
        text.c_str(), names.names(), target_type.c_str());

    BoundExpression bound;
    bound.parameters = names.Used();
    Classify(analysed, &bound);
    const Written written = Portably(WriteBound, analysed, bound.is_bare_parameter, names.Types());
    bound.text = written.text;
    bound.type = written.type;
    attempt.Commit();
    return bound;
}

std::string ServerExpressionBinder::CanonicalType(const std::string &type) {
    const pg::ScratchContext scratch;
    pg::Subtransaction attempt;
    const ColumnType parsed = pg::Call(ReadType, type.c_str());
    const std::string canonical =
        Portably(format_type_extended, parsed.type, parsed.typmod, bits16{FORMAT_TYPE_TYPEMOD_GIVEN});
    attempt.Commit();
    return canonical;
}

bool ServerExpressionBinder::NeedsRewrite(const std::string &from, const std::string &to) {
    const pg::ScratchContext scratch;
    pg::Subtransaction attempt;
    const bool needs_rewrite = pg::Call(
        [](const char *old_type, const char *new_type) {
            ColumnType source = ReadType(old_type);
            ColumnType target = ReadType(new_type);
            source.collation = get_typcollation(source.type);
            target.collation = get_typcollation(target.type);
            if (source.collation != target.collation) return true;
            // As ATPrepAlterColumnType does: what the planner simplifies to the value itself needs no rewrite.
            Node *const cast = AnalyseCast(source, target);
            return !IsBareParameter(reinterpret_cast<Node *>(expression_planner(reinterpret_cast<Expr *>(cast)))) ||
                   GetDefaultOpClass(source.type, BTREE_AM_OID) != GetDefaultOpClass(target.type, BTREE_AM_OID) ||
                   GetDefaultOpClass(source.type, HASH_AM_OID) != GetDefaultOpClass(target.type, HASH_AM_OID);
        },
        from.c_str(), to.c_str());
    attempt.Commit();
    return needs_rewrite;
}

bool ServerExpressionBinder::IsToastable(const std::string &type) {
    const pg::ScratchContext scratch;
    pg::Subtransaction attempt;
    const bool is_toastable = pg::Call(
        [](const char *text) { return get_typstorage(ReadType(text).type) != TYPSTORAGE_PLAIN; }, type.c_str());
    attempt.Commit();
    return is_toastable;
}

DomainRules ServerExpressionBinder::RulesOfDomain(const std::string &type) {
    const pg::ScratchContext scratch;
    pg::Subtransaction attempt;
    const DomainRules rules = pg::Call(
        [](const char *text) {
            Oid current = ReadType(text).type;
            DomainRules found{};
            while (get_typtype(current) == TYPTYPE_DOMAIN) {
                found.has_constraints |= DomainHasConstraints(current);
                HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(current));
                const auto *form = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple));
                found.forbids_null |= form->typnotnull;
                bool is_null = true;
                (void)SysCacheGetAttr(TYPEOID, tuple, Anum_pg_type_typdefaultbin, &is_null);
                found.has_default |= !is_null;
                current = form->typbasetype;
                ReleaseSysCache(tuple);
            }
            return found;
        },
        type.c_str());
    attempt.Commit();
    return rules;
}

}  // namespace pgmigrate::sync
