// SPDX-License-Identifier: PostgreSQL
// What the operations of one migration share while they are applied. Used inside src/plan only.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"

namespace pgmigrate {

struct PlanContext {
    Model model;
    const PlanRequest &request;
    std::vector<Step> prepare;   ///< sequences that new columns of existing tables need, before everything else
    std::vector<Step> expand;    ///< direct statements: new tables and what is done to them, raw SQL
    std::vector<Step> contract;  ///< statements of completion that no difference tells: raw SQL, constraint names
    std::vector<std::string> referenced;          ///< qualified tables that a new foreign key points to
    std::vector<ForeignKeyReference> references;  ///< resolved: what the new foreign keys of this migration point to
};

/// Applies one operation (one overload each, called through std::visit).
void Apply(const CreateTable &operation, PlanContext &context);
void Apply(const RenameTable &operation, PlanContext &context);
void Apply(const DropTable &operation, PlanContext &context);
void Apply(const AddColumn &operation, PlanContext &context);
void Apply(const RenameColumn &operation, PlanContext &context);
void Apply(const DropColumn &operation, PlanContext &context);
void Apply(const AlterColumn &operation, PlanContext &context);
void Apply(const CreateConstraint &operation, PlanContext &context);
void Apply(const DropConstraint &operation, PlanContext &context);
void Apply(const DropMulticolumnConstraint &operation, PlanContext &context);
void Apply(const RenameConstraint &operation, PlanContext &context);
void Apply(const CreateIndex &operation, PlanContext &context);
void Apply(const DropIndex &operation, PlanContext &context);
void Apply(const SetReplicaIdentity &operation, PlanContext &context);
void Apply(const RawSql &operation, PlanContext &context);

/// How a column is replaced by a shadow.
struct ShadowRequest {
    std::string column;
    std::string type;                 ///< empty: unchanged
    std::optional<std::string> up;    ///< empty: the old column itself
    std::optional<std::string> down;  ///< empty: the new column itself
    bool nullable = true;             ///< of the new column
    std::optional<Change> default_value;
    std::optional<Change> comment;
};

/// Replaces the column by a shadow in the new version: plans the physical column, its default, and the sync expressions
/// of both directions. Constraints and indexes follow by themselves (plan/contraction.cpp). Returns the column.
PlannedColumn &AddShadow(PlannedTable &table, const ShadowRequest &request, PlanContext &context);

/// Does the operation only give the column a type that stores every value as it is stored now? Then there is nothing to
/// fill: ChangeTypeInPlace leaves it to completion.
bool ChangesTypeInPlace(const AlterColumn &operation, const PlannedTable &table, const PlannedColumn &column,
                        PlanContext &context);
void ChangeTypeInPlace(const AlterColumn &operation, PlannedColumn &column, PlanContext &context);
/// Will completion change the column's type in place?
bool IsRetyped(const PlannedColumn &column);

/// Looks at the type of a column that is added to a table with rows. Throws 0A000 for a domain whose values cannot be
/// filled later; warns of one that makes PostgreSQL rewrite the table.
void CheckDomain(const PlannedTable &table, const std::string &column, const std::string &type, PlanContext &context);

/// Binds an expression that must be of type boolean. Throws 42804 otherwise.
BoundExpression BindCondition(const std::string &expression, const Scope &scope, PlanContext &context);

/// A condition bound in the scope of a table: its text together with the ids of the columns it reads.
struct BoundCheck {
    std::string text;
    std::vector<int> columns;
};
BoundCheck BindCheck(PlannedTable &table, const std::string &expression, PlanContext &context);

/// Plans what the column's nullability asks for. NOT NULL on a column of an existing table: a CHECK that completion
/// turns into the real thing without a scan.
void PlanNullability(PlannedTable &table, const PlannedColumn &column);

/// Plan a constraint on one column of an existing table. The name of a unique one has been taken for its index.
void AddUniqueConstraint(PlannedTable &table, const PlannedColumn &column, const std::string &name);
void AddCheckConstraint(PlannedTable &table, const CheckConstraint &check, PlanContext &context);
void AddForeignKey(PlannedTable &table, const PlannedColumn &column, const ForeignKeyReference &reference,
                   PlanContext &context);

/// A step of expansion that changes the table at once.
Step DirectStep(const PlannedTable &table, const PlanContext &context, std::string statement, std::string undo = {});

/// Throws 42710 if the table has (or gets) a constraint of this name in the new version.
void RequireNoConstraint(const PlannedTable &table, const std::string &name);
/// Throws 42P07 if a relation of this name exists in the schema.
void RequireNoRelation(const Model &model, const std::string &name);

/// The reference with names as PostgreSQL knows them now (physical, qualified). Throws 42P01, 42703, and 0A000 for a
/// column of an existing table that the migration adds or replaces, because nothing makes it unique before completion.
ForeignKeyReference ResolveReference(const ForeignKeyReference &reference, PlanContext &context);

/// "REFERENCES t (c) MATCH … ON DELETE …" of a resolved reference.
std::string ReferencesClause(const ForeignKeyReference &reference);

/// "DEFERRABLE INITIALLY DEFERRED" as far as set, with a leading blank.
std::string DeferrableClause(bool deferrable, bool initially_deferred);

/// A constraint in a CREATE TABLE or on a table created by this migration.
std::string ConstraintClause(const ConstraintDefinition &constraint, const Scope &scope, PlanContext &context);

[[noreturn]] void ThrowNoConstraint(const PlannedTable &table, const std::string &name);  // 42704
[[noreturn]] void ThrowIndexOfConstraint(const std::string &index, const std::string &constraint,
                                         const PlannedTable &table);  // 2BP01

/// PostgreSQL names a serial column's sequence after the table, which may have to wait for its own name.
void NameSequenceLater(PlannedTable &table, const std::string &column, Model &model);

/// Constraint and index names must not be silently cut by PostgreSQL.
void RequireShortName(const std::string &name);

/// Steps derived from the model when all operations have been applied.
void PlanExpansion(PlannedTable &table, PlanContext &context, Plan &plan);
void PlanContraction(PlannedTable &table, PlanContext &context, Plan &plan);
/// Behind the contraction of all tables: columns get their names in the new version, their defaults and comments.
void PlanFinalNames(PlannedTable &table, PlanContext &context, Plan &plan);
void PlanTableRenames(PlanContext &context, Plan &plan);
void PlanTableDrops(const PlanContext &context, Plan &plan);
/// `previous` is what was granted on the version before, besides what is granted on the tables.
std::vector<Step> PlanPublishing(Model &model, const std::string &version_schema, const VersionRights &previous);
/// PostgreSQL changes no type under a view: the version's views of tables with a retyped column are dropped before
/// contraction and made anew behind it.
void PlanDropsOfRetypedViews(const PlanContext &context, Plan &plan);
void PlanRetypedViewsAgain(const PlanContext &context, Plan &plan);

/// Statements of completion around the drop of the old columns.
struct SequenceMoves {
    std::vector<std::string> before_drop;
    std::vector<std::string> after_drop;
};
SequenceMoves PlanSequences(const PlannedTable &table, PlanContext &context);

/// Name of the sync trigger on a table: it must sort after the table's own BEFORE ROW triggers, which fire in name
/// order.
std::string SyncTriggerName(const CatalogTable &table);

/// Physical columns no column of the new version is held by any more: completion drops them. Generated columns come
/// first, because PostgreSQL does not drop a column that another one is computed from.
std::vector<std::string> ObsoleteColumns(const PlannedTable &table);

/// A followed constraint's or index's columns as the new version holds them.
struct Followers {
    bool survives = true;  ///< false: one of its columns is dropped, so PostgreSQL drops it too
    bool moves = false;    ///< true: at least one of its columns has a shadow
    std::vector<const PlannedColumn *> columns;
};
Followers Follow(const PlannedTable &table, const std::vector<std::string> &origin_columns);
/// The same for all columns PostgreSQL ties a constraint to: its own and those its index includes.
Followers FollowAll(const PlannedTable &table, const CatalogConstraint &constraint);

/// Temporary name of the duplicate of a constraint or index that moves to shadow columns.
std::string DuplicateName(const std::string &name);

}  // namespace pgmigrate
