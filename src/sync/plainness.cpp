// SPDX-License-Identifier: PostgreSQL
#include "sync/plainness.h"

#include <algorithm>
#include <iterator>

extern "C" {
#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_language.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "utils/fmgroids.h"
#include "utils/syscache.h"
}

namespace pgmigrate::sync {
namespace {

/// Built-in functions that are not immutable only because of settings such as TimeZone, DateStyle or lc_numeric. Others
/// that are stable read the user, the search_path or tables (has_table_privilege, regclassin, query_to_xml).
constexpr Oid kStableAndPlain[] = {
    F_CONCAT,
    F_CONCAT_WS,
    F_FORMAT_TEXT,
    F_FORMAT_TEXT_ANY,
    F_ENUM_IN,
    F_ENUM_OUT,
    F_CASH_IN,
    F_CASH_OUT,
    // dates and times as text
    F_DATE_IN,
    F_DATE_OUT,
    F_TIME_IN,
    F_TIMETZ_IN,
    F_TIMESTAMP_IN,
    F_TIMESTAMP_OUT,
    F_TIMESTAMPTZ_IN,
    F_TIMESTAMPTZ_OUT,
    F_INTERVAL_IN,
    F_INTERVAL_OUT,
    F_TO_DATE,
    F_TO_TIMESTAMP_TEXT_TEXT,
    F_TO_CHAR_TIMESTAMPTZ_TEXT,
    F_TO_CHAR_TIMESTAMP_TEXT,
    F_TO_CHAR_INTERVAL_TEXT,
    // numbers as text
    F_TO_NUMBER,
    F_TO_CHAR_NUMERIC_TEXT,
    F_TO_CHAR_INT4_TEXT,
    F_TO_CHAR_INT8_TEXT,
    F_TO_CHAR_FLOAT4_TEXT,
    F_TO_CHAR_FLOAT8_TEXT,
    // the clock and the time zone
    F_NOW,
    F_STATEMENT_TIMESTAMP,
    F_TIMESTAMPTZ_DATE,
    F_TIMESTAMPTZ_TIMESTAMP,
    F_TIMESTAMP_TIMESTAMPTZ,
    F_DATE_TIMESTAMPTZ,
    F_TIME_TIMESTAMPTZ,
    F_TIMESTAMPTZ_PL_INTERVAL,
    F_TIMESTAMPTZ_MI_INTERVAL,
    F_DATE_TRUNC_TEXT_TIMESTAMPTZ,
    F_DATE_PART_TEXT_TIMESTAMPTZ,
    F_EXTRACT_TEXT_TIMESTAMPTZ,
};

/// Could one tell as whom the function runs? (check_functions_in_node stops at the first true.)
bool IsForeign(Oid function, void *) {
    HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
    if (!HeapTupleIsValid(tuple)) return true;
    const auto *const row = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple));
    // A function that not everybody may call (pg_read_file) must not borrow the rights of whoever writes a row.
    const bool is_builtin = row->pronamespace == PG_CATALOG_NAMESPACE && row->prolang == INTERNALlanguageId &&
                            function < FirstGenbkiObjectId && heap_attisnull(tuple, Anum_pg_proc_proacl, nullptr);
    const bool is_blind =
        row->provolatile == PROVOLATILE_IMMUTABLE ||
        std::find(std::begin(kStableAndPlain), std::end(kStableAndPlain), function) != std::end(kStableAndPlain);
    ReleaseSysCache(tuple);
    return !is_builtin || !is_blind;
}

/// A built-in type or an enum. Domains, composites and ranges of users run their checks and functions from inside
/// built-in functions (array_in, array_eq, record_out), where check_functions_in_node does not see them.
bool IsPlainType(Oid type) {
    if (type == RECORDOID || type == RECORDARRAYOID) return false;
    return type < FirstGenbkiObjectId || get_typtype(type) == TYPTYPE_ENUM;
}

bool IsPlainTag(Node *node) {
    switch (nodeTag(node)) {
        case T_Const:
        case T_Param:
        case T_FuncExpr:
        case T_OpExpr:
        case T_DistinctExpr:
        case T_NullIfExpr:
        case T_ScalarArrayOpExpr:
        case T_BoolExpr:
        case T_RelabelType:
        case T_CoerceViaIO:
        case T_ArrayCoerceExpr:
        case T_CollateExpr:
        case T_CaseExpr:
        case T_CaseTestExpr:
        case T_ArrayExpr:
        case T_CoalesceExpr:
        case T_MinMaxExpr:
        case T_NullTest:
        case T_BooleanTest:
        case T_SubscriptingRef:
            return true;
        case T_SQLValueFunction:
            // Those before current_role are the clocks.
            return reinterpret_cast<SQLValueFunction *>(node)->op < SVFOP_CURRENT_ROLE;
        default:
            return false;
    }
}

bool HasForeignPart(Node *node, void *context) {
    if (node == nullptr) return false;
    if (IsA(node, List) || IsA(node, CaseWhen)) return pg::WalkChildren(node, HasForeignPart, context);
    if (!IsPlainTag(node) || !IsPlainType(exprType(node))) return true;
    if (check_functions_in_node(node, IsForeign, context)) return true;
    return pg::WalkChildren(node, HasForeignPart, context);
}

}  // namespace

bool IsPlain(Node *planned) { return !HasForeignPart(planned, nullptr); }

}  // namespace pgmigrate::sync
