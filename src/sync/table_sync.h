// SPDX-License-Identifier: PostgreSQL
// What this session knows of the sync trigger of a table: made at its first row, thrown away when the table changes.
#pragma once

#include <memory>
#include <vector>

#include "sync/expression.h"
#include "sync/writer_version.h"

namespace pgmigrate::sync {

/// An `up` entry, ready to run.
struct UpRule {
    CompiledExpression expression;
    bool default_from_source;  ///< see SyncSpec
};

struct TableSync {
    TableSync(const SyncSpec &spec, Relation table);

    bool IsValid() const noexcept;

    std::string new_version;
    WriterVersion writer;
    std::vector<UpRule> up;
    std::vector<CompiledExpression> down;
    bool is_stale = false;  ///< set when the table or one of its triggers changes
};

/// The trigger's table, from the cache if possible. The caller keeps it alive while it uses it: what happens meanwhile
/// can make it stale.
std::shared_ptr<TableSync> FindTableSync(const TriggerData &trigger);

}  // namespace pgmigrate::sync
