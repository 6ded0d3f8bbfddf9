// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/reference_cycles.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <set>

namespace pgmigrate {
namespace {

/// Tables referred to, by table; ordered, so that the same foreign keys always give the same cycles.
using Graph = std::map<std::string, std::set<std::string>>;

/// The shortest way from `start` back to it that leaves it; empty if there is none. Breadth first.
std::vector<std::string> ShortestCycle(const Graph &graph, const std::string &start) {
    std::map<std::string, std::string> came_from;
    std::deque<std::string> next{start};
    while (!next.empty()) {
        const std::string table = next.front();
        next.pop_front();
        const auto found = graph.find(table);
        if (found == graph.end()) continue;
        for (const std::string &target : found->second) {
            if (target == table) continue;
            if (target != start) {
                if (came_from.emplace(target, table).second) next.push_back(target);
                continue;
            }
            std::vector<std::string> cycle{start};
            for (std::string at = table; at != start; at = came_from.at(at)) cycle.push_back(at);
            cycle.push_back(start);
            std::ranges::reverse(cycle);
            return cycle;
        }
    }
    return {};
}

std::set<std::string> Reachable(const Graph &graph, const std::string &start) {
    std::set<std::string> seen;
    std::deque<std::string> next{start};
    while (!next.empty()) {
        const auto found = graph.find(next.front());
        next.pop_front();
        if (found == graph.end()) continue;
        for (const std::string &target : found->second)
            if (seen.insert(target).second) next.push_back(target);
    }
    return seen;
}

}  // namespace

std::vector<std::vector<std::string>> FindReferenceCycles(const std::vector<ForeignKeyEdge> &edges) {
    Graph graph;
    Graph reversed;
    for (const ForeignKeyEdge &edge : edges) {
        graph[edge.from].insert(edge.to);
        reversed[edge.to].insert(edge.from);
    }
    std::vector<std::vector<std::string>> cycles;
    std::set<std::string> known;  // tables of a group whose cycle has been found
    for (const auto &[table, targets] : graph) {
        if (targets.contains(table)) cycles.push_back({table, table});
        if (known.contains(table)) continue;
        const std::vector<std::string> cycle = ShortestCycle(graph, table);
        if (cycle.empty()) continue;
        cycles.push_back(cycle);
        std::ranges::set_intersection(Reachable(graph, table), Reachable(reversed, table),
                                      std::inserter(known, known.end()));
    }
    return cycles;
}

std::string NameOfCycle(const std::vector<std::string> &cycle) { return fmt::format("{}", fmt::join(cycle, " → ")); }

}  // namespace pgmigrate
