// SPDX-License-Identifier: PostgreSQL
#include "monitor/drift.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string_view>

namespace pgmigrate {
namespace {

using Json = nlohmann::json;

/// A fact of a table, column, index or constraint.
struct Fact {
    const char *key;
    std::string_view words;
    bool pgroll_knows = true;
};

constexpr Fact kTableFacts[] = {{"comment", "comment"},
                                {"primaryKey", "primary key"},
                                {"partitionKey", "partition key", false},
                                {"replicaIdentity", "replica identity", false}};
constexpr Fact kColumnFacts[] = {{"type", "type"},
                                 {"default", "default"},
                                 {"nullable", "nullable"},
                                 {"comment", "comment"},
                                 {"identity", "identity", false},
                                 {"generated", "generation expression", false},
                                 {"collation", "collation", false},
                                 {"enumValues", "values", false}};
constexpr Fact kIndexFacts[] = {{"definition", "definition"}, {"valid", "valid", false}};
constexpr Fact kConstraintFacts[] = {{"definition", "definition", false}, {"comment", "comment", false}};

/// What tables consist of. `essence` is the fact that tells an added or dropped one best.
struct Part {
    const char *key;
    std::string_view kind;
    const char *essence;
    std::span<const Fact> facts;
};
constexpr std::array<Part, 6> kParts = {{
    {"columns", "column", "type", kColumnFacts},
    {"indexes", "index", "definition", kIndexFacts},
    {"checkConstraints", "check constraint", "definition", kConstraintFacts},
    {"uniqueConstraints", "unique constraint", "definition", kConstraintFacts},
    {"excludeConstraints", "exclusion constraint", "definition", kConstraintFacts},
    {"foreignKeys", "foreign key", "definition", kConstraintFacts},
}};

/// The object under a key; an empty one where the text has none.
const Json &Member(const Json &object, const char *key) {
    static const Json kNone = Json::object();
    const auto found = object.find(key);
    return found == object.end() || !found->is_object() ? kNone : *found;
}

Json Tables(const std::string &text) {
    const Json schema = Json::parse(text, nullptr, false);
    return schema.is_object() ? Member(schema, "tables") : Json::object();
}

std::string ShowFact(const Json &object, const char *key) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) return "none";
    if (found->is_string()) return found->get<std::string>();
    if (!found->is_array()) return found->dump();
    std::vector<std::string> items;
    for (const Json &item : *found) items.push_back(item.is_string() ? item.get<std::string>() : item.dump());
    return fmt::format("({})", fmt::join(items, ", "));
}

/// An added or dropped one in a few words; empty where the fact is unknown.
std::string Essence(const Json &object, const char *key) {
    return object.contains(key) ? ShowFact(object, key) : std::string();
}

class Comparison {
  public:
    explicit Comparison(DefinitionBy stored_by) : from_pgroll_(stored_by == DefinitionBy::kPgroll) {}

    void CompareTables(const Json &stored, const Json &now) {
        std::set<std::string> names;
        for (const auto &item : stored.items()) names.insert(item.key());
        for (const auto &item : now.items()) names.insert(item.key());
        for (const std::string &name : names) {
            if (!stored.contains(name)) {
                Add("table", name, name, "added", {});
            } else if (!now.contains(name)) {
                if (!from_pgroll_) Add("table", name, name, "dropped", {});  // it may have been a partition
            } else {
                CompareTable(name, stored[name], now[name]);
            }
        }
    }

    std::vector<SchemaDifference> Take() { return std::move(differences_); }

  private:
    void Add(std::string_view kind, const std::string &table, const std::string &name, std::string_view change,
             std::string detail) {
        differences_.push_back({.kind = std::string(kind),
                                .table = table,
                                .name = name,
                                .change = std::string(change),
                                .detail = std::move(detail)});
    }

