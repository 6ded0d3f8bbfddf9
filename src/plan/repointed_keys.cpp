// SPDX-License-Identifier: PostgreSQL
#include "plan/repointed_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "plan/partitioned_table.h"

namespace pgmigrate {
namespace {

bool HaveCommon(const std::vector<std::string> &left, const std::vector<std::string> &right) {
    return std::ranges::any_of(left,
                               [&](const std::string &name) { return std::ranges::find(right, name) != right.end(); });
}

/// Columns on which an index with one of the included columns is unique: the index goes with that column, and a foreign
/// key needs the index.
std::vector<std::string> KeysIncluding(const CatalogTable &table, const std::vector<std::string> &obsolete) {
    std::vector<std::string> keys;
    for (const CatalogIndex &index : table.indexes) {
        if (!index.unique || !HaveCommon(index.included, obsolete)) continue;
        for (const CatalogIndexKey &key : index.keys) keys.push_back(key.column);
    }
    return keys;
}

bool IsOfDroppedTable(const IncomingForeignKey &key, const Model &model) {
    return std::ranges::any_of(model.dropped_tables, [&](const CatalogTable *dropped) {
        return QualifiedName(model.catalog.name, dropped->name) == key.table;
    });
}

/// The table a key is on, if the new version has it; null for a table of another schema.
PlannedTable *ReferringTable(const IncomingForeignKey &key, Model &model) {
    const auto found = std::ranges::find_if(model.tables, [&](const PlannedTable &table) {
        return !table.IsCreated() && model.Qualified(table) == key.table;
    });
    return found == model.tables.end() ? nullptr : &*found;
}

/// The key as its own table has it; null for a table of another schema.
Followed<CatalogConstraint> *FindKnown(const IncomingForeignKey &key, PlannedTable *referring) {
    if (referring == nullptr) return nullptr;
    const auto found = std::ranges::find_if(referring->constraints, [&](const Followed<CatalogConstraint> &constraint) {
        return constraint.origin->name == key.name;
    });
    return found == referring->constraints.end() ? nullptr : &*found;
}

/// A key that the migration drops, itself or with one of its columns.
bool IsGivenUp(const IncomingForeignKey &key, PlannedTable *referring) {
    const Followed<CatalogConstraint> *const known = FindKnown(key, referring);
    return known != nullptr && (known->dropped || !Follow(*referring, known->origin->columns).survives);
}

[[noreturn]] void RefuseDropped(const IncomingForeignKey &key, const std::string &table) {
    throw Error(sqlstates::kDependentObjects,
                {.message = fmt::format("foreign key \"{}\" of table {} refers to what the migration drops of table "
                                        "\"{}\"",
                                        key.name, key.table, table),
                 .hint = "Drop the foreign key first, in an earlier operation or migration."});
}

void RequireRepointable(const PlannedTable &table, const IncomingForeignKey &key) {
    if (!key.owned_by_caller)
        throw Error(sqlstates::kNotOwner,
                    {.message = fmt::format("must be owner of table {}", key.table),
                     .detail = fmt::format("Its foreign key \"{}\" refers to a column of table \"{}\" that the "
                                           "migration replaces, and has to be pointed to the new column.",
                                           key.name, table.name),
                     .hint = "Run the migration as a role that owns both tables, for example after SET ROLE."});
    if (key.partitioned)
        throw Error(
            sqlstates::kFeatureNotSupported,
            {.message = fmt::format("foreign key \"{}\" of partitioned table {} cannot be pointed to the new "
                                    "column of table \"{}\"",
                                    key.name, key.table, table.name),
             .detail = "PostgreSQL adds a foreign key to a partitioned table only by checking all rows under a lock.",
             .hint = "Drop the foreign key first, and add it again after the migration."});
}

bool IsValueKept(const PlannedColumn *column) { return column->keeps_value; }

std::vector<std::string> PhysicalNamesOf(const Followers &followers) {
    std::vector<std::string> names;
    for (const PlannedColumn *column : followers.columns) names.push_back(column->physical);
    return names;
}

/// What the key's columns are called until completion.
std::vector<std::string> ReferringColumns(const std::vector<std::string> &columns, const PlannedTable *referring) {
    return referring == nullptr ? columns : PhysicalNamesOf(Follow(*referring, columns));
}

std::string ForeignKeyClause(const IncomingForeignKey &key, const PlannedTable *referring, const std::string &table,
                             const Followers &referenced) {
    std::string options = key.options;
    if (!key.delete_set_columns.empty())
        options += fmt::format(" ({})", QuoteIdentifiers(ReferringColumns(key.delete_set_columns, referring)));
    return fmt::format("FOREIGN KEY ({}) REFERENCES {} ({}){}{}",
                       QuoteIdentifiers(ReferringColumns(key.columns, referring)), table,
                       QuoteIdentifiers(PhysicalNamesOf(referenced)), options,
                       DeferrableClause(key.deferrable, key.initially_deferred));
}

Step ValidationStep(const IncomingForeignKey &key, std::string statement, std::string lock) {
    return {.phase = Phase::kValidate,
            .statement = std::move(statement),
            .undo = {},
            .table = key.table,
            .lock = std::move(lock),
            .object = {}};
}

Step CompletionStep(const IncomingForeignKey &key, std::string statement) {
    return {.phase = Phase::kContract,
            .statement = std::move(statement),
            .undo = {},
            .table = key.table,
            .lock = "ACCESS EXCLUSIVE",
            .object = {}};
}

}  // namespace

void RepointedKeys::Plan() {
    for (const CatalogTable *dropped : context_.model.dropped_tables)
        for (const IncomingForeignKey &key : dropped->incoming_foreign_keys)
            if (PlannedTable *referring = ReferringTable(key, context_.model); IsGivenUp(key, referring))
                DropEarly(key, FindKnown(key, referring));
    for (const PlannedTable &table : context_.model.tables)
        if (!table.IsCreated()) PlanTable(table);
}

void RepointedKeys::PlanTable(const PlannedTable &table) {
    const std::vector<std::string> obsolete = ObsoleteColumns(table);
    if (obsolete.empty()) return;
    const std::vector<std::string> including = KeysIncluding(*table.origin, obsolete);
    for (const IncomingForeignKey &key : table.origin->incoming_foreign_keys) {
        if (IsOfDroppedTable(key, context_.model)) continue;
        const bool concerned = HaveCommon(key.referenced_columns, obsolete);
        if (!concerned && !HaveCommon(key.referenced_columns, including)) continue;
        PlannedTable *const referring = ReferringTable(key, context_.model);
        const Followers referenced = Follow(table, key.referenced_columns);
        if (IsGivenUp(key, referring))
            DropEarly(key, FindKnown(key, referring));
        else if (!concerned || !referenced.survives)  // PostgreSQL would tie the duplicate to the same old index
            RefuseDropped(key, table.name);
        else
            PlanKey(table, key, referenced);
    }
}

void RepointedKeys::DropEarly(const IncomingForeignKey &key, Followed<CatalogConstraint> *known) {
    if (known != nullptr) known->repointed = true;
    plan_.steps.push_back(
        CompletionStep(key, fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", key.table, QuoteIdentifier(key.name))));
}

void RepointedKeys::PlanKey(const PlannedTable &table, const IncomingForeignKey &key, const Followers &referenced) {
    RequireRepointable(table, key);
    RequireKeyNotOnPartitions(table, key.name);
    PlannedTable *const referring = ReferringTable(key, context_.model);
    Followed<CatalogConstraint> *const known = FindKnown(key, referring);
    RequireSameValues(table, key, referenced, referring == nullptr ? Followers{} : Follow(*referring, key.columns));
    const std::string name = context_.model.Qualified(table);
    const std::string duplicate =
        referring == nullptr ? DuplicateName(key.name) : Model::FreeNameOn(*referring, DuplicateName(key.name));
    const std::string quoted = QuoteIdentifier(duplicate);
    const std::string final_name = known == nullptr ? key.name : known->name;
    if (referring != nullptr) plan_.changed_tables.push_back(referring->origin->name);

    // In the worker, because a foreign key needs the unique index on the new column.
    plan_.steps.push_back(ValidationStep(key,
                                         fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID", key.table, quoted,
                                                     ForeignKeyClause(key, referring, name, referenced)),
                                         "SHARE ROW EXCLUSIVE"));
    plan_.steps.back().undo = fmt::format("ALTER TABLE IF EXISTS {} DROP CONSTRAINT IF EXISTS {}", key.table, quoted);
    plan_.steps.back().object = name;
    if (key.validated)
        plan_.steps.push_back(ValidationStep(
            key, fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", key.table, quoted), "SHARE UPDATE EXCLUSIVE"));

    DropEarly(key, known);
    final_names_.push_back(CompletionStep(
        key, fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", key.table, quoted, QuoteIdentifier(final_name))));
    if (key.comment)
        final_names_.push_back(
            CompletionStep(key, fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", QuoteIdentifier(final_name),
                                            key.table, QuoteLiteral(*key.comment))));
}

/// The duplicate binds the application's writes as soon as it exists, so both sides must be equal before and after.
void RepointedKeys::RequireSameValues(const PlannedTable &table, const IncomingForeignKey &key,
                                      const Followers &referenced, const Followers &referring) const {
    for (std::size_t i = 0; i < referenced.columns.size(); ++i) {
        const PlannedColumn *const to = referenced.columns[i];
        const bool in_schema = i < referring.columns.size();
        const bool both_kept = IsValueKept(to) && (!in_schema || IsValueKept(referring.columns[i]));
        const bool converted_alike = in_schema && to->conversion == referring.columns[i]->conversion;
        if (both_kept || converted_alike) continue;
        throw Error(
            sqlstates::kFeatureNotSupported,
            {.message = fmt::format("foreign key \"{}\" of table {} would not hold for the new values of column "
                                    "\"{}\" of table \"{}\"",
                                    key.name, key.table, to->name, table.name),
             .detail = "The values of both sides must stay equal while the old and the new version are in use.",
             .hint = fmt::format("Alter column \"{}\" of table {} in the same migration, with the same \"up\", or drop "
                                 "the foreign key first.",
                                 key.columns.at(i), key.table)});
    }
}

void RepointedKeys::PlanFinalNames() {
    plan_.steps.insert(plan_.steps.end(), final_names_.begin(), final_names_.end());
}

void RequireNoKeysTo(const CatalogTable &dropped, PlanContext &context) {
    for (const IncomingForeignKey &key : dropped.incoming_foreign_keys)
        if (!IsOfDroppedTable(key, context.model) && !IsGivenUp(key, ReferringTable(key, context.model)))
            RefuseDropped(key, dropped.name);
}

}  // namespace pgmigrate
