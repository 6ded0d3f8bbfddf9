// SPDX-License-Identifier: PostgreSQL
// Foreign keys that point to a column which completion drops: each gets a duplicate on the column that takes its place.
// Used inside src/plan only.
#pragma once

#include <string>
#include <vector>

#include "plan/context.h"

namespace pgmigrate {

/// Foreign keys of any table that refer to a replaced column of a table of the target schema. The worker adds the
/// duplicate when the index it needs exists, and validates it; completion drops the old key before anything else, and
/// the duplicate gets its name.
class RepointedKeys {
  public:
    RepointedKeys(PlanContext &context, Plan &plan) : context_(context), plan_(plan) {}

    /// To be called before the contraction of tables is planned. Throws 2BP01 for a key to a column that is dropped for
    /// good, 0A000 for one whose values would not match any more, 42501 for one of a table the caller does not own.
    void Plan();
    /// To be called when the contraction of all tables has been planned.
    void PlanFinalNames();

  private:
    void PlanTable(const PlannedTable &table);
    void PlanKey(const PlannedTable &table, const IncomingForeignKey &key, const Followers &referenced);
    void DropEarly(const IncomingForeignKey &key, Followed<CatalogConstraint> *known);
    void RequireSameValues(const PlannedTable &table, const IncomingForeignKey &key, const Followers &referenced,
                           const Followers &referring) const;

    PlanContext &context_;
    pgmigrate::Plan &plan_;
    std::vector<Step> final_names_;
};

/// Throws 2BP01 if a table that stays has a foreign key to the dropped one that stays too.
void RequireNoKeysTo(const CatalogTable &dropped, PlanContext &context);

}  // namespace pgmigrate
