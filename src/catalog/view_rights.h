// SPDX-License-Identifier: PostgreSQL
// Who owns the views of a schema and what was granted on them, so that views which are made anew get it back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/database.h"

namespace pgmigrate {

/// A statement that gives a view its owner or one of its grants.
struct ViewRight {
    std::int64_t oid = 0;   ///< of the view
    std::string view;       ///< qualified and quoted
    std::string statement;  ///< ALTER VIEW … OWNER TO …, GRANT … ON …
};

/// Owner and grants, of tables and of columns, of all views of the schema; the owner comes last, because a grant is
/// made by an owner.
std::vector<ViewRight> ReadViewRights(Database &database, const std::string &schema);

/// Those of them whose view is there again, as another relation. The others keep what they have, and their lock is not
/// ours to take.
std::vector<std::string> OfRemadeViews(Database &database, const std::vector<ViewRight> &rights);

}  // namespace pgmigrate
