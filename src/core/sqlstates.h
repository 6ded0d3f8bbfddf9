// SPDX-License-Identifier: PostgreSQL
// Every SQLSTATE pgmigrate raises. A standard one where it fits; class MG for what PostgreSQL has no code for.
#pragma once

#include "core/error.h"

namespace pgmigrate::sqlstates {

// What was asked is wrong.
inline constexpr SqlState kInvalidMigration{"22023"};  // invalid_parameter_value: the migration's text or fields
inline constexpr SqlState kSyntaxError{"42601"};       // as PostgreSQL has it for two defaults of a column
inline constexpr SqlState kInvalidJson{"22P02"};       // invalid_text_representation
inline constexpr SqlState kNullArgument{"22004"};      // null_value_not_allowed
inline constexpr SqlState kNameTooLong{"42622"};       // name_too_long
inline constexpr SqlState kUndefinedTable{"42P01"};
inline constexpr SqlState kUndefinedColumn{"42703"};
inline constexpr SqlState kUndefinedObject{"42704"};  // index, constraint, migration
inline constexpr SqlState kUndefinedSchema{"3F000"};  // invalid_schema_name
inline constexpr SqlState kDuplicateTable{"42P07"};
inline constexpr SqlState kDuplicateColumn{"42701"};
inline constexpr SqlState kDuplicateObject{"42710"};  // constraint, migration name
inline constexpr SqlState kDuplicateSchema{"42P06"};
inline constexpr SqlState kDatatypeMismatch{"42804"};
inline constexpr SqlState kWrongObjectType{"42809"};
inline constexpr SqlState kFeatureNotSupported{"0A000"};
inline constexpr SqlState kInheritedColumn{"42P16"};  // invalid_table_definition

inline constexpr SqlState kTriggerProtocolViolated{"39P01"};  // the sync trigger function called otherwise

// It cannot be done now, or not by this caller.
inline constexpr SqlState kNotOwner{"42501"};    // insufficient_privilege
inline constexpr SqlState kWrongState{"55000"};  // object_not_in_prerequisite_state
inline constexpr SqlState kInUse{"55006"};       // object_in_use: another migration is active
inline constexpr SqlState kLockNotAvailable{"55P03"};
inline constexpr SqlState kNoWorkerSlot{"53400"};  // configuration_limit_exceeded
inline constexpr SqlState kDiskFull{"53100"};
inline constexpr SqlState kReadOnly{"25006"};  // read_only_sql_transaction: a standby
inline constexpr SqlState kDependentObjects{"2BP01"};
inline constexpr SqlState kInTransaction{"25001"};  // active_sql_transaction
inline constexpr SqlState kTimedOut{"57014"};       // query_canceled

// Class MG: a migration's own failures.
inline constexpr SqlState kVerificationFailed{"MG001"};  // old and new differ
inline constexpr SqlState kObjectChanged{"MG002"};       // somebody changed what the migration stands on
inline constexpr SqlState kInternal{"XX000"};
inline constexpr SqlState kOutOfMemory{"53200"};

}  // namespace pgmigrate::sqlstates
