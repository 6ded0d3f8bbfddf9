// SPDX-License-Identifier: PostgreSQL
// Expression text to analysed tree. This is PostgreSQL's side of the bridge: every function here may raise an ERROR by
// longjmp, so it holds trivial data only and is called inside pg::Call.
#pragma once

#include "sync/expression.h"

#include "pg/compat.h"

extern "C" {
#include "parser/parse_node.h"
}

namespace pgmigrate::sync {

/// Text in the form it is parsed in: SELECT (<text>). The line break keeps a comment at the end of the text from eating
/// the parenthesis.
inline constexpr char kQueryPrefix[] = "SELECT (";
inline constexpr char kQuerySuffix[] = "\n)";
char *QueryText(const char *text);

/// Where positions in errors belong: `text`, which begins `offset` characters into what is being parsed.
struct SourceText {
    const char *text;
    int offset;
};

/// Error context callback; its argument is a SourceText. Without it, the client would take a position for one in its
/// own statement.
void PointIntoText(void *source_text);

/// The types of $1, $2, …, for InstallParameters.
struct ParameterTypes {
    const ColumnType *types;
    int count;
};

/// A ParserSetupHook that resolves $n; its argument is a ParameterTypes.
void InstallParameters(ParseState *state, void *parameter_types);

Param *MakeParameter(int number, const ColumnType &type, int location);

/// What the analysis of a text found.
struct Analysed {
    Node *plain;    ///< as written
    Node *coerced;  ///< brought to the target type; the same node as `plain` where there is nothing to do
    bool has_subquery;
};

/// Parses and analyses `text`: exactly one expression, or a bare SELECT, which is a scalar subquery. With a target,
/// coerces it as PL/pgSQL assigns. Aggregates, window functions and sets are refused at its top level. Positions in
/// errors point into `text`.
Analysed AnalyseExpression(const char *text, ParserSetupHook setup, void *setup_argument, const ColumnType *target);

/// The cast of a value of one type to another as PL/pgSQL assigns; the bare parameter $1 where there is nothing to do.
Node *AnalyseCast(const ColumnType &from, const ColumnType &to);

inline ColumnType TypeOf(Node *node) { return {exprType(node), exprTypmod(node), exprCollation(node)}; }

}  // namespace pgmigrate::sync
