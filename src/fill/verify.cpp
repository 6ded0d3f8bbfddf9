// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "fill/verify.h"

#include "core/sqlstates.h"
#include "fill/block_scan.h"
#include "fill/owner_scope.h"
#include "fill/row_description.h"
#include "lifecycle/retry.h"
#include "pg/memory.h"
#include "pg/server_error.h"

extern "C" {
#include "access/table.h"
#include "executor/tuptable.h"
#include "utils/datum.h"
#include "utils/rel.h"
}

namespace pgmigrate::fill {
namespace {

constexpr const char *kHint =
    "Find what else writes these rows (a trigger that fires later, a function wrongly marked IMMUTABLE), set the rows "
    "right"
    " with an UPDATE and run migrate_resume(); or undo with migrate_rollback().";

struct Verification {
    const Table &table;
    Relation relation;
    std::vector<UpExpression> up;
};

const char *ColumnName(Relation relation, AttrNumber column) {
    return NameStr(TupleDescAttr(RelationGetDescr(relation), column - 1)->attname);
}

[[noreturn]] void ReportUnfilled(const Verification &verification, TupleTableSlot *row, AttrNumber column) {
    throw Error(sqlstates::kVerificationFailed,
                {.message = fmt::format("column \"{}\" of table {} was not filled",
                                        ColumnName(verification.relation, column), verification.table.name),
                 .detail = fmt::format("Row: {}.", DescribeRow(verification.relation, row, verification.table.name)),
                 .hint = kHint});
}

[[noreturn]] void ReportDifference(const Verification &verification, TupleTableSlot *row, AttrNumber column,
                                   Datum computed, bool computed_is_null) {
    const TupleDesc columns = RelationGetDescr(verification.relation);
    throw Error(
        sqlstates::kVerificationFailed,
        {.message = fmt::format("column \"{}\" of table {} differs from what its \"up\" expression gives",
                                ColumnName(verification.relation, column), verification.table.name),
         .detail = fmt::format("Row: {}. Stored: {}. Expected: {}.",
                               DescribeRow(verification.relation, row, verification.table.name),
                               DescribeValue(columns, column, row->tts_values[column - 1], row->tts_isnull[column - 1]),
                               DescribeValue(columns, column, computed, computed_is_null)),
         .hint = kHint});
}

bool AreSame(Relation relation, TupleTableSlot *row, AttrNumber column, Datum computed, bool computed_is_null) {
    const bool stored_is_null = row->tts_isnull[column - 1];
    if (stored_is_null || computed_is_null) return stored_is_null == computed_is_null;
    const Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(relation), column - 1);
    return pg::Call(::datum_image_eq, row->tts_values[column - 1], computed, attribute->attbyval,
                    static_cast<int>(attribute->attlen));
}

void VerifyRow(Verification &verification, TupleTableSlot *row) {
    const int stored = StoredAttributes(row);
    pg::Call(::slot_getallattrs, row);
    for (UpExpression &up : verification.up) {
        const AttrNumber target = up.expression.target();
        if (LacksValue(stored, target, false, false)) ReportUnfilled(verification, row, target);
        if (!up.is_immutable) continue;
        bool is_null = true;
        const Datum computed = up.expression.Evaluate(row->tts_values, row->tts_isnull, &is_null, CurrentMemoryContext);
        if (!AreSame(verification.relation, row, target, computed, is_null))
            ReportDifference(verification, row, target, computed, is_null);
    }
}

/// The same, with the row's place in the error when an expression fails.
void VerifyNamedRow(Verification &verification, TupleTableSlot *row) {
    const RowLocation location{.relation = verification.table.oid,
                               .block = ItemPointerGetBlockNumberNoCheck(&row->tts_tid),
                               .offset = ItemPointerGetOffsetNumberNoCheck(&row->tts_tid)};
    try {
        VerifyRow(verification, row);
    } catch (const pg::ServerError &failure) {
        if (IsTransient(failure.state())) throw;
        throw RowFailure(failure.state(), failure.text(), location,
                         DescribeLocation(location, verification.table.name));
    }
}

}  // namespace

std::int64_t VerifyBlocks(const Table &table, const SyncSpec &spec, std::int64_t first, std::int64_t last) {
    if (spec.up.empty() || first >= last) return 0;
    const OwnerScope owner(table.owner, spec.search_path);
    Relation relation = pg::Call(::table_open, table.oid, NoLock);
    Verification verification{.table = table, .relation = relation, .up = CompileUp(relation, spec, table.owner)};
    TupleTableSlot *const row = pg::Call([relation] {
        PushActiveSnapshot(GetTransactionSnapshot());
        return table_slot_create(relation, nullptr);
    });
    BlockScan scan(relation, first, last);
    std::int64_t rows = 0;
    {
        pg::ScratchContext per_row;
        for (; scan.Next(row); ++rows) {
            per_row.Reset();
            VerifyNamedRow(verification, row);
        }
    }
    scan.End();
    pg::Call([row, relation] {
        ExecDropSingleTupleTableSlot(row);
        PopActiveSnapshot();
        table_close(relation, NoLock);
    });
    return rows;
}

}  // namespace pgmigrate::fill
