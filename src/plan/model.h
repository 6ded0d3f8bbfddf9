// SPDX-License-Identifier: PostgreSQL
// The schema as a migration's operations see and change it: what the new version will show, and which physical table
// and column holds each piece until completion. Operations change this model and nothing else; when all have been
// applied, the steps of expansion, publishing and contraction are derived from the difference between the model and the
// catalog.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/schema.h"
#include "catalog/version_rights.h"
#include "core/expressions.h"
#include "migration/operation.h"
#include "plan/sync_spec.h"

namespace pgmigrate {

/// A column of the new version. It keeps its id through renames and while its physical column is replaced by a shadow.
struct PlannedColumn {
    int id = 0;
    std::string name;      ///< in the new version
    std::string physical;  ///< column of the base table that holds it until completion
    std::string type;
    std::string collation;
    bool nullable = true;
    std::optional<std::string> default_value;  ///< bound SQL text
    bool default_in_view = false;  ///< the base column's default differs: the view carries it until completion
    std::optional<std::string> comment;
    bool comment_changed = false;
    std::string owned_sequence;             ///< qualified; to be owned by the final column
    const CatalogColumn *origin = nullptr;  ///< catalog column it descends from; null: added by this migration
    bool retyped = false;                   ///< completion changes the type of the catalog column itself
    bool keeps_value = true;                ///< equal to the catalog column's value, as foreign keys compare
    bool is_generated = false;              ///< a column of a new table that PostgreSQL computes
    std::string conversion{};               ///< what `up` expressions make of that value; equal texts, equal results
};

/// A physical column that expansion adds.
struct AddedColumn {
    std::string name;
    std::string type;
    std::string collation;
    std::optional<std::string> constant_default;  ///< stored by ADD COLUMN … DEFAULT, without a rewrite
    std::optional<std::string> later_default;     ///< set after ADD COLUMN, so that existing rows stay unfilled
    bool not_null = false;                        ///< only with constant_default
    std::optional<std::string> comment;
    const CatalogColumn *properties = nullptr;  ///< storage, compression, statistics and grants to be copied from here
    std::optional<std::size_t> operation{};     ///< that adds it
};

/// A constraint or index the catalog has, followed through the migration by the ids of its columns.
template <typename Origin>
struct Followed {
    const Origin *origin = nullptr;
    std::string name;  ///< in the end
    bool dropped = false;
    bool repointed = false;  ///< a foreign key whose drop (and replacement) plan/repointed_keys.cpp has planned
};

/// A constraint expansion adds to an existing table, under its final name unless an old constraint holds that.
struct AddedConstraint {
    std::string name;
    ConstraintType type = ConstraintType::kCheck;
    std::vector<int> columns;  ///< ids
    std::string check;         ///< bound text; parameters are check_columns
    std::vector<int> check_columns;
    std::optional<ForeignKeyReference> references;  ///< table and columns already physical, table qualified
    std::vector<int> included;                      ///< ids, for a key's INCLUDE
    std::vector<int> delete_set_columns;            ///< ids, for a foreign key's ON DELETE SET … (columns)
    ConstraintDefinition definition;                ///< options: deferrable, …
    bool is_not_null_helper = false;         ///< CHECK (column IS NOT NULL): becomes a real NOT NULL at completion
    std::optional<std::size_t> operation{};  ///< that adds it
};

struct AddedIndex {
    std::string name;
    std::string method = "btree";
    bool unique = false;
    std::vector<std::pair<int, std::string>> keys;  ///< column id and its options as SQL
    std::string predicate;                          ///< bound text; parameters are predicate_columns
    std::vector<int> predicate_columns;
    std::string storage_parameters;
    std::optional<std::size_t> operation{};  ///< that adds it
};

/// The duplicate on shadow columns of a constraint or index, which completion gives the name of what it replaces. Also
/// an added constraint whose name is held until completion (neither pointer is set then).
struct Duplicate {
    std::string temporary_name;
    const CatalogConstraint *constraint =
        nullptr;  ///< a check or foreign key, or the constraint that `index` is to back
    const CatalogIndex *index = nullptr;
    std::string final_name;
};

/// A constraint or index of a table that this migration creates.
struct CreatedPart {
    std::string name;                          ///< in the new version
    std::string physical;                      ///< until completion
    std::optional<ConstraintType> constraint;  ///< empty: an index
    std::vector<int> columns;                  ///< ids; it goes with any of them
};

struct PartitionKeyLeaf {
    std::string table;  ///< qualified and quoted
    std::string index;
};

/// The index of a key on a partitioned table: completion makes the key of those of the leaves.
struct PartitionedKey {
    std::string index;  ///< of the parent, until completion
    bool nulls_not_distinct = false;
    std::string body;  ///< columns and options as in ADD CONSTRAINT
    std::vector<PartitionKeyLeaf> leaves;
};

struct PlannedTable {
    const CatalogTable *origin = nullptr;  ///< null: created by this migration
    std::string name;                      ///< in the new version
    std::string physical;                  ///< base table
    bool provisional = false;              ///< created under another name than the migration gives it
    std::vector<PlannedColumn> columns;    ///< in view order
    std::vector<Followed<CatalogConstraint>> constraints;
    std::vector<Followed<CatalogIndex>> indexes;
    std::vector<AddedColumn> added_columns;
    std::vector<AddedConstraint> added_constraints;
    std::vector<AddedIndex> added_indexes;
    std::vector<SyncExpression> up;
    std::vector<SyncExpression> down;
    std::vector<std::string> default_from_source;
    std::vector<Duplicate> duplicates;  ///< found while expansion is planned
    std::vector<PartitionedKey> partitioned_keys{};
    std::optional<std::string> comment;
    std::vector<CreatedPart> created_parts;  ///< of a table created by this migration
    std::vector<std::string>
        final_names;                      ///< statements of completion that give objects of a created table their names
    std::string replica_identity;         ///< clause to run at start; empty: unchanged
    std::vector<std::string> used_names;  ///< of columns and constraints, so that ours never collide