    std::string ChangedFacts(const Json &stored, const Json &now, std::span<const Fact> facts) const {
        std::vector<std::string> changed;
        for (const Fact &fact : facts) {
            if (from_pgroll_ && !fact.pgroll_knows) continue;
            const std::string was = ShowFact(stored, fact.key);
            const std::string is = ShowFact(now, fact.key);
            if (was != is) changed.push_back(fmt::format("{} was {}, is {}", fact.words, was, is));
        }
        return fmt::format("{}", fmt::join(changed, "; "));
    }

    void CompareTable(const std::string &table, const Json &stored, const Json &now) {
        if (std::string changed = ChangedFacts(stored, now, kTableFacts); !changed.empty())
            Add("table", table, table, "changed", std::move(changed));
        for (const Part &part : kParts) CompareParts(table, part, stored, now);
    }

    /// Is this the index of a constraint that is compared itself?
    static bool BelongsToConstraint(const Part &part, const std::string &name, const Json &table) {
        return std::string_view(part.key) == "indexes" && (Member(table, "uniqueConstraints").contains(name) ||
                                                           Member(table, "excludeConstraints").contains(name));
    }

    void CompareParts(const std::string &table, const Part &part, const Json &stored_table, const Json &now_table) {
        const Json &stored = Member(stored_table, part.key);
        const Json &now = Member(now_table, part.key);
        std::set<std::string> names;
        for (const auto &item : stored.items()) names.insert(item.key());
        for (const auto &item : now.items()) names.insert(item.key());
        for (const std::string &name : names) {
            if (BelongsToConstraint(part, name, stored_table) || BelongsToConstraint(part, name, now_table)) continue;
            if (!stored.contains(name)) {
                Add(part.kind, table, name, "added", Essence(now[name], part.essence));
            } else if (!now.contains(name)) {
                Add(part.kind, table, name, "dropped", Essence(stored[name], part.essence));
            } else if (std::string changed = ChangedFacts(stored[name], now[name], part.facts); !changed.empty()) {
                Add(part.kind, table, name, "changed", std::move(changed));
            }
        }
    }

    const bool from_pgroll_;
    std::vector<SchemaDifference> differences_;
};

bool IsNameCharacter(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || c < 0;
}

std::string Fold(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

bool Mentions(const std::string &statement, const std::string &name) {
    for (std::size_t at = statement.find(name); at != std::string::npos; at = statement.find(name, at + 1)) {
        const std::size_t end = at + name.size();
        const bool begins = at == 0 || !IsNameCharacter(statement[at - 1]);
        if (begins && (end == statement.size() || !IsNameCharacter(statement[end]))) return true;
    }
    return false;
}

/// The name as it stands between the quotes of an SQL identifier.
std::string Doubled(std::string name) {
    for (std::size_t at = name.find('"'); at != std::string::npos; at = name.find('"', at + 2)) name.insert(at, 1, '"');
    return name;
}

}  // namespace

std::vector<SchemaDifference> CompareSchemas(const std::string &stored, const std::string &now,
                                             DefinitionBy stored_by) {
    Comparison comparison(stored_by);
    comparison.CompareTables(Tables(stored), Tables(now));
    return comparison.Take();
}

void ExcludeMentioned(std::vector<SchemaDifference> &differences, const std::vector<std::string> &statements) {
    std::vector<std::string> folded;  // an unquoted name may be written in any case
    for (const std::string &statement : statements) folded.push_back(Fold(statement));
    std::erase_if(differences, [&folded](const SchemaDifference &difference) {
        const std::string name = Fold(Doubled(difference.table));
        return std::ranges::any_of(folded, [&name](const std::string &statement) { return Mentions(statement, name); });
    });
}

std::string Describe(const SchemaDifference &difference) {
    const std::string name = difference.kind == "table" ? difference.name : difference.table + '.' + difference.name;
    return fmt::format("{} {} was {}{}{}", difference.kind, name, difference.change,
                       difference.detail.empty() ? "" : ": ", difference.detail);
}

}  // namespace pgmigrate
