// SPDX-License-Identifier: PostgreSQL
// What migrate_complete does to an existing table: everything slow has been done, so each statement only changes the catalog.
#include <fmt/format.h>

#include <algorithm>

#include "core/identifier.h"
#include "plan/context.h"
#include "plan/index_definition.h"

namespace pgmigrate {
namespace {

/// A default that is always NULL. PostgreSQL drops a plain NULL default, also on a view, where it would let the base table's
/// default through.
std::string NullDefault(const std::string &type) { return fmt::format("CAST(NULLIF('', '') AS {})", type); }

/// Collects the steps of one table.
class Contraction {
  public:
    Contraction(PlannedTable &table, PlanContext &context, Plan &plan)
        : table_(table), context_(context), plan_(plan), name_(context.model.Qualified(table)) {}

    void Run() {
        DropTrigger();
        MoveSequences();
        SetNotNull();
        RenameKeptConstraints();
        DropObsoleteColumns();
        RenameDuplicates();
        AddKeys();
        RenameColumns();
        SetDefaults();
        SetComments();
        for (const std::string &statement : table_.final_names) Contract(statement);
        RenameTable();
    }

  private:
    void Contract(std::string statement) {
        plan_.steps.push_back({.phase = Phase::kContract,
                               .statement = std::move(statement),
                               .undo = {},
                               .table = name_,
                               .lock = "ACCESS EXCLUSIVE",
                               .object = {}});
    }
    void Alter(const std::vector<std::string> &actions) {
        if (!actions.empty()) Contract(fmt::format("ALTER TABLE {} {}", name_, fmt::join(actions, ", ")));
    }

    void DropTrigger();
    void MoveSequences();
    void SetNotNull();
    void RenameKeptConstraints();
    void DropObsoleteColumns();
    void RenameDuplicates();
    void RenameDuplicate(const Duplicate &duplicate);
    void AddKeys();
    void RenameColumns();
    void SetDefaults();
    void SetComments();
    void RenameTable();

    PlannedTable &table_;
    PlanContext &context_;
    Plan &plan_;
    const std::string name_;
};

void Contraction::DropTrigger() {
    if (table_.up.empty() && table_.down.empty()) return;
    Contract(fmt::format("DROP TRIGGER IF EXISTS {} ON {}", QuoteIdentifier(SyncTriggerName(*table_.origin)), name_));
}

void Contraction::MoveSequences() {
    for (const PlannedColumn &column : table_.columns) {
        const bool is_identity = column.origin != nullptr && !column.origin->identity.empty();
        const bool moved = column.origin == nullptr || column.physical != column.origin->name;
        if (!column.owned_sequence.empty() && moved && !is_identity)
            Contract(fmt::format("ALTER SEQUENCE {} OWNED BY {}.{}", column.owned_sequence, name_, QuoteIdentifier(column.physical)));
    }
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
            columns.push_back(fmt::format("ALTER COLUMN {} SET NOT NULL", QuoteIdentifier(Model::ColumnById(table_, id).physical)));
    }
    Alter(columns);
    Alter(proofs);
}

void Contraction::RenameKeptConstraints() {
    for (const Followed<CatalogConstraint> &constraint : table_.constraints) {
        const Followers followers = Follow(table_, constraint.origin->columns);
        if (constraint.dropped || constraint.name == constraint.origin->name || followers.moves || !followers.survives) continue;
        Contract(fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", name_, QuoteIdentifier(constraint.origin->name),
                             QuoteIdentifier(constraint.name)));
    }
}

void Contraction::DropObsoleteColumns() {
    std::vector<std::string> actions;
    for (const std::string &column : ObsoleteColumns(table_)) actions.push_back("DROP COLUMN " + QuoteIdentifier(column));
    Alter(actions);
}

void Contraction::RenameDuplicates() {
    // Primary keys first: nothing else may depend on them before they are back.
    for (const Duplicate &duplicate : table_.duplicates) RenameDuplicate(duplicate);
}

