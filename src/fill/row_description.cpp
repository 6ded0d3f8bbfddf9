// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "fill/row_description.h"

#include "fill/table.h"
#include "pg/memory.h"
#include "pg/scopes.h"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "mb/pg_wchar.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"
}

namespace pgmigrate::fill {
namespace {

constexpr int kLongestValue = 100;

/// "(id)=(17)", made as PostgreSQL does for a duplicate key; nullptr without a primary key. May raise.
char *PrimaryKeyOf(Relation relation, TupleTableSlot *slot) {
    list_free(RelationGetIndexList(relation));  // sets rd_pkindex
    if (!OidIsValid(relation->rd_pkindex)) return nullptr;
    Relation index = index_open(relation->rd_pkindex, AccessShareLock);
    Datum values[INDEX_MAX_KEYS];
    bool nulls[INDEX_MAX_KEYS];
    // The columns of a primary key are never expressions.
    for (int i = 0; i < index->rd_index->indnatts; ++i)
        values[i] = slot_getattr(slot, index->rd_index->indkey.values[i], &nulls[i]);
    char *const words = BuildIndexValueDescription(index, values, nulls);
    index_close(index, AccessShareLock);
    return words;
}

/// Fetches what is at the place, dead or alive. False if there is nothing. May raise.
bool FetchAnyVersion(Relation relation, const RowLocation &location, TupleTableSlot *slot) {
    if (location.block >= RelationGetNumberOfBlocks(relation)) return false;
    ItemPointerData tid;
    ItemPointerSet(&tid, location.block, location.offset);
    return table_tuple_fetch_row_version(relation, &tid, SnapshotAny, slot);
}

}  // namespace

std::string DescribeLocation(const RowLocation &location, const std::string &table) {
    return fmt::format("ctid ({},{}) of table {}", location.block, location.offset, table);
}

std::string DescribeRow(Relation relation, TupleTableSlot *slot, const std::string &table) {
    const RowLocation location{.relation = slot->tts_tableOid,
                               .block = ItemPointerGetBlockNumberNoCheck(&slot->tts_tid),
                               .offset = ItemPointerGetOffsetNumberNoCheck(&slot->tts_tid)};
    const char *const key = pg::Call(PrimaryKeyOf, relation, slot);
    return (key ? std::string(key) + ", " : "") + DescribeLocation(location, table);
}

std::optional<std::string> DescribeRowAt(const RowLocation &location) {
    const std::optional<Table> table = FindTable(location.relation, AccessShareLock);
    if (!table || !table->has_storage) return std::nullopt;
    const pg::UserScope owner(table->owner, true);
    Relation relation = pg::Call(::table_open, location.relation, NoLock);
    TupleTableSlot *const slot = pg::Call(::table_slot_create, relation, static_cast<List **>(nullptr));
    std::optional<std::string> words;
    if (pg::Call(FetchAnyVersion, relation, location, slot)) words = DescribeRow(relation, slot, table->name);
    pg::Call(::ExecDropSingleTupleTableSlot, slot);
    pg::Call(::table_close, relation, NoLock);
    return words;
}

std::string DescribeValue(TupleDesc row, AttrNumber column, Datum value, bool is_null) {
    if (is_null) return "null";
    const pg::ScratchContext scratch;
    return pg::Call(
        [](Oid type, Datum datum) {
            Oid output = InvalidOid;
            bool is_varlena = false;
            getTypeOutputInfo(type, &output, &is_varlena);
            char *const text = OidOutputFunctionCall(output, datum);
            const auto length = static_cast<int>(std::strlen(text));
            if (length > kLongestValue) std::strcpy(text + pg_mbcliplen(text, length, kLongestValue - 3), "...");
            return static_cast<const char *>(text);
        },
        TupleDescAttr(row, column - 1)->atttypid, value);
}

}  // namespace pgmigrate::fill
