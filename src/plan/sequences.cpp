// SPDX-License-Identifier: PostgreSQL
// The sequences behind serial and identity columns: completion gives them to the columns that stay.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/identifier.h"
#include "plan/context.h"

namespace pgmigrate {
namespace {

/// The integer types from narrow to wide; 0 for any other type.
int Width(const std::string &type) {
    static constexpr std::array kTypes = std::to_array<std::string_view>({"smallint", "integer", "bigint"});
    return static_cast<int>((std::ranges::find(kTypes, type) - kTypes.begin() + 1) % (kTypes.size() + 1));
}

/// The name behind the schema, quoted as it was.
std::string WithoutSchema(const std::string &qualified) {
    bool is_quoted = false;
    std::size_t start = 0;
    for (std::size_t at = 0; at < qualified.size(); ++at) {
        if (qualified[at] == '"') is_quoted = !is_quoted;
        if (qualified[at] == '.' && !is_quoted) start = at + 1;
    }
    return qualified.substr(start);
}

void MoveSerial(const PlannedColumn &column, const std::string &table, SequenceMoves &moves) {
    // A sequence made for an integer ends at 2147483647, whatever the column could hold by now.
    const bool is_wider =
        column.origin != nullptr && Width(column.origin->type) > 0 && Width(column.type) > Width(column.origin->type);
    moves.before_drop.push_back(fmt::format("ALTER SEQUENCE {} {}OWNED BY {}.{}", column.owned_sequence,
                                            is_wider ? fmt::format("AS {} ", column.type) : "", table,
                                            QuoteIdentifier(column.physical)));
}

/// PostgreSQL ties the sequence of an identity column to it for good: the new column gets one of its own that goes on
/// where the old one is.
void ReplaceIdentity(const PlannedColumn &column, const PlannedTable &table, PlanContext &context,
                     SequenceMoves &moves) {
    Model &model = context.model;
    if (Width(column.type) == 0 || column.nullable) {
        model.warnings.push_back(fmt::format(
            "identity of column \"{}\" of table \"{}\" is not kept: {}", column.name, table.name,
            column.nullable ? "the column becomes nullable" : fmt::format("type {} cannot have one", column.type)));
        return;
    }
    const std::string temporary = QualifiedName(
        model.catalog.name,
        model.FreeRelationName(DerivedName("_pgmigrate_new_", table.physical + '_' + column.name, "_seq")));
    const CatalogColumn &origin = *column.origin;
    moves.before_drop.push_back(fmt::format(
        "ALTER TABLE {} ALTER COLUMN {} ADD GENERATED {} AS IDENTITY (SEQUENCE NAME {}{})", model.Qualified(table),
        QuoteIdentifier(column.physical), origin.identity == "a" ? "ALWAYS" : "BY DEFAULT", temporary,
        origin.sequence_options.empty() ? "" : ' ' + origin.sequence_options));
    moves.before_drop.push_back(fmt::format("SELECT pg_catalog.setval({}, last_value, is_called) FROM {}",
                                            QuoteLiteral(temporary), column.owned_sequence));
    for (const Grant &grant : origin.sequence_grants)
        moves.before_drop.push_back(fmt::format("GRANT {} ON SEQUENCE {} TO {}{}", grant.privilege, temporary,
                                                grant.grantee.empty() ? "PUBLIC" : QuoteIdentifier(grant.grantee),
                                                grant.grantable ? " WITH GRANT OPTION" : ""));
    if (origin.sequence_comment)
        moves.before_drop.push_back(
            fmt::format("COMMENT ON SEQUENCE {} IS {}", temporary, QuoteLiteral(*origin.sequence_comment)));
    moves.after_drop.push_back(
        fmt::format("ALTER SEQUENCE {} RENAME TO {}", temporary, WithoutSchema(column.owned_sequence)));
}

}  // namespace

SequenceMoves PlanSequences(const PlannedTable &table, PlanContext &context) {
    SequenceMoves moves;
    for (const PlannedColumn &column : table.columns) {
        const bool moved = column.origin == nullptr || column.physical != column.origin->name;
        if (column.owned_sequence.empty() || !moved) continue;
        const bool is_identity = column.origin != nullptr && !column.origin->identity.empty();
        const bool is_kept = std::ranges::count(table.default_from_source, column.physical) > 0;
        if (!is_identity)
            MoveSerial(column, context.model.Qualified(table), moves);
        else if (is_kept)
            ReplaceIdentity(column, table, context, moves);
    }
    return moves;
}

}  // namespace pgmigrate