void Contraction::RenameDuplicate(const Duplicate &duplicate) {
    const std::string temporary = QuoteIdentifier(duplicate.temporary_name);
    const std::string wanted = QuoteIdentifier(duplicate.final_name);
    const std::string index = QualifiedName(context_.model.catalog.name, duplicate.final_name);
    if (duplicate.index == nullptr) {
        Contract(fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", name_, temporary, wanted));
    } else if (duplicate.constraint == nullptr) {
        Contract(fmt::format("ALTER INDEX {} RENAME TO {}", QualifiedName(context_.model.catalog.name, duplicate.temporary_name), wanted));
    } else {
        Contract(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} USING INDEX {}{}", name_, wanted,
                             duplicate.constraint->type == 'p' ? "PRIMARY KEY" : "UNIQUE", temporary,
                             DeferrableClause(duplicate.constraint->deferrable, duplicate.constraint->initially_deferred)));
    }
    if (duplicate.constraint != nullptr && duplicate.constraint->comment)
        Contract(fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", wanted, name_, QuoteLiteral(*duplicate.constraint->comment)));
    if (duplicate.index == nullptr) return;
    if (duplicate.index->comment) Contract(fmt::format("COMMENT ON INDEX {} IS {}", index, QuoteLiteral(*duplicate.index->comment)));
    if (duplicate.index->is_replica_identity) Contract(fmt::format("ALTER TABLE {} REPLICA IDENTITY USING INDEX {}", name_, wanted));
    if (duplicate.index->is_clustered) Contract(fmt::format("ALTER TABLE {} CLUSTER ON {}", name_, wanted));
}

void Contraction::AddKeys() {
    for (const AddedConstraint &constraint : table_.added_constraints) {
        const bool primary_key = constraint.type == ConstraintType::kPrimaryKey;
        if (!primary_key && constraint.type != ConstraintType::kUnique) continue;
        const std::string name = QuoteIdentifier(constraint.name);
        Contract(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} USING INDEX {}{}", name_, name,
                             primary_key ? "PRIMARY KEY" : "UNIQUE", name,
                             DeferrableClause(constraint.definition.deferrable, constraint.definition.initially_deferred)));
    }
}

