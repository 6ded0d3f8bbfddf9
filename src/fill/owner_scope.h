// SPDX-License-Identifier: PostgreSQL
// Who a fill or a verification is while code of users may run: expressions of indexes and of `up`, output functions of
// types.
#pragma once

#include <string>

#include "pg/scopes.h"

namespace pgmigrate::fill {

/// The table's owner in a restricted operation, under the search_path that the migration was started with.
class OwnerScope {
  public:
    OwnerScope(Oid owner, const std::string &search_path) : user_(owner, true) {
        settings_.Set("search_path", search_path);
    }

  private:
    pg::UserScope user_;
    pg::SettingsScope settings_;
};

}  // namespace pgmigrate::fill
