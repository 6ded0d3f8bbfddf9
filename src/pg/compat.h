// SPDX-License-Identifier: PostgreSQL
// Where PostgreSQL 15 to 18 differ; the only file that asks PG_VERSION_NUM. Everything here may raise a PostgreSQL
// ERROR unless it is noexcept, so it belongs inside pg::Call.
#pragma once

#include <string>

#include "pg/guard.h"

extern "C" {
#include "access/heapam_xlog.h"
#include "access/tableam.h"
#include "access/xloginsert.h"
#include "catalog/namespace.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_relation.h"
#include "parser/parse_type.h"
#include "storage/proc.h"
#include "tcop/pquery.h"
#include "utils/portal.h"
#include "utils/regproc.h"
#include "utils/rel.h"
}

namespace pgmigrate::pg {

/// Number of this session's transaction, unlike any other that this session has had.
inline LocalTransactionId CurrentLocalTransaction() noexcept {
#if PG_VERSION_NUM >= 170000
    return MyProc->vxid.lxid;
#else
    return MyProc->lxid;
#endif
}

// PostgreSQL 18 dropped the executor's parameter execute_once.
#if PG_VERSION_NUM >= 180000
#define PGMIGRATE_RUN_PARAMETERS QueryDesc *query, ScanDirection direction, uint64 count
#define PGMIGRATE_RUN_ARGUMENTS query, direction, count
#else
#define PGMIGRATE_RUN_PARAMETERS QueryDesc *query, ScanDirection direction, uint64 count, bool execute_once
#define PGMIGRATE_RUN_ARGUMENTS query, direction, count, execute_once
#endif

/// Runs a query to its end.
inline void RunToCompletion(QueryDesc *query) {
#if PG_VERSION_NUM >= 180000
    ExecutorRun(query, ForwardScanDirection, 0);
#else
    ExecutorRun(query, ForwardScanDirection, 0, true);
#endif
}

/// What a statement wants to do with an entry of its range table. PostgreSQL 16 moved this out of the entry.
struct EntryRights {
    AclMode required;
    const Bitmapset *inserted;
};

inline EntryRights RightsOf(const PlannedStmt *statement, RangeTblEntry *entry) {
#if PG_VERSION_NUM >= 160000
    if (entry->perminfoindex == 0) return {0, nullptr};
    const RTEPermissionInfo *const rights = getRTEPermissionInfo(statement->permInfos, entry);
    return {rights->requiredPerms, rights->insertedCols};
#else
    (void)statement;
    return {entry->requiredPerms, entry->insertedCols};
#endif
}

/// Type OID and modifier of SQL type text; an unknown type is an error.
inline void ParseType(const char *text, Oid *type, int32 *typmod) {
#if PG_VERSION_NUM >= 160000
    (void)parseTypeString(text, type, typmod, nullptr);
#else
    parseTypeString(text, type, typmod, false);
#endif
}

inline Oid ParseCollation(const char *text) {
#if PG_VERSION_NUM >= 160000
    return get_collation_oid(stringToQualifiedNameList(text, nullptr), false);
#else
    return get_collation_oid(stringToQualifiedNameList(text), false);
#endif
}

using Walker = bool (*)(Node *node, void *context);

/// expression_tree_walker, whose callback type PostgreSQL 15 leaves without parameters, which C++ takes at its word.
inline bool WalkChildren(Node *node, Walker walker, void *context) {
#if PG_VERSION_NUM >= 160000
    return expression_tree_walker(node, walker, context);
#else
    return expression_tree_walker(node, reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)()>(walker)), context);
#endif
}

/// Runs a portal to its end as a statement of the top level. PostgreSQL 18 dropped the parameter run_once.
inline void RunPortal(Portal portal, DestReceiver *receiver, QueryCompletion *completion) {
#if PG_VERSION_NUM >= 180000
    (void)PortalRun(portal, FETCH_ALL, true, receiver, receiver, completion);
#else
    (void)PortalRun(portal, FETCH_ALL, true, true, receiver, receiver, completion);
#endif
}

/// Which index entries an updated row needs: all, none (HOT), or since PostgreSQL 16 only those of summarizing indexes
/// (BRIN).
#if PG_VERSION_NUM >= 160000
using IndexesToUpdate = TU_UpdateIndexes;
#else
using IndexesToUpdate = bool;
#endif

/// Makes the index entries of a row that table_tuple_update has just stored from `slot`.
inline void InsertUpdatedIndexEntries(ResultRelInfo *relation, TupleTableSlot *slot, EState *state,
                                      IndexesToUpdate which) {
#if PG_VERSION_NUM >= 160000
    if (which == TU_None) return;
    (void)ExecInsertIndexTuples(relation, slot, state, true, false, nullptr, NIL, which == TU_Summarizing);
#else
    if (!which) return;
    (void)ExecInsertIndexTuples(relation, slot, state, true, false, nullptr, NIL);
#endif
}

/// Logs the whole page in the buffer, for a caller in a critical section that holds its cleanup lock and has marked it
/// dirty. Returns what the page's LSN becomes.
///
/// The record says that a heap page was pruned of nothing, which every version replays under a cleanup lock of its own:
/// an image alone (XLOG_FPI) would be put under the eyes of readers on a standby who hold a pin. No snapshot conflicts,
/// for no row goes.
inline XLogRecPtr LogPageImage(Relation relation, Buffer buffer) {
    xl_heap_prune record = {};
#if PG_VERSION_NUM >= 170000
    record.flags = XLHP_CLEANUP_LOCK;
    if (RelationIsAccessibleInLogicalDecoding(relation)) record.flags |= XLHP_IS_CATALOG_REL;
    constexpr uint8 kInfo = XLOG_HEAP2_PRUNE_ON_ACCESS;
#elif PG_VERSION_NUM >= 160000
    record.isCatalogRel = RelationIsAccessibleInLogicalDecoding(relation);
    constexpr uint8 kInfo = XLOG_HEAP2_PRUNE;
#else
    (void)relation;
    constexpr uint8 kInfo = XLOG_HEAP2_PRUNE;
#endif
    XLogBeginInsert();
    XLogRegisterData(reinterpret_cast<char *>(&record), SizeOfHeapPrune);
    XLogRegisterBuffer(0, buffer, REGBUF_STANDARD | REGBUF_FORCE_IMAGE);
    return XLogInsert(RM_HEAP2_ID, kInfo);
}

/// Columns that indexes of any state use, as keys, in expressions or in predicates; offset by
/// FirstLowInvalidHeapAttributeNumber, 0 for the whole row.
inline Bitmapset *IndexedColumns(Relation relation) {
#if PG_VERSION_NUM >= 160000
    return bms_add_members(RelationGetIndexAttrBitmap(relation, INDEX_ATTR_BITMAP_HOT_BLOCKING),
                           RelationGetIndexAttrBitmap(relation, INDEX_ATTR_BITMAP_SUMMARIZED));
#else
    return RelationGetIndexAttrBitmap(relation, INDEX_ATTR_BITMAP_ALL);
#endif
}

}  // namespace pgmigrate::pg