void Contraction::RenameColumns() {
    // A column may get the name that another one still has (a swap): such a column steps aside first.
    std::vector<std::string> names;
    for (const PlannedColumn &column : table_.columns) names.push_back(column.physical);
    std::vector<std::pair<std::string, std::string>> later;
    for (const PlannedColumn &column : table_.columns) {
        if (column.physical == column.name) continue;
        std::string from = column.physical;
        if (std::ranges::find(names, column.name) != names.end()) {
            const std::string aside = Model::FreeNameOn(table_, DerivedName("_pgmigrate_aside_", column.name));
            Contract(fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", name_, QuoteIdentifier(from), QuoteIdentifier(aside)));
            std::ranges::replace(names, from, aside);
            later.emplace_back(aside, column.name);
            continue;
        }
        Contract(fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", name_, QuoteIdentifier(from), QuoteIdentifier(column.name)));
        std::ranges::replace(names, from, column.name);
    }
    for (const auto &[from, to] : later)
        Contract(fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", name_, QuoteIdentifier(from), QuoteIdentifier(to)));
}

void Contraction::SetDefaults() {
    std::vector<std::string> actions;
    for (const PlannedColumn &column : table_.columns) {
        const bool from_source =
            std::ranges::find(table_.default_from_source, column.physical) != table_.default_from_source.end();
        if (!column.default_in_view && !from_source) continue;
        const std::string name = QuoteIdentifier(column.name);
        if (column.default_value) actions.push_back(fmt::format("ALTER COLUMN {} SET DEFAULT {}", name, *column.default_value));
        else if (column.default_in_view) actions.push_back(fmt::format("ALTER COLUMN {} DROP DEFAULT", name));
    }
    Alter(actions);
}

void Contraction::SetComments() {
    for (const PlannedColumn &column : table_.columns)
        if (column.comment_changed)
            Contract(fmt::format("COMMENT ON COLUMN {}.{} IS {}", name_, QuoteIdentifier(column.name),
                                 column.comment ? QuoteLiteral(*column.comment) : "NULL"));
}

void Contraction::RenameTable() {
    if (table_.physical != table_.name) Contract(fmt::format("ALTER TABLE {} RENAME TO {}", name_, QuoteIdentifier(table_.name)));
}

void AddViewDefaults(const PlannedTable &table, const std::string &view, std::vector<Step> &steps) {
    for (const PlannedColumn &column : table.columns)
        if (column.default_in_view)
            steps.push_back({.phase = Phase::kPublish,
                             .statement = fmt::format("ALTER VIEW {} ALTER COLUMN {} SET DEFAULT {}", view,
                                                      QuoteIdentifier(column.name),
                                                      column.default_value ? *column.default_value : NullDefault(column.type)),
                             .undo = {},
                             .table = view,
                             .lock = "ACCESS EXCLUSIVE",
                             .object = {}});
}

std::string GrantStatement(const Grant &grant, const std::string &on) {
    return fmt::format("GRANT {} ON {} TO {}{}", grant.privilege, on, grant.grantee.empty() ? "PUBLIC" : QuoteIdentifier(grant.grantee),
                       grant.grantable ? " WITH GRANT OPTION" : "");
}

/// What applications may do to a table they may do to its view; TRUNCATE, REFERENCES and TRIGGER mean nothing there.
bool MeansSomethingOnAView(const Grant &grant) {
    return grant.privilege == "SELECT" || grant.privilege == "INSERT" || grant.privilege == "UPDATE" || grant.privilege == "DELETE";
}

void DescribeView(const PlannedTable &table, const std::string &view, std::vector<Step> &steps) {
    const auto add = [&](std::string statement) {
        steps.push_back({.phase = Phase::kPublish, .statement = std::move(statement), .undo = {}, .table = view, .lock = {}, .object = {}});
    };
    if (table.comment) add(fmt::format("COMMENT ON VIEW {} IS {}", view, QuoteLiteral(*table.comment)));
    for (const PlannedColumn &column : table.columns)
        if (column.comment)
            add(fmt::format("COMMENT ON COLUMN {}.{} IS {}", view, QuoteIdentifier(column.name), QuoteLiteral(*column.comment)));
    if (table.IsCreated()) return;
    for (const Grant &grant : table.origin->grants)
        if (MeansSomethingOnAView(grant)) add(GrantStatement(grant, view));
    for (const PlannedColumn &column : table.columns) {
        if (column.origin == nullptr) continue;
        for (const Grant &grant : column.origin->grants)
            if (MeansSomethingOnAView(grant))
                add(fmt::format("GRANT {} ({}) ON {} TO {}{}", grant.privilege, QuoteIdentifier(column.name), view,
                                grant.grantee.empty() ? "PUBLIC" : QuoteIdentifier(grant.grantee),
                                grant.grantable ? " WITH GRANT OPTION" : ""));
    }
}

}  // namespace

void PlanContraction(PlannedTable &table, PlanContext &context, Plan &plan) { Contraction(table, context, plan).Run(); }

std::vector<Step> PlanPublishing(const Model &model, const std::string &version_schema) {
    const std::string schema = QuoteIdentifier(version_schema);
    std::vector<Step> steps{{.phase = Phase::kPublish,
                             .statement = "CREATE SCHEMA " + schema,
                             .undo = "DROP SCHEMA IF EXISTS " + schema,
                             .table = {},
                             .lock = {},
                             .object = {}}};
    for (const Grant &grant : model.catalog.grants)
        steps.push_back({.phase = Phase::kPublish,
                         .statement = GrantStatement(grant, "SCHEMA " + schema),
                         .undo = {},
                         .table = {},
                         .lock = {},
                         .object = {}});
    for (const PlannedTable &table : model.tables) {
        const std::string view = QualifiedName(version_schema, table.name);
        std::vector<std::string> columns;
        for (const PlannedColumn &column : table.columns)
            columns.push_back(column.physical == column.name
                                  ? QuoteIdentifier(column.name)
                                  : fmt::format("{} AS {}", QuoteIdentifier(column.physical), QuoteIdentifier(column.name)));
        steps.push_back({.phase = Phase::kPublish,
                         .statement = fmt::format("CREATE VIEW {} WITH (security_invoker = true) AS SELECT {} FROM {}", view,
                                                  fmt::join(columns, ", "), model.Qualified(table)),
                         .undo = "DROP VIEW IF EXISTS " + view,
                         .table = view,
                         .lock = "ACCESS EXCLUSIVE",
                         .object = {}});
        AddViewDefaults(table, view, steps);
        DescribeView(table, view, steps);
    }
    return steps;
}

}  // namespace pgmigrate
