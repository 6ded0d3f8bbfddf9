// SPDX-License-Identifier: PostgreSQL
// What was asked: a migration file as values. Field names and defaults are those of pgroll's format. No defaults are
// hidden elsewhere: an optional that is empty was not in the file (an empty string in the file counts as absent).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pgmigrate {

struct CheckConstraint {
    std::string name;
    std::string expression;  ///< "constraint" in the file
    bool no_inherit = false;

    friend bool operator==(const CheckConstraint &, const CheckConstraint &) = default;
};

enum class ReferentialAction { kNoAction, kRestrict, kCascade, kSetNull, kSetDefault };
enum class MatchType { kSimple, kFull, kPartial };

/// SQL keywords of an action or match type, e.g. "SET NULL".
std::string_view SqlText(ReferentialAction action);
std::string_view SqlText(MatchType match);

/// What a foreign key points to; used by column references (one column) and table foreign keys.
struct ForeignKeyReference {
    std::string name;  ///< of the constraint; empty where the surrounding constraint carries the name
    std::string table;
    std::vector<std::string> columns;
    ReferentialAction on_delete = ReferentialAction::kNoAction;
    ReferentialAction on_update = ReferentialAction::kNoAction;
    MatchType match_type = MatchType::kSimple;
    std::vector<std::string> on_delete_set_columns;
    bool deferrable = false;
    bool initially_deferred = false;

    friend bool operator==(const ForeignKeyReference &, const ForeignKeyReference &) = default;
};

struct Identity {
    bool always = true;            ///< user_specified_values: ALWAYS (default) or BY DEFAULT
    std::string sequence_options;  ///< as in CREATE SEQUENCE, verbatim

    friend bool operator==(const Identity &, const Identity &) = default;
};

/// At most one of the two is set.
struct Generated {
    std::optional<std::string> expression;
    std::optional<Identity> identity;

    friend bool operator==(const Generated &, const Generated &) = default;
};

/// A column of create_table or add_column.
struct ColumnDefinition {
    std::string name;
    std::string type;
    bool nullable = false;
    bool primary_key = false;
    bool unique = false;
    std::optional<std::string> default_value;
    std::optional<std::string> comment;
    std::optional<CheckConstraint> check;
    std::optional<ForeignKeyReference> references;
    std::optional<Generated> generated;

    friend bool operator==(const ColumnDefinition &, const ColumnDefinition &) = default;
};

enum class ConstraintType { kUnique, kCheck, kPrimaryKey, kForeignKey, kExclude };

struct IndexParameters {
    std::optional<std::string> tablespace;
    std::optional<std::string> storage_parameters;
    std::vector<std::string> include_columns;

    friend bool operator==(const IndexParameters &, const IndexParameters &) = default;
};

struct Exclusion {
    std::string index_method;
    std::string elements;
    std::optional<std::string> predicate;

    friend bool operator==(const Exclusion &, const Exclusion &) = default;
};

/// A table constraint, of create_table.constraints[] or create_constraint.
struct ConstraintDefinition {
    std::string name;
    ConstraintType type = ConstraintType::kUnique;
    std::vector<std::string> columns;
    std::optional<std::string> check;
    std::optional<ForeignKeyReference> references;
    std::optional<Exclusion> exclude;
    IndexParameters index_parameters;
    bool deferrable = false;
    bool initially_deferred = false;
    bool nulls_not_distinct = false;
    bool no_inherit = false;

    friend bool operator==(const ConstraintDefinition &, const ConstraintDefinition &) = default;
};

struct CreateTable {
    std::string name;
    std::vector<ColumnDefinition> columns;
    std::vector<ConstraintDefinition> constraints;
    std::optional<std::string> comment;

    friend bool operator==(const CreateTable &, const CreateTable &) = default;
};

struct RenameTable {
    std::string from;
    std::string to;

    friend bool operator==(const RenameTable &, const RenameTable &) = default;
};

struct DropTable {
    std::string name;

    friend bool operator==(const DropTable &, const DropTable &) = default;
};

struct AddColumn {
    std::string table;
    ColumnDefinition column;
    std::optional<std::string> up;

    friend bool operator==(const AddColumn &, const AddColumn &) = default;
};

