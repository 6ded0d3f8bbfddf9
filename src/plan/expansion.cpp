// SPDX-License-Identifier: PostgreSQL
// What migrate_start and the worker do to an existing table: new columns, NOT VALID constraints, the sync trigger,
// fill, indexes, validation, verification.
#include <fmt/format.h>

#include <algorithm>

#include "core/identifier.h"
#include "plan/context.h"
#include "plan/index_definition.h"
#include "plan/partitioned_table.h"

namespace pgmigrate {
namespace {

std::string SqlOf(const SyncExpression &expression) {
    std::vector<std::string> names;
    for (const std::string &parameter : expression.parameters) names.push_back(QuoteIdentifier(parameter));
    return ReplaceParameters(expression.expression, names);
}

/// Collects the steps of one table.
class Expansion {
  public:
    Expansion(PlannedTable &table, PlanContext &context, Plan &plan)
        : table_(table), context_(context), plan_(plan), name_(context.model.Qualified(table)) {}

    void Run() {
        AddColumns();
        DescribeColumns();
        DuplicateConstraints();
        AddConstraints();
        DuplicateIndexes();
        AddIndexes();
        SetReplicaIdentity();
        AddTrigger();
    }

  private:
    void Add(Phase phase, std::string statement, std::string undo, std::string lock, std::string object = {}) {
        plan_.steps.push_back({.phase = phase,
                               .statement = std::move(statement),
                               .undo = std::move(undo),
                               .table = name_,
                               .lock = std::move(lock),
                               .object = std::move(object)});
    }
    void Expand(std::string statement, std::string undo = {}) {
        Add(Phase::kExpand, std::move(statement), std::move(undo), "ACCESS EXCLUSIVE");
    }

    void SignSteps(std::size_t from, std::optional<std::size_t> operation) {
        for (std::size_t at = from; at < plan_.steps.size(); ++at) plan_.steps[at].operation = operation;
    }

    void AddColumns();
    void DescribeColumns();
    void DescribeLike(const AddedColumn &column);
    void DuplicateConstraints();
    /// Returns the temporary name of what will be called `final_name`.
    std::string AddDuplicate(const CatalogConstraint *origin, const std::string &final_name) {
        const std::string temporary =
            Model::FreeNameOn(table_, DuplicateName(origin == nullptr ? final_name : origin->name));
        table_.duplicates.push_back(
            {.temporary_name = temporary, .constraint = origin, .index = nullptr, .final_name = final_name});
        return temporary;
    }
    void DuplicateCheck(const Followed<CatalogConstraint> &constraint);
    void DuplicateForeignKey(const Followed<CatalogConstraint> &constraint, const Followers &followers);
    /// `referenced`: the table that a foreign key points to.
    void AddNotValid(const std::string &name, const std::string &body, bool validate,
                     const std::string &referenced = {});
    void AddConstraints();
    std::string NameUntilCompletion(const AddedConstraint &constraint);
    std::string ForeignKeyBody(const AddedConstraint &constraint);
    void AddKey(const AddedConstraint &constraint);
    void DuplicateIndexes();
    void AddIndexes();
    void AddIndexStep(const IndexDefinition &definition, bool is_key = false);
    void AddExclusion(const IndexDefinition &definition, const Followed<CatalogConstraint> &constraint);
    void AddForeignKeyNotValid(const std::string &name, const std::string &body, const std::string &referenced,
                               bool validate);
    void SetReplicaIdentity();
    void AddTrigger();

