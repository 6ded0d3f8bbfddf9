// SPDX-License-Identifier: PostgreSQL
// What migrate_check reports.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace pgmigrate {

enum class Severity {
    kError,    ///< the migration cannot succeed, or would endanger the server: migrate_start refuses
    kWarning,  ///< it may go wrong, wait, or be felt
    kInfo,     ///< worth knowing
};

std::string_view SeverityName(Severity severity);  ///< error, warning, info

struct Finding {
    Severity severity = Severity::kInfo;
    std::string check;    ///< what was looked at: disk, triggers, …
    std::string object;   ///< table, slot, process, … ; empty: the server
    std::string message;  ///< one line, lower-case, without a full stop
    std::string hint;     ///< what to do; full sentences
    SqlState state{""};   ///< only of an error
};

/// Errors first, then warnings; otherwise as they were found.
void SortBySeverity(std::vector<Finding> &findings);

/// Throws the first error among the findings, if any, with all of them in its detail.
void ThrowFirstError(const std::vector<Finding> &findings);

}  // namespace pgmigrate
