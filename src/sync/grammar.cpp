// SPDX-License-Identifier: PostgreSQL
// What of ServerExpressionBinder reads whole statements, or parts that PostgreSQL's grammar has in statements only.
#include <algorithm>
#include <cctype>

#include "pg/memory.h"
#include "pg/scopes.h"
#include "pg/transaction.h"
#include "sync/expression.h"

extern "C" {
#include "catalog/pg_collation.h"
#include "nodes/parsenodes.h"
#include "parser/analyze.h"
#include "parser/parse_type.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace pgmigrate::sync {
namespace {

struct TypeWords {
    const char *type;
    const char *collation;  ///< null: the type's default
};

/// The only place where the grammar has a type with a collation is the definition of a column.
ColumnDef *ParseColumn(const char *type) {
    List *const parsed = raw_parser(psprintf("CREATE TABLE t (c %s)", type), RAW_PARSE_DEFAULT);
    const auto *const create = reinterpret_cast<const CreateStmt *>(linitial_node(RawStmt, parsed)->stmt);
    ColumnDef *column = nullptr;
    if (list_length(parsed) == 1 && IsA(create, CreateStmt) && list_length(create->tableElts) == 1)
        column = linitial_node(ColumnDef, create->tableElts);
    if (column == nullptr || column->constraints != NIL || column->fdwoptions != NIL || column->compression != nullptr)
        ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR), errmsg("invalid type name \"%s\"", type)));
    return column;
}

TypeWords ReadColumnType(const char *text) {
    ColumnDef *const column = ParseColumn(text);
    Oid type = InvalidOid;
    int32 typmod = -1;
    typenameTypeIdAndMod(nullptr, column->typeName, &type, &typmod);
    const Oid collation = GetColumnDefCollation(nullptr, column, type);
    TypeWords words{format_type_extended(type, typmod, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY), nullptr};
    if (collation == get_typcollation(type)) return words;
    HeapTuple tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(collation));
    const auto *const form = reinterpret_cast<Form_pg_collation>(GETSTRUCT(tuple));
    words.collation = quote_qualified_identifier(get_namespace_name(form->collnamespace), NameStr(form->collname));
    ReleaseSysCache(tuple);
    return words;
}

void Check(const char *sql, bool as_of_now) {
    List *const parsed = raw_parser(sql, RAW_PARSE_DEFAULT);
    const ListCell *cell = nullptr;
    foreach (cell, parsed)
        if (IsA(lfirst_node(RawStmt, cell)->stmt, TransactionStmt))
            ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("statement cannot be run inside a function"),
                            errdetail("SPI_ERROR_TRANSACTION")));
    if (!as_of_now || list_length(parsed) != 1) return;
    const RawStmt *const statement = linitial_node(RawStmt, parsed);
    if (IsA(statement->stmt, SelectStmt) || IsA(statement->stmt, InsertStmt) || IsA(statement->stmt, UpdateStmt) ||
        IsA(statement->stmt, DeleteStmt) || IsA(statement->stmt, MergeStmt))
        (void)parse_analyze_fixedparams(const_cast<RawStmt *>(statement), sql, nullptr, 0, nullptr);
}

}  // namespace

TypeText ServerExpressionBinder::DescribeType(const std::string &type) {
    std::string lower = type;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (lower.find("collate") == std::string::npos) return {.type = CanonicalType(type), .collation = {}};
    const pg::ScratchContext scratch;
    const pg::Subtransaction attempt;
    const TypeWords words = pg::Call(ReadColumnType, type.c_str());
    return {.type = CanonicalType(words.type), .collation = words.collation == nullptr ? "" : words.collation};
}

void ServerExpressionBinder::CheckStatements(const std::string &sql, bool as_of_now) {
    const pg::ScratchContext scratch;
    const pg::Subtransaction attempt;  // analysis locks tables; the end of the subtransaction lets go of them
    pg::Call(Check, sql.c_str(), as_of_now);
}

}  // namespace pgmigrate::sync
