// SPDX-License-Identifier: PostgreSQL
// What the SQL functions share: the databases they speak to, and a migration prepared for planning. Used inside src/api
// only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "catalog/schema.h"
#include "lifecycle/store.h"
#include "migration/operation.h"
#include "pg/scopes.h"
#include "pg/spi_database.h"
#include "plan/plan.h"

namespace pgmigrate::api {

/// Opened by each function for the target schema it was called for; starts missing workers first.
class Session {
  public:
    explicit Session(std::string schema_name);

    const std::string &schema_name() const { return schema_name_; }
    StateStore &store() { return store_; }
    Database &state() { return state_; }
    /// The caller's rights, only pg_catalog in search_path.
    Database &catalog() { return catalog_; }

    /// Keeps other commands off the target schema until the end of the transaction. Throws 3F000, 55006.
    void Lock();
    /// The migration that is neither completed nor rolled back. Throws 55000 when there is none.
    MigrationRecord RequireActive();
    /// Throws 42501 unless the caller has the rights of the role that started the migration; of the target schema's
    /// owner, if that role is gone.
    void RequireStarter(const MigrationRecord &record);

  private:
    std::string schema_name_;
    pg::SpiDatabase state_;
    StateStore store_;
    pg::SpiDatabase catalog_;
};

/// A migration parsed, its surroundings read, and planned.
struct Prepared {
    Migration migration;
    PlanRequest request;
    CatalogSchema catalog;
    Plan plan;
};

/// search_path under which the text of a migration is understood: the target schema, then the caller's path; pg_temp
/// last, so that no temporary object stands in for another.
std::string PlanningSearchPath(const std::string &schema_name);

/// Binds under this search_path, each time in a subtransaction: planning can survive an expression that PostgreSQL does
/// not understand.
std::unique_ptr<ExpressionBinder> MakeBinder(const std::string &search_path);

/// Parses, plans and rehearses (api/rehearsal.h); what comes behind raw SQL is planned when that has run
/// (api/raw_sql.h). Takes no lock. Throws what ParseMigration, LoadSchema and PlanMigration throw; 42710 for a name
/// that was used before, 42P06 for a version schema that exists.
Prepared Prepare(Session &session, const std::string &name, const std::string &text);

/// Reads the catalog again and plans the same migration against it.
void PlanAgain(Session &session, Prepared &prepared);

/// Functions that read a definition or a size lock the table they read: whoever holds it exclusively is waited for no
/// longer than for our own locks (55P03).
void LimitWaits(pg::SettingsScope &settings);

/// Reads the catalog of the session's target schema. Columns are in the order in which clients of this version schema
/// see them; it may be empty. With `only`, other tables than those are left out.
CatalogSchema ReadCatalog(Session &session, const std::string &latest_version = {},
                          const std::vector<std::int64_t> *only = nullptr);

/// Locks the tables (qualified, quoted names) ACCESS EXCLUSIVE, or SHARE ROW EXCLUSIVE where not exclusive, as
/// pg::LockTables does. Tables that do not exist are left out.
void LockByName(Session &session, const std::vector<NeededLock> &locks, bool force = false);

/// Raises each as a WARNING.
void Warn(const std::vector<std::string> &warnings);

}  // namespace pgmigrate::api
