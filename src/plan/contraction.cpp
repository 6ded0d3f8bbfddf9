// SPDX-License-Identifier: PostgreSQL
// What migrate_complete does to an existing table: everything slow has been done, so each statement only changes the
// catalog.
#include <fmt/format.h>

#include <algorithm>

#include "core/identifier.h"
#include "plan/carried.h"
#include "plan/context.h"
#include "plan/created_table.h"
#include "plan/partitioned_table.h"
#include "plan/renames.h"

namespace pgmigrate {
namespace {

Step ContractStep(std::string statement, const std::string &table) {
    return {.phase = Phase::kContract,
            .statement = std::move(statement),
            .undo = {},
            .table = table,
            .lock = "ACCESS EXCLUSIVE",
            .object = {}};
}

/// A foreign key dropped on its own rather than with its column or table, for the sake of the step's table: PostgreSQL
/// locks the referenced table too, and completion takes the locks of all steps before the first one runs.
Step DropForeignKey(const std::string &table, const CatalogConstraint &key) {
    return ContractStep(fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", table, QuoteIdentifier(key.name)),
                        key.referenced_table);
}

/// Collects the steps of one table.
class Contraction {
  public:
    Contraction(PlannedTable &table, PlanContext &context, Plan &plan)
        : table_(table), context_(context), plan_(plan), name_(context.model.Qualified(table)) {}

    void Run() {
        DropTrigger();
        SetNotNull();  // an identity column must be NOT NULL
        const SequenceMoves sequences = PlanSequences(table_, context_);
        for (const std::string &statement : sequences.before_drop) Contract(statement);
        DropIndexes();
        DropConstraints();
        DropObsoleteColumns();
        ChangeTypes();
        for (const std::string &statement : sequences.after_drop) Contract(statement);
        RenameKeptConstraints();  // when the names of those that went are free
        for (const Duplicate &duplicate : table_.duplicates) RenameDuplicate(duplicate);
        AddKeys();
        TakeOldNames();
    }

    void Finish() {
        RenameColumns();
        SetDefaults();
        SetComments();
        PlanPartitionNames(table_, context_, plan_);
        for (const std::string &statement : table_.final_names) Contract(statement);
        for (const std::string &statement : FinalConstraintNames(table_, context_)) Contract(statement);
    }

  private:
    void Contract(std::string statement) { plan_.steps.push_back(ContractStep(std::move(statement), name_)); }
    std::function<std::string(const std::string &)> NameAside() {
        return [this](const std::string &name) {
            return Model::FreeNameOn(table_, DerivedName("_pgmigrate_aside_", name));
        };
    }
    void Alter(const std::vector<std::string> &actions) {
        if (!actions.empty()) Contract(fmt::format("ALTER TABLE {} {}", name_, fmt::join(actions, ", ")));
    }

    /// Says that the last step replaces these columns.
    void MarkReplaced(std::vector<std::string> columns) {
        if (!columns.empty())
            plan_.steps.back().object = MarkOfReplacement({{table_.origin->name, std::move(columns)}});
    }

    void DropTrigger();
    void SetNotNull();
    void DropIndexes();
    void DropConstraints();
    void DropObsoleteColumns();
    void ChangeTypes();
    void RenameKeptConstraints();
    void RenameDuplicate(const Duplicate &duplicate);
    void AddKey(const std::string &index, const std::string &name, bool is_primary, const std::string &deferrable);
    void AddKeys();
    std::string NameByNow(const PlannedColumn &column) const;
    void TakeOldNames();
    void RenameColumns();
    void SetDefaults();
    void SetComments();

