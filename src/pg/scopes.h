// SPDX-License-Identifier: PostgreSQL
// Who we are and what names mean, for a scope: user identity and settings, put back however the scope ends.
#pragma once

#include <string>

#include "pg/guard.h"

namespace pgmigrate::pg {

/// Becomes another user for a scope. With `restricted`, the code that runs in it can neither change the user or session
/// settings for later, nor leave anything behind that runs after the scope (SECURITY_RESTRICTED_OPERATION, as
/// PostgreSQL does for index expressions in maintenance commands).
class UserScope {
  public:
    UserScope(Oid user, bool restricted) noexcept {
        GetUserIdAndSecContext(&previous_user_, &previous_context_);
        SetUserIdAndSecContext(
            user, previous_context_ | SECURITY_LOCAL_USERID_CHANGE | (restricted ? SECURITY_RESTRICTED_OPERATION : 0));
    }
    ~UserScope() { SetUserIdAndSecContext(previous_user_, previous_context_); }
    UserScope(const UserScope &) = delete;
    UserScope &operator=(const UserScope &) = delete;

  private:
    Oid previous_user_ = InvalidOid;
    int previous_context_ = 0;
};

/// Settings changed in the scope are put back at its end, as for a function with a SET clause.
class SettingsScope {
  public:
    SettingsScope() noexcept : level_(NewGUCNestLevel()) {}
    ~SettingsScope() { AtEOXact_GUC(true, level_); }
    SettingsScope(const SettingsScope &) = delete;
    SettingsScope &operator=(const SettingsScope &) = delete;

    void Set(const char *name, const std::string &value) {
        const char *const text = value.c_str();
        Call([name, text] {
            (void)set_config_option(name, text, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
        });
    }

  private:
    const int level_;
};

/// search_path under which stored, fully qualified SQL is read.
inline constexpr const char *kSafeSearchPath = "pg_catalog, pg_temp";

}  // namespace pgmigrate::pg
