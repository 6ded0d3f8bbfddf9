// SPDX-License-Identifier: PostgreSQL
#include "plan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "plan/carried.h"
#include "plan/context.h"
#include "plan/dependents.h"
#include "plan/partitioned_table.h"
#include "plan/repointed_keys.h"

namespace pgmigrate {
namespace {

bool IsChanged(const PlannedTable &table) {
    return !table.added_columns.empty() || !table.added_constraints.empty() || !table.added_indexes.empty() ||
           !table.down.empty() || !table.replica_identity.empty() || table.name != table.physical ||
           !ObsoleteColumns(table).empty() ||
           std::ranges::any_of(table.columns,
                               [](const PlannedColumn &column) {
                                   return column.name != column.physical || column.default_in_view ||
                                          column.comment_changed || IsRetyped(column);
                               }) ||
           std::ranges::any_of(table.constraints,
                               [](const Followed<CatalogConstraint> &constraint) {
                                   return constraint.dropped || constraint.name != constraint.origin->name;
                               }) ||
           std::ranges::any_of(table.indexes, [](const Followed<CatalogIndex> &index) { return index.dropped; });
}

void RequireOwner(const CatalogTable &table) {
    if (!table.owned_by_caller)
        throw Error(sqlstates::kNotOwner, {.message = fmt::format("must be owner of table {}", table.name),
                                           .detail = fmt::format("The table belongs to role \"{}\".", table.owner),
                                           .hint = "Run the migration as the owner, for example after SET ROLE."});
}

/// Such a table has the columns of its type.
void RequireNotTyped(const PlannedTable &table, const std::vector<std::string> &obsolete) {
    const bool changes_columns = !table.added_columns.empty() || !obsolete.empty() ||
                                 std::ranges::any_of(table.columns, [](const PlannedColumn &column) {
                                     return column.name != column.physical || IsRetyped(column);
                                 });
    if (table.origin->of_type.empty() || !changes_columns) return;
    throw Error(sqlstates::kWrongObjectType,
                {.message = fmt::format("cannot change the columns of typed table \"{}\"", table.name),
                 .detail = fmt::format("It has the columns of type {}.", table.origin->of_type),
                 .hint = fmt::format("Untie it first: ALTER TABLE {} NOT OF.", QuoteIdentifier(table.origin->name))});
}

void PlanTable(PlannedTable &table, PlanContext &context, Plan &plan) {
    if (table.IsCreated()) {
        PlanContraction(table, context, plan);
        return;
    }
    if (!IsChanged(table)) return;
    RequireOwner(*table.origin);
    const std::vector<std::string> obsolete = ObsoleteColumns(table);
    RequireNotTyped(table, obsolete);
    RequireSupportedPartitions(table, obsolete, context);
    RequireNoGeneratedColumns(table, obsolete, context);
    plan.changed_tables.push_back(table.origin->name);
    const std::size_t before = plan.steps.size();
    PlanExpansion(table, context, plan);
    const auto expands = std::ranges::count(plan.steps.begin() + static_cast<std::ptrdiff_t>(before), plan.steps.end(),
                                            Phase::kExpand, &Step::phase);
    if (expands > 0) plan.locks.push_back({.table = context.model.Qualified(table), .exclusive = true});
    plan.table_changes.push_back(DescribeChange(table));
    PlanContraction(table, context, plan);
}

void DropPreviousVersion(const PlanRequest &request, Plan &plan) {
    if (request.previous_version.empty()) return;
    std::vector<std::string> views;
    for (const std::string &view : request.previous_views)
        views.push_back(QualifiedName(request.previous_version, view));
    const auto contract = [&](std::string statement) {
        plan.steps.push_back({.phase = Phase::kContract,
                              .statement = std::move(statement),
                              .undo = {},
                              .table = {},
                              .lock = "ACCESS EXCLUSIVE",
                              .object = request.previous_version});
    };
    if (!views.empty()) contract(fmt::format("DROP VIEW IF EXISTS {}", fmt::join(views, ", ")));
    contract("DROP SCHEMA IF EXISTS " + QuoteIdentifier(request.previous_version));
}

void DropTables(PlanContext &context, Plan &plan) {
    for (const CatalogTable *table : context.model.dropped_tables) {
        RequireOwner(*table);
        RequireNoKeysTo(*table, context);
        plan.changed_tables.push_back(table->name);
    }
    PlanTableDrops(context, plan);
}

/// What went wrong, with the place in the migration's text.
ErrorText InOperation(const Migration &migration, std::size_t index, ErrorText text) {
    const std::string place = fmt::format("It is in {}.", PlaceOf(migration, index));
    text.detail = text.detail.empty() ? place : text.detail + ' ' + place;
    if (text.hint.empty()) text.hint = "Correct this part of the migration and start it again.";
    return text;
}

/// What the operation has added belongs to it.
void Sign(std::size_t operation, std::size_t direct_steps, PlanContext &context) {
    const auto sign = [operation](auto &&added) {
        for (auto &one : added)
            if (!one.operation) one.operation = operation;
    };
    sign(std::span(context.expand).subspan(direct_steps));
    for (PlannedTable &table : context.model.tables) {
        sign(table.added_columns);
        sign(table.added_constraints);
        sign(table.added_indexes);
    }
}

void ApplyAll(const Migration &migration, PlanContext &context, Plan &plan) {
    const std::size_t end = context.request.until.value_or(migration.operations.size());
    for (std::size_t i = 0; i < end; ++i) {
        if (context.request.executed.contains(i)) continue;
        const Operation &operation = migration.operations[i];
        const std::size_t direct_steps = context.expand.size();
        try {
            std::visit([&](const auto &asked) { Apply(asked, context); }, operation);
        } catch (const Error &error) {
            throw Error(error.state(), InOperation(migration, i, error.text()));
        } catch (const DatabaseError &error) {
            throw Error(error.state(), InOperation(migration, i, error.text()));
        }
        Sign(i, direct_steps, context);
        if (context.expand.size() > direct_steps) plan.direct_operations.push_back(i);
    }
    plan.touched_tables = context.model.touched;
    plan.direct_steps = context.expand;
    plan.has_provisional_names = std::ranges::any_of(context.model.tables, [](const PlannedTable &table) {
        return !table.final_names.empty() || table.provisional ||
               std::ranges::any_of(table.created_parts,
                                   [](const CreatedPart &part) { return part.physical != part.name; });
    });
}

bool HasLock(const Plan &plan, const std::string &relation) {
    return std::ranges::any_of(plan.locks, [&](const NeededLock &lock) { return lock.table == relation; });
}

void AddLock(Plan &plan, const std::string &relation) {
    if (!HasLock(plan, relation)) plan.locks.push_back({.table = relation, .exclusive = true});
}

/// Views, triggers, … on replaced columns. Their trial at start needs the locks that completion will need.
void PlanDependents(PlanContext &context, Plan &plan) {
    const ColumnChanges changes = ColumnChangesOf(context);
    const std::vector<Dependent> dependents = DependentsToCarry(context.model.catalog, changes);
    if (dependents.empty()) return;
    plan.steps = WithDependentsOf(context.model.catalog, std::move(plan.steps));
    plan.trial.stage = StageOfTrial(dependents, context);
    for (const Dependent &dependent : dependents) {
        plan.trial.objects.push_back({.identity = dependent.identity, .statements = dependent.create});
        AddLock(plan, dependent.relation);
    }
    for (const auto &[table, columns] : changes.replaced)
        AddLock(plan, QualifiedName(context.model.catalog.name, table));
}

void AddReferencedLocks(const PlanContext &context, Plan &plan) {
    for (const std::string &table : context.referenced) {
        if (!HasLock(plan, table)) plan.locks.push_back({.table = table, .exclusive = false});
    }
}

}  // namespace

bool Plan::NeedsWorker() const {
    return std::ranges::any_of(steps, [](const Step &step) {
        return step.phase != Phase::kExpand && step.phase != Phase::kPublish && step.phase != Phase::kContract;
    });
}

Plan PlanMigration(const Migration &migration, const PlanRequest &request, const CatalogSchema &catalog,
                   ExpressionBinder &binder) {
    PlanContext context{.model = Model(catalog, binder),
                        .request = request,
                        .prepare = {},
                        .expand = {},
                        .contract = {},
                        .referenced = {},
                        .references = {}};
    Plan plan;
    ApplyAll(migration, context, plan);
    DropPreviousVersion(request, plan);
    PlanDropsOfRetypedViews(context, plan);
    RepointedKeys repointed(context, plan);
    repointed.Plan();
    DropTables(context, plan);  // before renames, which may want the names
    for (PlannedTable &table : context.model.tables) PlanTable(table, context, plan);
    for (PlannedTable &table : context.model.tables) PlanFinalNames(table, context, plan);
    PlanDependents(context, plan);
    repointed.PlanFinalNames();
    PlanTableRenames(context, plan);
    PlanRetypedViewsAgain(context, plan);
    RequireReferencesKept(context);
    AddReferencedLocks(context, plan);
    plan.steps.insert(plan.steps.begin(), context.expand.begin(), context.expand.end());
    plan.steps.insert(plan.steps.begin(), context.prepare.begin(), context.prepare.end());
    plan.steps.insert(plan.steps.end(), context.contract.begin(), context.contract.end());
    std::ranges::move(PlanPublishing(context.model, request.version_schema, request.previous_rights),
                      std::back_inserter(plan.steps));
    std::ranges::stable_sort(plan.steps, {}, &Step::phase);
    plan.warnings = std::move(context.model.warnings);
    return plan;
}

std::vector<Step> PlanViewsAgain(const std::string &version_schema, const CatalogSchema &catalog,
                                 ExpressionBinder &binder) {
    Model model(catalog, binder);
    std::vector<Step> steps = PlanPublishing(model, version_schema, {});
    std::erase_if(steps, [](const Step &step) { return step.table.empty(); });  // the schema itself stays
    return steps;
}

}  // namespace pgmigrate
