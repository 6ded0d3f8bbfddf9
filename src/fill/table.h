// SPDX-License-Identifier: PostgreSQL
// A table as the fill sees it, and what its synchronising trigger says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan/sync_spec.h"
#include "sync/expression.h"

extern "C" {
#include "utils/relcache.h"
}

namespace pgmigrate::fill {

struct Table {
    Oid oid = InvalidOid;
    std::string name;  ///< qualified and quoted
    Oid owner = InvalidOid;
    bool is_partitioned = false;
    bool has_storage = false;   ///< an ordinary table; false for partitioned and foreign tables
    std::int64_t filenode = 0;  ///< pg_class.relfilenode
    std::int64_t blocks = 0;
};

/// Locks the table until the end of the transaction and describes it. Nothing if it does not exist.
std::optional<Table> FindTable(Oid relation, LOCKMODE lock);

/// The same; throws Error MG002 if the table does not exist. `known_as` is what to call it then.
Table LockTable(Oid relation, LOCKMODE lock, const std::string &known_as);

/// What the trigger of a locked table says. Throws Error MG002 if there is no such trigger.
SyncSpec ReadSyncSpec(const Table &table, const std::string &trigger_name);

/// One `up` entry, compiled for the rows of one table.
struct UpExpression {
    sync::CompiledExpression expression;
    bool is_immutable = false;
};

/// Compiles the `up` entries in their order. For the current transaction.
std::vector<UpExpression> CompileUp(Relation relation, const SyncSpec &spec, Oid owner);

/// True if the row still lacks the value of the column.
///
/// Its version was written before ADD COLUMN if it stores fewer attributes than the column's number; every later
/// version was formed with all columns and went through the trigger. Rewriting a table (VACUUM FULL, CLUSTER, some
/// ALTER TABLE) forms all rows anew, so afterwards (`rewritten`) only a NULL tells, and a row whose value is rightly
/// NULL is merely looked at again.
bool LacksValue(int stored_attributes, AttrNumber column, bool is_null, bool rewritten) noexcept;

/// Number of attributes that the row in the slot stores. For another table access method than heap this is not known:
/// all of them, so that only `rewritten` finds such rows.
int StoredAttributes(TupleTableSlot *slot) noexcept;

}  // namespace pgmigrate::fill