    PlannedTable &table_;
    PlanContext &context_;
    Plan &plan_;
    const std::string name_;
};

void Contraction::DropTrigger() {
    if (table_.up.empty() && table_.down.empty()) return;
    Contract(fmt::format("DROP TRIGGER IF EXISTS {} ON {}", QuoteIdentifier(SyncTriggerName(*table_.origin)), name_));
}

void Contraction::SetNotNull() {
    // SET NOT NULL does not scan the table when a validated CHECK proves that there is no NULL.
    std::vector<std::string> proofs;
    std::vector<std::string> columns;
    for (const AddedConstraint &constraint : table_.added_constraints) {
        if (!constraint.is_not_null_helper) continue;
        proofs.push_back("DROP CONSTRAINT " + QuoteIdentifier(constraint.name));
        const int id = constraint.check_columns.front();
        const bool kept = std::ranges::count(table_.columns, id, &PlannedColumn::id) > 0;
        if (kept && !Model::ColumnById(table_, id).nullable)
            columns.push_back(
                fmt::format("ALTER COLUMN {} SET NOT NULL", QuoteIdentifier(Model::ColumnById(table_, id).physical)));
    }
    Alter(columns);
    Alter(proofs);
}

void Contraction::DropIndexes() {
    for (const Followed<CatalogIndex> &index : table_.indexes) {
        if (!index.dropped || !index.origin->constraint.empty()) continue;
        const std::string name = QualifiedName(context_.model.catalog.name, index.origin->name);
        Contract("DROP INDEX IF EXISTS " + name);
        plan_.steps.back().object = name;
    }
}

void Contraction::DropConstraints() {
    for (const Followed<CatalogConstraint> &constraint : table_.constraints) {
        const CatalogConstraint &origin = *constraint.origin;
        const Followers followers = FollowAll(table_, origin);
        if (constraint.repointed) continue;
        const bool goes = !followers.survives || followers.moves;
        if (goes && origin.type == 'f' && origin.referenced_table != name_)
            plan_.steps.push_back(DropForeignKey(name_, origin));
        if (constraint.dropped && !goes)  // a check that reads no column does not go with one
            Contract(fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", name_, QuoteIdentifier(origin.name)));
    }
}

void Contraction::DropObsoleteColumns() {
    std::vector<std::string> actions;
    for (const std::string &column : ObsoleteColumns(table_))
        actions.push_back("DROP COLUMN " + QuoteIdentifier(column));
    Alter(actions);
    std::vector<std::string> replaced;
    for (const PlannedColumn &column : table_.columns)
        if (NameByNow(column) != column.physical) replaced.push_back(column.origin->name);
    MarkReplaced(std::move(replaced));
}

void Contraction::ChangeTypes() {
    std::vector<std::string> actions;
    std::vector<std::string> retyped;
    for (const PlannedColumn &column : table_.columns) {
        if (!IsRetyped(column)) continue;
        retyped.push_back(column.physical);
        actions.push_back(fmt::format("ALTER COLUMN {} TYPE {}", QuoteIdentifier(column.physical), column.type));
        context_.model.warnings.push_back(
            fmt::format("column \"{}\" of table \"{}\" keeps type {} until completion: values that only fit type {} "
                        "can be written after migrate_complete()",
                        column.name, table_.name, column.origin->type, column.type));
    }
    Alter(actions);
    MarkReplaced(std::move(retyped));
}

void Contraction::RenameKeptConstraints() {
    std::vector<Rename> wanted;
    std::vector<std::string> held;
    for (const Followed<CatalogConstraint> &constraint : table_.constraints) {
        const Followers followers = FollowAll(table_, *constraint.origin);
        if (constraint.dropped || constraint.repointed || followers.moves || !followers.survives) continue;
        held.push_back(constraint.origin->name);
        if (constraint.name != constraint.origin->name)
            wanted.push_back({.from = constraint.origin->name, .to = constraint.name});
    }
    for (const Rename &rename : OrderRenames(std::move(wanted), std::move(held), NameAside()))
        Contract(fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", name_, QuoteIdentifier(rename.from),
                             QuoteIdentifier(rename.to)));
}

void Contraction::RenameDuplicate(const Duplicate &duplicate) {
    const std::string temporary = QuoteIdentifier(duplicate.temporary_name);
    const std::string wanted = QuoteIdentifier(duplicate.final_name);
    const std::string index = QualifiedName(context_.model.catalog.name, duplicate.final_name);
    if (duplicate.index == nullptr || (duplicate.constraint != nullptr && duplicate.constraint->type == 'x')) {
        Contract(fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", name_, temporary, wanted));
    } else if (duplicate.constraint == nullptr) {
        Contract(fmt::format("ALTER INDEX {} RENAME TO {}",
                             QualifiedName(context_.model.catalog.name, duplicate.temporary_name), wanted));
    } else {
        AddKey(duplicate.temporary_name, duplicate.final_name, duplicate.constraint->type == 'p',
               DeferrableClause(duplicate.constraint->deferrable, duplicate.constraint->initially_deferred));
    }
    if (duplicate.constraint != nullptr && duplicate.constraint->comment)
        Contract(fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", wanted, name_,
                             QuoteLiteral(*duplicate.constraint->comment)));
    if (duplicate.index == nullptr) return;
    for (std::size_t key = 0; key < duplicate.index->keys.size(); ++key)
        if (const int target = duplicate.index->keys[key].statistics_target; target >= 0)
            Contract(fmt::format("ALTER INDEX {} ALTER COLUMN {} SET STATISTICS {}", index, key + 1, target));
    if (duplicate.index->comment)
        Contract(fmt::format("COMMENT ON INDEX {} IS {}", index, QuoteLiteral(*duplicate.index->comment)));
    const std::string identity =
        table_.replica_identity.empty() ? table_.origin->replica_identity : table_.replica_identity;
    if (identity == "USING INDEX " + QuoteIdentifier(duplicate.index->name))
        Contract(fmt::format("ALTER TABLE {} REPLICA IDENTITY USING INDEX {}", name_, wanted));
    if (duplicate.index->is_clustered) Contract(fmt::format("ALTER TABLE {} CLUSTER ON {}", name_, wanted));
}

void Contraction::AddKey(const std::string &index, const std::string &name, bool is_primary,
                         const std::string &deferrable) {
    if (!table_.IsCreated() && table_.origin->partitioned)
        return PlanPartitionedKeyConstraint(
            table_, {.index = index, .name = name, .primary = is_primary, .deferrable = deferrable}, context_, plan_);
    Contract(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} USING INDEX {}{}", name_, QuoteIdentifier(name),
                         is_primary ? "PRIMARY KEY" : "UNIQUE", QuoteIdentifier(index), deferrable));
}