    bool IsCreated() const { return origin == nullptr; }
};

/// What the caller of planning knows besides the migration and the catalog.
struct PlanRequest {
    std::string schema_name;
    std::string name;
    std::string version_schema;               ///< full name of the schema to make
    std::string previous_version;             ///< full name of the one before; empty: none
    std::vector<std::string> previous_views;  ///< views of the previous version, to be dropped at completion
    std::string search_path;                  ///< the caller's
    std::string sync_function;                ///< qualified name of the sync trigger's function; empty: make none
    VersionRights previous_rights{};          ///< what was granted by hand on that version
    std::set<std::size_t> executed{};         ///< operations that have run already, and are seen in the catalog
    std::optional<std::size_t> until{};       ///< plan only the operations before this one
};

class Model {
  public:
    Model(const CatalogSchema &catalog, ExpressionBinder &binder);

    /// Throws 42P01 if the new version has no such table.
    PlannedTable &FindTable(const std::string &name);
    /// Throws 42P07 if the new version has a table of this name already.
    void RequireNoTable(const std::string &name);
    /// Throws 42703 if the table has no such column in the new version.
    static PlannedColumn &FindColumn(PlannedTable &table, const std::string &name);
    /// Throws 42701 if it has.
    static void RequireNoColumn(const PlannedTable &table, const std::string &name);
    static PlannedColumn &ColumnById(PlannedTable &table, int id);
    static bool HasColumn(const PlannedTable &table, int id);

    PlannedTable &AddTable(PlannedTable table);
    void RemoveTable(const PlannedTable &table);
    int NextColumnId() { return ++last_column_id_; }

    /// A name for a new relation (table, index) that is free in the target schema; it is taken from then on.
    std::string FreeRelationName(const std::string &wanted);
    bool IsRelationNameTaken(const std::string &name) const { return relation_names_.contains(name); }
    void TakeRelationName(const std::string &name) { relation_names_.insert(name); }
    void ReleaseRelationName(const std::string &name) { relation_names_.erase(name); }
    /// A name for a column or constraint of ours on this table; it is taken from then on.
    static std::string FreeNameOn(PlannedTable &table, const std::string &wanted);

    std::string Qualified(const PlannedTable &table) const;

    const CatalogSchema &catalog;
    ExpressionBinder &binder;
    std::deque<PlannedTable> tables;  ///< of the new version
    std::vector<const CatalogTable *> dropped_tables;
    std::vector<std::string> warnings;
    std::set<std::string> touched;  ///< catalog tables that FindTable has found

  private:
    std::set<std::string> relation_names_;
    int last_column_id_ = 0;
};

/// The names an expression on this table may use, as the new version has them at this point.
Scope ScopeOf(const PlannedTable &table);

/// The physical columns behind the parameters of an expression bound in ScopeOf(table).
std::vector<std::string> PhysicalColumns(PlannedTable &table, const std::vector<std::string> &parameters);

/// Ids of the columns behind such parameters.
std::vector<int> ColumnIds(PlannedTable &table, const std::vector<std::string> &names);

}  // namespace pgmigrate
