// SPDX-License-Identifier: PostgreSQL
#include "sync/analysis.h"

extern "C" {
#include "nodes/makefuncs.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parser.h"
#include "parser/scanner.h"
}

namespace pgmigrate::sync {
namespace {

/// The parentheses of the text must match by themselves, or `1) + (2` would pass once it is put in parentheses.
void CheckParentheses(const char *text) {
    core_yy_extra_type extra;
    core_yyscan_t scanner = scanner_init(text, &extra, &ScanKeywords, ScanKeywordTokens);
    core_YYSTYPE value;
    YYLTYPE location = 0;
    int depth = 0;
    for (int token = core_yylex(&value, &location, scanner); token != 0;
         token = core_yylex(&value, &location, scanner)) {
        if (token == '(') ++depth;
        if (token == ')' && --depth < 0) scanner_yyerror("syntax error", scanner);
    }
    if (depth != 0) scanner_yyerror("syntax error", scanner);
    scanner_finish(scanner);
}

/// The expression in SELECT (<text>). Since the parentheses match, whatever parses is one expression.
Node *ParseQueryText(const char *query) {
    List *const statements = raw_parser(query, RAW_PARSE_DEFAULT);
    auto *const select = reinterpret_cast<SelectStmt *>(linitial_node(RawStmt, statements)->stmt);
    if (list_length(statements) != 1 || !IsA(select, SelectStmt) || list_length(select->targetList) != 1 ||
        select->fromClause != NIL)
        ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR), errmsg("expected a single expression")));
    return linitial_node(ResTarget, select->targetList)->val;
}

void RefuseNonScalar(ParseState *state) {
    if (state->p_hasAggs)
        ereport(ERROR, (errcode(ERRCODE_GROUPING_ERROR),
                        errmsg("aggregate functions are not allowed in expressions of a migration"),
                        errhint("Put the aggregate into a subquery: (SELECT ... FROM ...).")));
    if (state->p_hasWindowFuncs)
        ereport(ERROR, (errcode(ERRCODE_WINDOWING_ERROR),
                        errmsg("window functions are not allowed in expressions of a migration"),
                        errhint("Put the window function into a subquery: (SELECT ... FROM ...).")));
    if (state->p_hasTargetSRFs)
        ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                        errmsg("set-returning functions are not allowed in expressions of a migration"),
                        errhint("Put the function into a subquery: (SELECT ... FROM ...).")));
}

/// plpgsql's exec_cast_value does the same, but meets an impossible cast only when it runs.
Node *CoerceLikeAssignment(ParseState *state, Node *node, const ColumnType &target) {
    const Oid source = exprType(node);
    const bool is_lost_record =
        source == RECORDOID && !ISCOMPLEX(target.type) && TypeCategory(target.type) != TYPCATEGORY_STRING;
    Node *const coerced = is_lost_record ? nullptr
                                         : coerce_to_target_type(state, node, source, target.type, target.typmod,
                                                                 COERCION_PLPGSQL, COERCE_EXPLICIT_CAST, -1);
    if (coerced == nullptr)
        ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                        errmsg("expression of type %s cannot be assigned to a column of type %s",
                               format_type_be(source), format_type_be(target.type)),
                        errhint("Write a cast in the expression.")));
    return coerced;
}

Node *ResolveParameter(ParseState *state, ParamRef *reference) {
    const auto *const parameters = static_cast<const ParameterTypes *>(state->p_ref_hook_state);
    if (reference->number < 1 || reference->number > parameters->count) return nullptr;  // the parser reports it
    Param *const parameter =
        MakeParameter(reference->number, parameters->types[reference->number - 1], reference->location);
    return reinterpret_cast<Node *>(parameter);
}

}  // namespace

void PointIntoText(void *source_text) {
    const auto *const source = static_cast<const SourceText *>(source_text);
    const int position = geterrposition();
    if (position <= 0) return;
    errposition(0);
    internalerrposition(Max(position - source->offset, 1));
    internalerrquery(source->text);
}

char *QueryText(const char *text) { return psprintf("%s%s%s", kQueryPrefix, text, kQuerySuffix); }

void InstallParameters(ParseState *state, void *parameter_types) {
    state->p_paramref_hook = ResolveParameter;
    state->p_ref_hook_state = parameter_types;
}

Param *MakeParameter(int number, const ColumnType &type, int location) {
    Param *const parameter = makeNode(Param);
    parameter->paramkind = PARAM_EXTERN;
    parameter->paramid = number;
    parameter->paramtype = type.type;
    parameter->paramtypmod = type.typmod;
    parameter->paramcollid = type.collation;
    parameter->location = location;
    return parameter;
}

Analysed AnalyseExpression(const char *text, ParserSetupHook setup, void *setup_argument, const ColumnType *target) {
    SourceText source{text, 0};
    ErrorContextCallback callback{error_context_stack, PointIntoText, &source};
    error_context_stack = &callback;  // put back by the guard if an error is raised

    CheckParentheses(text);
    source.offset = static_cast<int>(sizeof(kQueryPrefix)) - 1;
    char *const query = QueryText(text);
    ParseState *const state = make_parsestate(nullptr);
    state->p_sourcetext = query;
    setup(state, setup_argument);

    Analysed result{};
    result.plain = transformExpr(state, ParseQueryText(query), EXPR_KIND_SELECT_TARGET);
    RefuseNonScalar(state);
    Node *const written = result.plain;
    if (exprType(written) == UNKNOWNOID)  // a string literal without a type is text, as in any SELECT
        result.plain =
            coerce_type(state, written, UNKNOWNOID, TEXTOID, -1, COERCION_IMPLICIT, COERCE_IMPLICIT_CAST, -1);
    result.coerced = target ? CoerceLikeAssignment(state, written, *target) : result.plain;
    assign_expr_collations(state, result.plain);
    assign_expr_collations(state, result.coerced);
    result.has_subquery = state->p_hasSubLinks;

    free_parsestate(state);
    error_context_stack = callback.previous;
    return result;
}

Node *AnalyseCast(const ColumnType &from, const ColumnType &to) {
    Node *const coerced = CoerceLikeAssignment(nullptr, reinterpret_cast<Node *>(MakeParameter(1, from, -1)), to);
    assign_expr_collations(nullptr, coerced);
    return coerced;
}

}  // namespace pgmigrate::sync
