// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <string>

#include "migration/document.h"
#include "migration/operation.h"

namespace pgmigrate {

/// Reads one item of `operations`: an object whose only key is the operation's name.
Operation ReadOperation(Document &item, const std::string &path);

}  // namespace pgmigrate
