// SPDX-License-Identifier: PostgreSQL
// Rules about whole operations, one function for each operation.
#include "migration/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/sqlstates.h"
#include "migration/problem.h"
#include "migration/sql_clause.h"

namespace pgmigrate {
namespace {

/// PostgreSQL would refuse such a name at completion only, when the column gets it.
void CheckColumnName(const std::string &name, const std::string &path) {
    static constexpr std::array kSystemColumns =
        std::to_array<std::string_view>({"tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"});
    CheckName(name, path);
    if (std::ranges::count(kSystemColumns, name) == 0) return;
    throw Error(sqlstates::kDuplicateColumn, {.message = fmt::format("field \"{}\" names a column \"{}\"", path, name),
                                              .detail = "Every table has a system column of this name.",
                                              .hint = "Choose another name."});
}

void CheckColumn(const ColumnDefinition &column, const std::string &path) {
    CheckColumnName(column.name, FieldPath(path, "name"));
    if (column.default_value && !IntegerTypeOfSerial(column.type).empty()) {
        throw Error(sqlstates::kSyntaxError,
                    {.message = fmt::format("multiple default values specified for column \"{}\"", column.name),
                     .detail = fmt::format("Field \"{}\" gives one to a serial column, which has its sequence.",
                                           FieldPath(path, "default")),
                     .hint = "Leave \"default\" out, or choose an integer type."});
    }
    if (column.check) CheckCheck(*column.check, FieldPath(path, "check"));
    if (column.references) CheckReference(*column.references, FieldPath(path, "references"));
    if (column.generated) CheckGenerated(*column.generated, FieldPath(path, "generated"));
}

void CheckPrimaryKeys(const CreateTable &operation, const std::string &path) {
    const bool is_on_columns = std::ranges::any_of(operation.columns, &ColumnDefinition::primary_key);
    std::size_t constraints = 0;
    for (std::size_t at = 0; at < operation.constraints.size(); ++at) {
        if (operation.constraints[at].type != ConstraintType::kPrimaryKey) continue;
        if (++constraints == 1 && !is_on_columns) continue;
        ThrowInvalid({.message = fmt::format("field \"{}\" is a second primary key",
                                             ItemPath(FieldPath(path, "constraints"), at)),
                      .detail = is_on_columns ? "Columns of the table have \"pk\" already."
                                              : "The table has a constraint of type \"primary_key\" already.",
                      .hint = "Keep one of them."});
    }
}

/// The table is new, so all columns it has are known.
void CheckConstrainedColumns(const CreateTable &operation, const std::string &path) {
    const auto is_column = [&operation](const std::string &name) {
        return std::ranges::find(operation.columns, name, &ColumnDefinition::name) != operation.columns.end();
    };
    const auto check = [&](const std::vector<std::string> &names, const std::string &field) {
        for (std::size_t at = 0; at < names.size(); ++at) {
            if (is_column(names[at])) continue;
            throw Error(sqlstates::kUndefinedColumn,
                        {.message = fmt::format("field \"{}\" names column \"{}\", which the table does not have",
                                                ItemPath(field, at), MakePrintable(names[at])),
                         .hint = "Name a column listed in \"columns\" of the table."});
        }
    };
    for (std::size_t at = 0; at < operation.constraints.size(); ++at) {
        const std::string constraint = ItemPath(FieldPath(path, "constraints"), at);
        check(operation.constraints[at].columns, FieldPath(constraint, "columns"));
        check(operation.constraints[at].index_parameters.include_columns,
              FieldPath(constraint, "index_parameters.include_columns"));
    }
}

void Check(const CreateTable &operation, const std::string &path) {
    CheckName(operation.name, FieldPath(path, "name"));
    std::set<std::string_view> names;
    for (std::size_t at = 0; at < operation.columns.size(); ++at) {
        const ColumnDefinition &column = operation.columns[at];
        const std::string column_path = ItemPath(FieldPath(path, "columns"), at);
        CheckColumn(column, column_path);
        if (names.insert(column.name).second) continue;
        throw Error(sqlstates::kDuplicateColumn,
                    {.message = fmt::format("field \"{}\" names column \"{}\" again", FieldPath(column_path, "name"),
                                            MakePrintable(column.name)),
                     .hint = "Give each column of a table a name of its own."});
    }
    for (std::size_t at = 0; at < operation.constraints.size(); ++at)
        CheckConstraintFields(operation.constraints[at], ItemPath(FieldPath(path, "constraints"), at));
    CheckPrimaryKeys(operation, path);
    CheckConstrainedColumns(operation, path);
}

void Check(const RenameTable &operation, const std::string &path) { CheckName(operation.to, FieldPath(path, "to")); }

void Check(const AddColumn &operation, const std::string &path) {
    const ColumnDefinition &column = operation.column;
    const std::string column_path = FieldPath(path, "column");
    CheckColumn(column, column_path);
    if (column.primary_key) {
        ThrowInvalid({.message = fmt::format("field \"{}\" cannot be true", FieldPath(column_path, "pk")),
                      .detail = "A column that is added cannot be part of the primary key.",
                      .hint = "Add the column first, and the key with create_constraint in a later migration."});
    }
    if (column.generated) {
        throw Error(sqlstates::kFeatureNotSupported,
                    {.message = fmt::format("field \"{}\" is not supported", FieldPath(column_path, "generated")),
                     .detail = "A generated column can only be part of a new table.",
                     .hint = "Use create_table, or add the column with the operation sql."});
    }
    if (column.nullable || column.default_value || operation.up || !IntegerTypeOfSerial(column.type).empty()) return;
    ThrowMissing(FieldPath(path, "up"), "The column is NOT NULL and has no default, so existing rows need a value.",
                 "Add \"up\" or \"column.default\", or set \"column.nullable\" to true.");
}

void Check(const RenameColumn &operation, const std::string &path) {
    CheckColumnName(operation.to, FieldPath(path, "to"));
}

/// `change` says in a sentence what needs the expressions.
void RequireExpressions(const AlterColumn &operation, bool up, bool down, std::string_view change,
                        const std::string &path) {
    const auto require = [&](bool needed, const std::optional<std::string> &expression, std::string_view field) {
        if (!needed || expression) return;
        ThrowMissing(
            FieldPath(path, field), fmt::format("{} needs \"{}\".", change, field),
            fmt::format("Add \"{}\", an SQL expression; the column's own name leaves the value as it is.", field));
    };
    require(up, operation.up, "up");
    require(down, operation.down, "down");
}

void Check(const AlterColumn &operation, const std::string &path) {
    const bool changes = operation.type || operation.nullable || operation.unique || operation.check ||
                         operation.references || operation.default_value || operation.comment;
    if (!changes) {
        ThrowInvalid({.message = fmt::format("operation \"{}\" changes nothing", path),
                      .hint = "Add one of type, nullable, unique, check, references, default, comment."});
    }
    if (operation.unique) CheckName(*operation.unique, FieldPath(path, "unique.name"));
    if (operation.check) CheckCheck(*operation.check, FieldPath(path, "check"));
    if (operation.references) CheckReference(*operation.references, FieldPath(path, "references"));
    if (operation.type) RequireExpressions(operation, true, true, "A change of type", path);
    if (operation.check) RequireExpressions(operation, true, true, "A new check constraint", path);
    if (operation.references) RequireExpressions(operation, true, true, "A new foreign key", path);
    if (!operation.nullable) return;
    if (*operation.nullable) {
        RequireExpressions(operation, false, true, "Removing NOT NULL", path);
    } else {
        RequireExpressions(operation, true, false, "Adding NOT NULL", path);
    }
}

/// Each column has an expression, and nothing else has.
void CheckExpressions(const ColumnExpressions &expressions, const std::vector<std::string> &columns,
                      const std::string &path) {
    for (const std::string &column : columns) {
        if (expressions.contains(column)) continue;
        ThrowMissing(FieldPath(path, column),
                     fmt::format("Column \"{}\" of the constraint needs an expression.", MakePrintable(column)),
                     "Add it; the column's own name leaves the value as it is.");
    }
    for (const auto &[column, expression] : expressions) {
        if (std::ranges::find(columns, column) != columns.end()) continue;
        ThrowInvalid({.message = fmt::format("field \"{}\" is redundant", FieldPath(path, column)),
                      .detail = fmt::format("Column \"{}\" is not listed in \"columns\".", MakePrintable(column)),
                      .hint = "Remove it, or list the column."});
    }
}

void Check(const CreateConstraint &operation, const std::string &path) {
    CheckConstraintFields(operation.constraint, path);
    CheckExpressions(operation.up, operation.constraint.columns, FieldPath(path, "up"));
    CheckExpressions(operation.down, operation.constraint.columns, FieldPath(path, "down"));
}

void Check(const DropMulticolumnConstraint &operation, const std::string &path) {
    if (!operation.down.empty()) return;
    ThrowMissing(FieldPath(path, "down"), "Each column of the constraint needs an expression.",
                 "Add an object with an SQL expression for each column of the constraint.");
}

void Check(const RenameConstraint &operation, const std::string &path) {
    CheckName(operation.to, FieldPath(path, "to"));
}

void Check(const CreateIndex &operation, const std::string &path) {
    CheckName(operation.name, FieldPath(path, "name"));
    CheckClause(operation.storage_parameters, FieldPath(path, "storage_parameters"));
    for (std::size_t at = 0; at < operation.columns.size(); ++at) {
        const IndexColumn &column = operation.columns[at];
        const std::string column_path = ItemPath(FieldPath(path, "columns"), at);
        CheckClause(column.collate, FieldPath(column_path, "collate"));
        CheckClause(column.opclass, FieldPath(column_path, "opclass.name"));
        for (const std::string &parameter : column.opclass_parameters)
            CheckClause(std::string_view(parameter), FieldPath(column_path, "opclass.params"));
    }
}

void Check(const SetReplicaIdentity &operation, const std::string &path) {
    if (operation.type != "index" || operation.index) return;
    ThrowMissing(FieldPath(path, "identity.index"), "A replica identity of type \"index\" needs the name of an index.",
                 "Add \"index\".");
}

void Check(const RawSql &operation, const std::string &path) {
    if (!operation.on_complete || !operation.down) return;
    ThrowInvalid(
        {.message = fmt::format("field \"{}\" cannot be combined with \"onComplete\"", FieldPath(path, "down")),
         .detail = "SQL that runs at completion cannot be rolled back.",
         .hint = "Remove one of them."});
}

// The rest has nothing to check without the catalog; naming them makes a new operation fail to compile here.
void Check(const DropTable &, const std::string &) {}
void Check(const DropColumn &, const std::string &) {}
void Check(const DropConstraint &, const std::string &) {}
void Check(const DropIndex &, const std::string &) {}

}  // namespace

void CheckRules(const Migration &migration) {
    if (migration.version_schema) CheckName(*migration.version_schema, "version_schema");
    for (std::size_t at = 0; at < migration.operations.size(); ++at) {
        const std::string path = PlaceOf(migration, at);
        std::visit([&path](const auto &operation) { Check(operation, path); }, migration.operations[at]);
    }
}

}  // namespace pgmigrate
