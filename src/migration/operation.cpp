// SPDX-License-Identifier: PostgreSQL
#include "migration/operation.h"

#include <array>

#include "migration/problem.h"

namespace pgmigrate {

std::string_view SqlText(ReferentialAction action) {
    switch (action) {
        case ReferentialAction::kNoAction:
            return "NO ACTION";
        case ReferentialAction::kRestrict:
            return "RESTRICT";
        case ReferentialAction::kCascade:
            return "CASCADE";
        case ReferentialAction::kSetNull:
            return "SET NULL";
        case ReferentialAction::kSetDefault:
            return "SET DEFAULT";
    }
    return {};
}

std::string_view SqlText(MatchType match) {
    switch (match) {
        case MatchType::kSimple:
            return "SIMPLE";
        case MatchType::kFull:
            return "FULL";
        case MatchType::kPartial:
            return "PARTIAL";
    }
    return {};
}

std::string_view OperationName(const Operation &operation) {
    // In the order of the variant's alternatives.
    static constexpr std::array<std::string_view, std::variant_size_v<Operation>> kNames = {
        "create_table",      "rename_table", "drop_table",        "add_column",           "rename_column",
        "drop_column",       "alter_column", "create_constraint", "drop_constraint",      "drop_multicolumn_constraint",
        "rename_constraint", "create_index", "drop_index",        "set_replica_identity", "sql",
    };
    return kNames.at(operation.index());
}

std::string PlaceOf(const Migration &migration, std::size_t operation) {
    std::string migration_path;
    std::size_t at = operation;
    for (std::size_t part = 0; part < migration.parts.size(); ++part) {
        migration_path = ItemPath({}, part);
        if (at < migration.parts[part]) break;
        at -= migration.parts[part];
    }
    return FieldPath(ItemPath(FieldPath(migration_path, "operations"), at),
                     OperationName(migration.operations[operation]));
}

std::string_view IntegerTypeOfSerial(std::string_view type) {
    const std::string lower = ToLower(type);
    if (lower == "serial" || lower == "serial4") return "integer";
    if (lower == "bigserial" || lower == "serial8") return "bigint";
    if (lower == "smallserial" || lower == "serial2") return "smallint";
    return {};
}

}  // namespace pgmigrate
