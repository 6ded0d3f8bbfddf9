// SPDX-License-Identifier: PostgreSQL
#pragma once

namespace pgmigrate::worker {

/// Registers the launcher when the library is loaded by shared_preload_libraries; otherwise does nothing.
void RegisterLauncher();

}  // namespace pgmigrate::worker
