// SPDX-License-Identifier: PostgreSQL
// What was granted by hand on a version schema and its views, so that the next version does not take it away.
#pragma once

#include <string>
#include <vector>

#include "catalog/schema.h"
#include "core/database.h"

namespace pgmigrate {

/// What was granted on one view.
struct ViewGrants {
    struct OnColumn {
        std::string column;
        Grant grant;
    };
    std::string view;  ///< name in its schema
    std::vector<Grant> grants;
    std::vector<OnColumn> columns;
};

/// One entry of ALTER DEFAULT PRIVILEGES … IN SCHEMA.
struct DefaultGrant {
    std::string role;     ///< whose new objects get it
    std::string objects;  ///< TABLES, SEQUENCES, FUNCTIONS, TYPES
    Grant grant;
    bool role_is_callers = true;  ///< the current user has the rights of that role
};

struct VersionRights {
    std::vector<Grant> schema;
    std::vector<ViewGrants> views;
    std::vector<DefaultGrant> defaults;
    std::vector<Grant> new_tables;  ///< what a table gets that the current user creates in the target schema
};

/// Reads the rights on a version schema, which may be empty for none, and the default privileges of the target schema.
/// `database` has the rights of the caller who will make the next version.
VersionRights ReadVersionRights(Database &database, const std::string &version_schema,
                                const std::string &target_schema);

/// Adds a grant that is not there yet, or its grant option to one that is.
void AddGrantOnce(std::vector<Grant> &grants, const Grant &grant);

}  // namespace pgmigrate