void Contraction::AddKeys() {
    for (const AddedConstraint &constraint : table_.added_constraints) {
        const bool primary_key = constraint.type == ConstraintType::kPrimaryKey;
        if (!primary_key && constraint.type != ConstraintType::kUnique) continue;
        AddKey(constraint.name, constraint.name, primary_key,
               DeferrableClause(constraint.definition.deferrable, constraint.definition.initially_deferred));
    }
}

/// What a column is called between the two parts of contraction: as in the catalog, so that what reads it can be made
/// anew from its own definition.
std::string Contraction::NameByNow(const PlannedColumn &column) const {
    return column.origin != nullptr ? column.origin->name : column.physical;
}

void Contraction::TakeOldNames() {
    for (const PlannedColumn &column : table_.columns)
        if (NameByNow(column) != column.physical) {
            Contract(fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", name_, QuoteIdentifier(column.physical),
                                 QuoteIdentifier(NameByNow(column))));
            MarkReplaced({column.origin->name});
        }
}

void Contraction::RenameColumns() {
    std::vector<Rename> wanted;
    std::vector<std::string> held;
    for (const PlannedColumn &column : table_.columns) {
        const std::string name = NameByNow(column);
        held.push_back(name);
        if (name != column.name) wanted.push_back({.from = name, .to = column.name});
    }
    for (const Rename &rename : OrderRenames(std::move(wanted), std::move(held), NameAside()))
        Contract(fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", name_, QuoteIdentifier(rename.from),
                             QuoteIdentifier(rename.to)));
}

void Contraction::SetDefaults() {
    std::vector<std::string> actions;
    for (const PlannedColumn &column : table_.columns) {
        const bool from_source =
            std::ranges::find(table_.default_from_source, column.physical) != table_.default_from_source.end();
        if (!column.default_in_view && !from_source) continue;
        const std::string name = QuoteIdentifier(column.name);
        if (column.default_value)
            actions.push_back(fmt::format("ALTER COLUMN {} SET DEFAULT {}", name, *column.default_value));
        else if (column.default_in_view)
            actions.push_back(fmt::format("ALTER COLUMN {} DROP DEFAULT", name));
    }
    Alter(actions);
}

void Contraction::SetComments() {
    for (const PlannedColumn &column : table_.columns)
        if (column.comment_changed)
            Contract(fmt::format("COMMENT ON COLUMN {}.{} IS {}", name_, QuoteIdentifier(column.name),
                                 column.comment ? QuoteLiteral(*column.comment) : "NULL"));
}

}  // namespace

void PlanContraction(PlannedTable &table, PlanContext &context, Plan &plan) { Contraction(table, context, plan).Run(); }

void PlanFinalNames(PlannedTable &table, PlanContext &context, Plan &plan) {
    Contraction(table, context, plan).Finish();
}

void PlanTableRenames(PlanContext &context, Plan &plan) {
    Model &model = context.model;
    std::vector<Rename> wanted;
    std::vector<std::string> held;
    for (const PlannedTable &table : model.tables) {
        held.push_back(table.physical);
        if (table.physical != table.name) wanted.push_back({.from = table.physical, .to = table.name});
    }
    const auto name_aside = [&](const std::string &name) {
        return model.FreeRelationName(DerivedName("_pgmigrate_aside_", name));
    };
    for (const Rename &rename : OrderRenames(std::move(wanted), std::move(held), name_aside)) {
        const std::string table = QualifiedName(model.catalog.name, rename.from);
        plan.steps.push_back(
            ContractStep(fmt::format("ALTER TABLE {} RENAME TO {}", table, QuoteIdentifier(rename.to)), table));
    }
}

void PlanTableDrops(const PlanContext &context, Plan &plan) {
    const auto name = [&](const CatalogTable *table) { return QualifiedName(context.model.catalog.name, table->name); };
    // All foreign keys first, so that those among the tables are no obstacle.
    for (const CatalogTable *table : context.model.dropped_tables)
        for (const CatalogConstraint &constraint : table->constraints)
            if (constraint.type == 'f' && constraint.referenced_table != name(table))
                plan.steps.push_back(DropForeignKey(name(table), constraint));
    for (const CatalogTable *table : context.model.dropped_tables)
        plan.steps.push_back(ContractStep("DROP TABLE " + name(table), name(table)));
}

}  // namespace pgmigrate
