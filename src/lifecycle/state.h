// SPDX-License-Identifier: PostgreSQL
// The states of a migration and the moves between them (picture: doc/architecture.md).
#pragma once

#include <string_view>

namespace pgmigrate {

enum class State { kFilling, kIndexing, kValidating, kVerifying, kPublishing, kReady, kCompleted, kFailed };

std::string_view StateName(State state);     ///< "filling", …
State StateFromName(std::string_view name);  ///< throws Error XX000 for another name

/// The phase that follows a worker phase: filling → indexing → validating → verifying → publishing → ready.
State NextPhase(State phase);

/// True while a worker has something to do for the migration.
bool IsWorkerPhase(State state);

}  // namespace pgmigrate
