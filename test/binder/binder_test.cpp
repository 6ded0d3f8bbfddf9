// SPDX-License-Identifier: PostgreSQL
// SQL functions over ServerExpressionBinder.
#include "pg/boundary.h"
#include "sync/expression.h"

extern "C" {
PG_MODULE_MAGIC;
}

namespace pgmigrate {
namespace {

/// Reads "name type [COLLATE collation], …"; a quoted name may hold doubled quotes. Commas inside parentheses belong to
/// a type.
std::vector<Variable> ReadVariables(const std::string &list) {
    std::vector<Variable> result;
    std::size_t at = 0;
    while (at < list.size()) {
        Variable variable;
        if (list[at] == '"') {
            for (++at; list[at] != '"' || list[at + 1] == '"'; ++at) {
                if (list[at] == '"') ++at;
                variable.name += list[at];
            }
            at += 2;
        } else {
            const std::size_t space = list.find(' ', at);
            variable.name = list.substr(at, space - at);
            at = space + 1;
        }
        std::size_t end = list.find(", ", at);
        if (end == std::string::npos) end = list.size();
        variable.type = list.substr(at, end - at);
        if (const std::size_t collate = variable.type.find(" COLLATE "); collate != std::string::npos) {
            variable.collation = variable.type.substr(collate + 9);
            variable.type.resize(collate);
        }
        result.push_back(variable);
        at = end + 2;
    }
    return result;
}

Datum Bind(pg::Arguments arguments) {
    const Scope scope{arguments.Required<std::string>(2, "table_name"),
                      ReadVariables(arguments.Required<std::string>(3, "variables"))};
    const BoundExpression bound = sync::ServerExpressionBinder().Bind(
        arguments.Required<std::string>(0, "expression"), scope, arguments.Required<std::string>(1, "target_type"));
    std::string line = bound.text + " | " + bound.type + " |";
    for (const std::string &parameter : bound.parameters) line += ' ' + parameter;
    if (bound.is_volatile) line += ", volatile";
    if (bound.is_immutable) line += ", immutable";
    if (bound.has_subquery) line += ", subquery";
    if (bound.is_bare_parameter) line += ", bare";
    return pg::Arguments::Return(line);
}

Datum CanonicalType(pg::Arguments arguments) {
    return pg::Arguments::Return(
        sync::ServerExpressionBinder().CanonicalType(arguments.Required<std::string>(0, "type")));
}

}  // namespace
}  // namespace pgmigrate

PGMIGRATE_FUNCTION(binder_test_bind, pgmigrate::Bind)
PGMIGRATE_FUNCTION(binder_test_canonical_type, pgmigrate::CanonicalType)
