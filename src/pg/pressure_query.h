// SPDX-License-Identifier: PostgreSQL
// The query of the user's that gives a pressure (setting pgmigrate.pressure_query).
#pragma once

#include <optional>
#include <string>

namespace pgmigrate::pg {

struct QueryAnswer {
    std::optional<double> value;
    std::string problem;  ///< why there is no value
};

/// Asks it in a read-only transaction of its own, between transactions, as the role that started the migration, in a
/// restricted operation, for at most two seconds. Whatever goes wrong is an answer without a value.
QueryAnswer AskPressureQuery(const std::string &query, const std::string &role, const std::string &search_path);

}  // namespace pgmigrate::pg