    PlannedTable &table_;
    PlanContext &context_;
    Plan &plan_;
    const std::string name_;
};

void Expansion::AddColumns() {
    if (table_.added_columns.empty()) return;
    std::vector<std::string> additions;
    std::vector<std::string> removals;
    std::vector<std::string> defaults;
    for (const AddedColumn &column : table_.added_columns) {
        const std::string name = QuoteIdentifier(column.name);
        std::string addition = fmt::format("ADD COLUMN {} {}", name, column.type);
        if (!column.collation.empty()) addition += " COLLATE " + column.collation;
        if (column.constant_default) addition += " DEFAULT " + *column.constant_default;
        if (column.not_null) addition += " NOT NULL";
        additions.push_back(std::move(addition));
        removals.push_back("DROP COLUMN IF EXISTS " + name);
        if (column.later_default)
            defaults.push_back(fmt::format("ALTER COLUMN {} SET DEFAULT {}", name, *column.later_default));
    }
    Expand(fmt::format("ALTER TABLE {} {}", name_, fmt::join(additions, ", ")),
           fmt::format("ALTER TABLE IF EXISTS {} {}", name_, fmt::join(removals, ", ")));
    if (table_.added_columns.size() == 1) SignSteps(plan_.steps.size() - 1, table_.added_columns.front().operation);
    // Apart from ADD COLUMN: a default given there would be the value of every existing row at once.
    if (!defaults.empty()) Expand(fmt::format("ALTER TABLE {} {}", name_, fmt::join(defaults, ", ")));
}

void Expansion::DescribeColumns() {
    for (const AddedColumn &column : table_.added_columns) {
        if (column.comment)
            Expand(fmt::format("COMMENT ON COLUMN {}.{} IS {}", name_, QuoteIdentifier(column.name),
                               QuoteLiteral(*column.comment)));
        if (column.properties != nullptr) DescribeLike(column);
    }
}

void Expansion::DescribeLike(const AddedColumn &column) {
    const CatalogColumn &like = *column.properties;
    const std::string name = QuoteIdentifier(column.name);
    const bool is_toastable = like.type == column.type || context_.model.binder.IsToastable(column.type);
    if (is_toastable && !like.storage.empty())
        Expand(fmt::format("ALTER TABLE {} ALTER COLUMN {} SET STORAGE {}", name_, name, like.storage));
    if (is_toastable && !like.compression.empty())
        Expand(fmt::format("ALTER TABLE {} ALTER COLUMN {} SET COMPRESSION {}", name_, name, like.compression));
    if (like.statistics_target >= 0)
        Expand(fmt::format("ALTER TABLE {} ALTER COLUMN {} SET STATISTICS {}", name_, name, like.statistics_target));
    if (!like.options.empty())
        Expand(fmt::format("ALTER TABLE {} ALTER COLUMN {} SET ({})", name_, name, like.options));
    for (const Grant &grant : like.grants)
        Expand(fmt::format("GRANT {} ({}) ON {} TO {}{}", grant.privilege, name, name_,
                           grant.grantee.empty() ? "PUBLIC" : QuoteIdentifier(grant.grantee),
                           grant.grantable ? " WITH GRANT OPTION" : ""));
}

void Expansion::AddNotValid(const std::string &name, const std::string &body, bool validate,
                            const std::string &referenced) {
    const std::string quoted = QuoteIdentifier(name);
    Expand(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID", name_, quoted, body),
           fmt::format("ALTER TABLE IF EXISTS {} DROP CONSTRAINT IF EXISTS {}", name_, quoted));
    plan_.steps.back().object = referenced;
    if (validate)
        Add(Phase::kValidate, fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", name_, quoted), {},
            "SHARE UPDATE EXCLUSIVE");
}

void Expansion::AddForeignKeyNotValid(const std::string &name, const std::string &body, const std::string &referenced,
                                      bool validate) {
    if (!table_.origin->partitioned) return AddNotValid(name, body, validate, referenced);
    PlanPartitionedForeignKey(table_, {.name = name, .body = body, .referenced_table = referenced}, context_, plan_);
}

void Expansion::DuplicateConstraints() {
    for (const Followed<CatalogConstraint> &constraint : table_.constraints) {
        if (constraint.dropped || constraint.repointed) continue;
        const Followers followers = Follow(table_, constraint.origin->columns);
        if (!followers.survives || !followers.moves) continue;
        if (constraint.origin->type == 'c') DuplicateCheck(constraint);
        if (constraint.origin->type == 'f') DuplicateForeignKey(constraint, followers);
    }
}

void Expansion::DuplicateCheck(const Followed<CatalogConstraint> &constraint) {
    const std::optional<std::string> check = RebindToNewVersion(
        table_, constraint.origin->check, "boolean", context_, fmt::format("check constraint \"{}\"", constraint.name));
    if (!check) return;
    AddNotValid(AddDuplicate(constraint.origin, constraint.name),
                fmt::format("CHECK ({}){}", *check, constraint.origin->no_inherit ? " NO INHERIT" : ""),
                constraint.origin->validated);
}

void Expansion::DuplicateForeignKey(const Followed<CatalogConstraint> &constraint, const Followers &followers) {
    const CatalogConstraint &origin = *constraint.origin;
    std::vector<std::string> columns;
    for (const PlannedColumn *column : followers.columns) columns.push_back(column->physical);
    std::string options = origin.foreign_key_options;
    if (!origin.delete_set_columns.empty()) {
        std::vector<std::string> set;
        for (const PlannedColumn *column : Follow(table_, origin.delete_set_columns).columns)
            set.push_back(column->physical);
        options += fmt::format(" ({})", QuoteIdentifiers(set));
    }
    context_.referenced.push_back(origin.referenced_table);
    AddForeignKeyNotValid(AddDuplicate(constraint.origin, constraint.name),
                          fmt::format("FOREIGN KEY ({}) REFERENCES {} ({}){}{}", QuoteIdentifiers(columns),
                                      origin.referenced_table, QuoteIdentifiers(origin.referenced_columns), options,
                                      DeferrableClause(origin.deferrable, origin.initially_deferred)),
                          origin.referenced_table, origin.validated);
}

std::string Expansion::NameUntilCompletion(const AddedConstraint &constraint) {
    // An old constraint of this name, dropped or renamed by the migration, is there until completion.
    const bool held = std::ranges::count(table_.origin->constraints, constraint.name, &CatalogConstraint::name) > 0;
    return held ? AddDuplicate(nullptr, constraint.name) : constraint.name;
}

std::string Expansion::ForeignKeyBody(const AddedConstraint &constraint) {
    ForeignKeyReference reference = *constraint.references;
    reference.on_delete_set_columns = PhysicalNames(table_, constraint.delete_set_columns);
    return fmt::format("FOREIGN KEY ({}) {}{}", QuoteIdentifiers(PhysicalNames(table_, constraint.columns)),
                       ReferencesClause(reference),
                       DeferrableClause(constraint.definition.deferrable, constraint.definition.initially_deferred));
}

void Expansion::AddConstraints() {
    for (const AddedConstraint &constraint : table_.added_constraints) {
        const std::size_t before = plan_.steps.size();
        if (constraint.type == ConstraintType::kCheck)
            AddNotValid(
                NameUntilCompletion(constraint),
                fmt::format("CHECK ({}){}", WithPhysicalColumns(table_, constraint.check, constraint.check_columns),
                            constraint.definition.no_inherit ? " NO INHERIT" : ""),
                true);
        else if (constraint.type == ConstraintType::kForeignKey)
            AddForeignKeyNotValid(NameUntilCompletion(constraint), ForeignKeyBody(constraint),
                                  constraint.references->table, true);
        else
            AddKey(constraint);
        SignSteps(before, constraint.operation);
    }
}

void Expansion::AddKey(const AddedConstraint &constraint) {
    IndexDefinition index;
    index.name = constraint.name;
    index.unique = true;
    index.nulls_not_distinct = constraint.definition.nulls_not_distinct;
    for (const std::string &column : PhysicalNames(table_, constraint.columns))
        index.keys.push_back(QuoteIdentifier(column));
    const IndexParameters &parameters = constraint.definition.index_parameters;
    index.included = PhysicalNames(table_, constraint.included);
    index.storage_parameters = parameters.storage_parameters.value_or("");
    index.tablespace = parameters.tablespace.value_or("");
    AddIndexStep(index, true);
}

void Expansion::DuplicateIndexes() {
    for (const Followed<CatalogIndex> &index : table_.indexes) {
        const std::optional<IndexDefinition> definition = DuplicateOfIndex(table_, index, context_);
        if (!definition) continue;
        const auto constraint =
            std::ranges::find_if(table_.constraints, [&](const Followed<CatalogConstraint> &candidate) {
                return candidate.origin->name == index.origin->constraint;
            });
        const bool backs = constraint != table_.constraints.end();
        table_.duplicates.push_back({.temporary_name = definition->name,
                                     .constraint = backs ? constraint->origin : nullptr,
                                     .index = index.origin,
                                     .final_name = backs ? constraint->name : index.name});
        if (definition->exclusion_operators.empty())
            AddIndexStep(*definition, backs);
        else
            AddExclusion(*definition, *constraint);
    }
}

void Expansion::AddIndexes() {
    for (const AddedIndex &index : table_.added_indexes) {
        IndexDefinition definition;
        definition.name = index.name;
        definition.method = index.method;
        definition.unique = index.unique;
        for (const auto &[id, options] : index.keys)
            definition.keys.push_back(QuoteIdentifier(Model::ColumnById(table_, id).physical) + options);
        if (!index.predicate.empty())
            definition.predicate = WithPhysicalColumns(table_, index.predicate, index.predicate_columns);
        definition.storage_parameters = index.storage_parameters;
        const std::size_t before = plan_.steps.size();
        AddIndexStep(definition);
        SignSteps(before, index.operation);
    }
}

void Expansion::AddIndexStep(const IndexDefinition &definition, bool is_key) {
    if (table_.origin->partitioned)
        return is_key ? PlanPartitionedKey(table_, definition, context_, plan_)
                      : PlanPartitionedIndex(table_, definition, context_, plan_);
    const std::string index = QualifiedName(context_.model.catalog.name, definition.name);
    Add(Phase::kIndex, CreateIndexStatement(definition, name_), "DROP INDEX IF EXISTS " + index,
        "SHARE UPDATE EXCLUSIVE", index);
}

/// PostgreSQL has no way to build one concurrently.
void Expansion::AddExclusion(const IndexDefinition &definition, const Followed<CatalogConstraint> &constraint) {
    const std::string name = QuoteIdentifier(definition.name);
    Add(Phase::kIndex,
        fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}{}", name_, name, ExclusionBody(definition),
                    DeferrableClause(constraint.origin->deferrable, constraint.origin->initially_deferred)),
        fmt::format("ALTER TABLE IF EXISTS {} DROP CONSTRAINT IF EXISTS {}", name_, name), "ACCESS EXCLUSIVE",
        QualifiedName(context_.model.catalog.name, definition.name));
    context_.model.warnings.push_back(
        fmt::format("exclusion constraint \"{}\" of table \"{}\" is built anew under an ACCESS EXCLUSIVE lock: the "
                    "table can be neither read nor written while a worker builds it",
                    constraint.name, table_.name));
}