struct RenameColumn {
    std::string table;
    std::string from;
    std::string to;

    friend bool operator==(const RenameColumn &, const RenameColumn &) = default;
};

struct DropColumn {
    std::string table;
    std::string column;
    std::optional<std::string> down;

    friend bool operator==(const DropColumn &, const DropColumn &) = default;
};

/// A field that distinguishes "not in the file" (keep), null (remove) and a value.
struct Change {
    std::optional<std::string> value;  ///< empty: remove

    friend bool operator==(const Change &, const Change &) = default;
};

struct AlterColumn {
    std::string table;
    std::string column;
    std::optional<std::string> type;
    std::optional<bool> nullable;
    std::optional<std::string> unique;  ///< name of the unique constraint to add
    std::optional<CheckConstraint> check;
    std::optional<ForeignKeyReference> references;
    std::optional<Change> default_value;
    std::optional<Change> comment;
    std::optional<std::string> up;
    std::optional<std::string> down;

    friend bool operator==(const AlterColumn &, const AlterColumn &) = default;
};

using ColumnExpressions = std::map<std::string, std::string>;

struct CreateConstraint {
    std::string table;
    ConstraintDefinition constraint;
    ColumnExpressions up;
    ColumnExpressions down;

    friend bool operator==(const CreateConstraint &, const CreateConstraint &) = default;
};

struct DropConstraint {
    std::string table;
    std::string name;
    std::optional<std::string> up;
    std::optional<std::string> down;

    friend bool operator==(const DropConstraint &, const DropConstraint &) = default;
};

struct DropMulticolumnConstraint {
    std::string table;
    std::string name;
    ColumnExpressions up;
    ColumnExpressions down;

    friend bool operator==(const DropMulticolumnConstraint &, const DropMulticolumnConstraint &) = default;
};

struct RenameConstraint {
    std::string table;
    std::string from;
    std::string to;

    friend bool operator==(const RenameConstraint &, const RenameConstraint &) = default;
};

struct IndexColumn {
    std::string column;
    std::optional<std::string> collate;
    bool descending = false;
    std::optional<bool> nulls_first;
    std::optional<std::string> opclass;
    std::vector<std::string> opclass_parameters;

    friend bool operator==(const IndexColumn &, const IndexColumn &) = default;
};

struct CreateIndex {
    std::string name;
    std::string table;
    std::vector<IndexColumn> columns;
    bool unique = false;
    std::string method = "btree";
    std::optional<std::string> predicate;
    std::optional<std::string> storage_parameters;

    friend bool operator==(const CreateIndex &, const CreateIndex &) = default;
};

struct DropIndex {
    std::string name;

    friend bool operator==(const DropIndex &, const DropIndex &) = default;
};

struct SetReplicaIdentity {
    std::string table;
    std::string type;                  ///< full, default, nothing or index, in lower case
    std::optional<std::string> index;  ///< for type index

    friend bool operator==(const SetReplicaIdentity &, const SetReplicaIdentity &) = default;
};

struct RawSql {
    std::string up;
    std::optional<std::string> down;
    bool on_complete = false;

    friend bool operator==(const RawSql &, const RawSql &) = default;
};

using Operation = std::variant<CreateTable, RenameTable, DropTable, AddColumn, RenameColumn, DropColumn, AlterColumn,
                               CreateConstraint, DropConstraint, DropMulticolumnConstraint, RenameConstraint,
                               CreateIndex, DropIndex, SetReplicaIdentity, RawSql>;

/// The operation's name in a file, e.g. "add_column".
std::string_view OperationName(const Operation &operation);

/// The integer type behind serial, bigserial, smallserial and their other spellings (in any case); empty for any other
/// type.
std::string_view IntegerTypeOfSerial(std::string_view type);

struct Migration {
    std::optional<std::string> version_schema;
    std::vector<Operation> operations;
    /// Of several migrations that are one version: how many operations each has. Empty if there is only one.
    std::vector<std::size_t> parts{};

    friend bool operator==(const Migration &, const Migration &) = default;
};

/// Where an operation stands in the text, e.g. "operations[0].sql"; with several migrations "[1].operations[0].sql".
std::string PlaceOf(const Migration &migration, std::size_t operation);

}  // namespace pgmigrate
