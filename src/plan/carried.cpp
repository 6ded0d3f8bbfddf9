// SPDX-License-Identifier: PostgreSQL
#include "plan/carried.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ranges>

#include "core/error.h"
#include "core/identifier.h"
#include "core/sqlstates.h"

namespace pgmigrate {
namespace {

/// What the `object` of a step says: that it drops a dependent or makes it anew, or which columns it replaces.
constexpr std::string_view kDependent = "dependent";
constexpr std::string_view kReplaces = R"({"replaces":)";

std::vector<std::string> ReadAmong(const Dependent &dependent, const ColumnsByTable &columns,
                                   const std::string &table) {
    std::vector<std::string> read;
    const auto found = columns.find(table);
    if (found == columns.end()) return read;
    std::ranges::copy_if(dependent.columns, std::back_inserter(read),
                         [&](const std::string &name) { return std::ranges::count(found->second, name) > 0; });
    return read;
}

std::string Names(const std::vector<std::string> &columns, const std::string &table) {
    std::vector<std::string> names;
    for (const std::string &column : columns)
        names.push_back(fmt::format("{}.{}", QuoteIdentifier(table), QuoteIdentifier(column)));
    return fmt::format("{}", fmt::join(names, ", "));
}

/// Goes with its table or column, as in PostgreSQL without a migration.
bool BelongsToTable(const Dependent &dependent, const std::string &qualified_table) {
    return dependent.relation == qualified_table && dependent.kind != "view" && dependent.kind != "materialized view";
}

/// Collects what is carried over and what stands in the way, each once.
class Sorting {
  public:
    Sorting(const CatalogSchema &catalog, const ColumnChanges &changes) : catalog_(catalog), changes_(changes) {}

    void Sort(const CatalogTable &table, const Dependent &dependent) {
        const std::string name = QualifiedName(catalog_.name, table.name);
        if (std::ranges::count(changes_.tables, table.name, &CatalogTable::name) > 0) {
            if (!BelongsToTable(dependent, name))
                Refuse(fmt::format("{} reads table {}, which is dropped", dependent.identity, name));
            return;
        }
        const std::vector<std::string> dropped = ReadAmong(dependent, changes_.dropped, table.name);
        const std::vector<std::string> replaced = ReadAmong(dependent, changes_.replaced, table.name);
        if (!dropped.empty() && dependent.kind == "statistics") return;
        if (!dropped.empty())
            Refuse(
                fmt::format("{} reads {}, dropped by the migration", dependent.identity, Names(dropped, table.name)));
        else if (!replaced.empty() && !dependent.obstacle.empty())
            Refuse(fmt::format("{} reads {}, replaced by the migration: {}", dependent.identity,
                               Names(replaced, table.name), dependent.obstacle));
        else if (!replaced.empty())
            Carry(dependent);
    }

    /// Readers behind what they read.
    std::vector<Dependent> Result() && {
        if (!refused_.empty())
            throw Error(sqlstates::kDependentObjects,
                        {.message = "other objects depend on what the migration replaces or drops",
                         .detail = fmt::format("{}.", fmt::join(refused_, ".\n")),
                         .hint = "Drop these objects, run the migration, and create them anew."});
        std::ranges::stable_sort(carried_, {}, &Dependent::depth);
        return std::move(carried_);
    }

  private:
    void Refuse(std::string line) {
        if (std::ranges::count(refused_, line) == 0) refused_.push_back(std::move(line));
    }
    void Carry(const Dependent &dependent) {
        const auto known = std::ranges::find(carried_, dependent.identity, &Dependent::identity);
        if (known == carried_.end())
            carried_.push_back(dependent);
        else
            known->depth = std::max(known->depth, dependent.depth);  // it reads several tables
    }

    const CatalogSchema &catalog_;
    const ColumnChanges &changes_;
    std::vector<Dependent> carried_;
    std::vector<std::string> refused_;
};

Step CarryStep(const std::string &statement, const Dependent &dependent) {
    return {.phase = Phase::kContract,
            .statement = statement,
            .undo = {},
            .table = dependent.relation,
            .lock = "ACCESS EXCLUSIVE",
            .object = std::string(kDependent)};
}

bool ReplacesColumns(const Step &step) { return step.phase == Phase::kContract && step.object.starts_with(kReplaces); }

ColumnsByTable ReplacedBy(const std::vector<Step> &steps) {
    ColumnsByTable replaced;
    for (const Step &step : steps | std::views::filter(ReplacesColumns)) {
        const auto of_step = nlohmann::json::parse(step.object).at("replaces").get<ColumnsByTable>();
        for (const auto &[table, columns] : of_step)
            replaced[table].insert(replaced[table].end(), columns.begin(), columns.end());
    }
    return replaced;
}

std::vector<Step> StepsAgain(const std::vector<Dependent> &dependents) {
    std::vector<Step> steps;
    for (const Dependent &dependent : dependents)
        for (const std::string &statement : dependent.create) steps.push_back(CarryStep(statement, dependent));
    return steps;
}

}  // namespace

std::vector<Dependent> DependentsToCarry(const CatalogSchema &catalog, const ColumnChanges &changes) {
    Sorting sorting(catalog, changes);
    for (const CatalogTable &table : catalog.tables)
        for (const Dependent &dependent : table.dependents) sorting.Sort(table, dependent);
    return std::move(sorting).Result();
}

std::vector<Step> DropsOfDependents(const std::vector<Dependent> &dependents) {
    std::vector<Step> steps;
    for (const Dependent &dependent : std::views::reverse(dependents))
        steps.push_back(CarryStep(dependent.drop, dependent));
    return steps;
}

std::string MarkOfReplacement(const ColumnsByTable &replaced) {
    return replaced.empty() ? std::string() : fmt::format("{}{}}}", kReplaces, nlohmann::json(replaced).dump());
}

bool CarriesDependent(const Step &step) { return step.phase == Phase::kContract && step.object == kDependent; }

std::vector<Step> WithDependentsOf(const CatalogSchema &catalog, std::vector<Step> steps) {
    std::erase_if(steps, CarriesDependent);
    const ColumnsByTable replaced = ReplacedBy(steps);
    if (replaced.empty()) return steps;
    const std::vector<Dependent> dependents = DependentsToCarry(catalog, {.replaced = replaced, .dropped = {}});
    const std::vector<Step> drops = DropsOfDependents(dependents);
    const std::vector<Step> again = StepsAgain(dependents);
    const auto last = std::find_if(steps.rbegin(), steps.rend(), ReplacesColumns).base();
    steps.insert(last, again.begin(), again.end());
    steps.insert(std::ranges::find_if(steps, ReplacesColumns), drops.begin(), drops.end());
    return steps;
}

}  // namespace pgmigrate