void Expansion::SetReplicaIdentity() {
    if (table_.replica_identity.empty()) return;
    Expand(fmt::format("ALTER TABLE {} REPLICA IDENTITY {}", name_, table_.replica_identity),
           fmt::format("ALTER TABLE IF EXISTS {} REPLICA IDENTITY {}", name_, table_.origin->replica_identity));
}

void Expansion::AddTrigger() {
    if (table_.up.empty() && table_.down.empty()) return;
    for (const std::vector<SyncExpression> &direction : {table_.up, table_.down})
        for (const SyncExpression &expression : direction)
            plan_.owner_queries.push_back(
                {.owner = table_.origin->owner, .query = fmt::format("SELECT {} FROM {}", SqlOf(expression), name_)});
    if (context_.request.sync_function.empty()) return;  // a rehearsal
    const SyncSpec spec{.new_version = context_.request.version_schema,
                        .old_version = context_.request.previous_version,
                        .search_path = context_.request.search_path,
                        .up = table_.up,
                        .down = table_.down,
                        .default_from_source = table_.default_from_source};
    const std::string trigger_name = SyncTriggerName(*table_.origin);
    const std::string trigger = QuoteIdentifier(trigger_name);
    Expand(fmt::format("CREATE TRIGGER {} BEFORE INSERT OR UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION {}({})", trigger,
                       name_, context_.request.sync_function, QuoteLiteral(EncodeSyncSpec(spec))),
           fmt::format("DROP TRIGGER IF EXISTS {} ON {}", trigger, name_));
    plan_.steps.back().as_extension = true;
    // ALWAYS: writes under session_replication_role = replica (logical replication) must be kept in step too.
    Expand(fmt::format("ALTER TABLE {} ENABLE ALWAYS TRIGGER {}", name_, trigger));
    if (table_.up.empty()) return;
    std::vector<std::string> assignments;
    for (const SyncExpression &up : table_.up)
        assignments.push_back(fmt::format("{} := {}", QuoteIdentifier(up.target), SqlOf(up)));
    Add(Phase::kFill, fmt::format("fill {}: {}", name_, fmt::join(assignments, ", ")), {}, "ROW EXCLUSIVE",
        trigger_name);
    Add(Phase::kVerify, fmt::format("verify {}", name_), {}, "ACCESS SHARE", trigger_name);
    TableToFill fill{.oid = table_.origin->oid, .trigger_name = trigger_name, .filenode = table_.origin->filenode};
    for (const SyncExpression &up : table_.up) {
        fill.columns.push_back(up.target);
        if (up.may_write) fill.may_write.push_back(up.target);
    }
    plan_.fills.push_back(std::move(fill));
}

}  // namespace

void PlanExpansion(PlannedTable &table, PlanContext &context, Plan &plan) { Expansion(table, context, plan).Run(); }

}  // namespace pgmigrate
