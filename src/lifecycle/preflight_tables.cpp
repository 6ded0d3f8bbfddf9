// SPDX-License-Identifier: PostgreSQL
// What is on the tables.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/identifier.h"
#include "core/sqlstates.h"
#include "lifecycle/preflight.h"

namespace pgmigrate {
namespace {

bool Has(const std::vector<std::string> &names, const std::string &name) {
    return std::ranges::find(names, name) != names.end();
}

/// Finds what there is to say of one table.
class TableCheck {
  public:
    TableCheck(const PreflightInput &input, const TableFacts &table, std::vector<Finding> &findings)
        : input_(input), table_(table), findings_(findings), name_(QualifiedName(input.catalog.name, table.name)) {
        if (input.plan == nullptr) return;
        const auto found = std::ranges::find(input.plan->table_changes, table.name, &TableChange::table);
        if (found != input.plan->table_changes.end()) change_ = &*found;
        dropped_ = change_ == nullptr;
    }

    void Run() {
        Size();
        Owner();
        Children();
        Parents();
        Triggers();
        Rules();
        Policies();
        Publications();
    }

  private:
    void Add(Severity severity, std::string check, std::string message, std::string hint, SqlState state = {""}) {
        findings_.push_back({.severity = severity,
                             .check = std::move(check),
                             .object = name_,
                             .message = std::move(message),
                             .hint = std::move(hint),
                             .state = state});
    }
    void Size();
    void Owner();
    void Children();
    void Parents();
    void Triggers();
    void Rules();
    void Policies();
    void Publications();

    const PreflightInput &input_;
    const TableFacts &table_;
    const TableChange *change_ = nullptr;
    bool dropped_ = false;
    std::vector<Finding> &findings_;
    const std::string name_;
};

void TableCheck::Size() {
    const bool known = table_.rows >= 0;
    std::string message =
        fmt::format("table {}, indexes {}, {}", PrettySize(table_.heap_bytes), PrettySize(table_.index_bytes),
                    known ? fmt::format("about {:.0f} rows", table_.rows) : "never analysed");
    if (change_ != nullptr && change_->filled) message += "; all rows are filled";
    Add(Severity::kInfo, "table size", std::move(message),
        known ? "migrate_plan() shows the size of each step."
              : fmt::format("ANALYZE {} makes the forecasts better.", name_));
}

void TableCheck::Owner() {
    const auto found = std::ranges::find(input_.catalog.tables, table_.name, &CatalogTable::name);
    if (found == input_.catalog.tables.end() || found->owned_by_caller) return;
    Add(Severity::kWarning, "owner", fmt::format("the current role does not own it; role \"{}\" does", found->owner),
        "Run migrations of this table as its owner, for example after SET ROLE.");
}

void TableCheck::Children() {
    if (table_.children.empty()) return;
    const std::string children = fmt::format("{}", fmt::join(table_.children, ", "));
    // Neither fill nor sync trigger reaches the rows of child tables, and a column cannot be dropped from a parent
    // alone.
    if (change_ != nullptr && (change_->filled || !change_->gone_columns.empty()))
        Add(Severity::kError, "inheritance",
            fmt::format("table {} has child tables, which the migration would not change: {}", name_, children),
            "Detach them first (ALTER TABLE … NO INHERIT …), or make the table a partitioned one.",
            sqlstates::kFeatureNotSupported);
    else
        Add(Severity::kInfo, "inheritance", fmt::format("has child tables: {}", children),
            "A migration can add and rename its columns; it cannot fill or drop them while it has children.");
}

void TableCheck::Parents() {
    if (table_.parents.empty()) return;
    const std::string parents = fmt::format("{}", fmt::join(table_.parents, ", "));
    for (const std::string &column : table_.inherited_columns) {
        if (change_ == nullptr || !(Has(change_->gone_columns, column) || Has(change_->retyped_columns, column) ||
                                    Has(change_->renamed_columns, column)))
            continue;
        Add(Severity::kError, "inheritance",
            fmt::format("column \"{}\" of table {} is inherited from {}, so completion cannot change it", column, name_,
                        parents),
            fmt::format("Detach the table first: ALTER TABLE {} NO INHERIT {};", name_, parents),
            sqlstates::kInheritedColumn);
        return;
    }
    Add(Severity::kInfo, "inheritance", fmt::format("is a child table of {}", parents),
        "A migration cannot change the columns that it inherits.");
}

void TableCheck::Triggers() {
    for (const TriggerFact &trigger : table_.triggers) {
        // Triggers of one kind fire in byte order of their names.
        const bool late = trigger.before_row && trigger.enabled &&
                          trigger.name > (change_ != nullptr && !change_->sync_trigger.empty() ? change_->sync_trigger
                                                                                               : std::string("\x7f"));
        std::string message = fmt::format("{} trigger {}{}", trigger.event, QuoteIdentifier(trigger.name),
                                          trigger.enabled ? "" : ", disabled");
        if (late)
            Add(Severity::kWarning, "triggers",
                message + " fires after the migration's own trigger, which would not see what it changes",
                fmt::format("Give it a name that sorts first: ALTER TRIGGER {} ON {} RENAME TO …;",
                            QuoteIdentifier(trigger.name), name_));
        else
            Add(Severity::kInfo, "triggers", std::move(message),
                "It goes on firing, and sees the columns of the table itself. Filling rows fires no trigger.");
    }
}

void TableCheck::Rules() {
    for (const std::string &rule : table_.rules)
        Add(Severity::kWarning, "rules", fmt::format("rule {} rewrites statements on it", QuoteIdentifier(rule)),
            "It also rewrites what is written through a version's view. Try it with both versions, or use a trigger.");
}

void TableCheck::Policies() {
    if (!table_.row_security && table_.policies.empty()) return;
    std::string message = table_.row_security ? "row security is on" : "row security is off";
    if (!table_.policies.empty()) message += fmt::format("; policies: {}", QuoteIdentifiers(table_.policies));
    Add(Severity::kInfo, "policies", std::move(message),
        "The views of a version apply them to the one who asks (security_invoker).");
}

void TableCheck::Publications() {
    for (const PublicationFact &publication : table_.publications) {
        std::string message = fmt::format("publication {} publishes {}{}", QuoteIdentifier(publication.name),
                                          publication.all_columns ? "all columns" : "a list of columns",
                                          publication.row_filter ? " of some rows" : "");
        // A subscriber stops when it lacks a published column.
        if (publication.all_columns && change_ != nullptr && !change_->columns.empty())
            Add(Severity::kWarning, "publications", message + ", and the migration adds some at once",
                "Add them at the subscribers first (their names are in migrate_plan()), or publish a list of columns.");
        else
            Add(Severity::kInfo, "publications", std::move(message),
                publication.all_columns ? "Subscribers need every column that a migration adds."
                                        : "New columns are not published until you add them to the list.");
    }
}

}  // namespace

void CheckTables(const PreflightInput &input, std::vector<Finding> &findings) {
    for (const TableFacts &table : input.tables) TableCheck(input, table, findings).Run();
}

}  // namespace pgmigrate
