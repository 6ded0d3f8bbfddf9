// SPDX-License-Identifier: PostgreSQL
#include <fmt/format.h>

#include "pg/pressure_query.h"

#include <cmath>
#include <cstdlib>

#include "pg/scopes.h"
#include "pg/spi_database.h"
#include "pg/transaction.h"

extern "C" {
#include "utils/acl.h"
#include "utils/timeout.h"
}

namespace pgmigrate::pg {
namespace {

constexpr int kTimeoutMilliseconds = 2'000;

/// SPI arms no statement timeout: that is done for the statements of clients alone.
class TimeoutScope {
  public:
    TimeoutScope() noexcept { enable_timeout_after(STATEMENT_TIMEOUT, kTimeoutMilliseconds); }
    ~TimeoutScope() {
        disable_timeout(STATEMENT_TIMEOUT, true);
        // It may have fired just when the query had ended, and is not to hit what comes next.
        if (get_timeout_indicator(STATEMENT_TIMEOUT, true)) QueryCancelPending = false;
    }
    TimeoutScope(const TimeoutScope &) = delete;
    TimeoutScope &operator=(const TimeoutScope &) = delete;
};

QueryAnswer Read(const Rows &rows) {
    if (rows.size() != 1 || rows.columns.size() != 1)
        return {
            .value = {},
            .problem = fmt::format("gives {} rows and {} columns, not one of each", rows.size(), rows.columns.size())};
    const Value &value = rows.values[0][0];
    if (!value) return {.value = {}, .problem = "gives NULL"};
    char *end = nullptr;
    const double number = std::strtod(value->c_str(), &end);
    if (end == value->c_str() || *end != '\0' || !std::isfinite(number))
        return {.value = {}, .problem = fmt::format("gives no number but \"{:.40}\"", *value)};
    return {.value = number, .problem = {}};
}

Rows Run(const std::string &query, const std::string &role, const std::string &search_path) {
    Rows rows;
    InTransaction("asking pgmigrate.pressure_query", [&] {
        const TimeoutScope timeout;
        SettingsScope settings;
        settings.Set("transaction_read_only", "on");
        const Oid user = Call(::get_role_oid, role.c_str(), false);
        rows = SpiDatabase({.user = user, .restricted = true, .search_path = search_path}).Query(query);
    });
    return rows;
}

}  // namespace

QueryAnswer AskPressureQuery(const std::string &query, const std::string &role, const std::string &search_path) {
    try {
        return Read(Run(query, role, search_path));
    } catch (const Error &failure) {
        return {.value = {}, .problem = "failed: " + failure.text().message};
    } catch (const DatabaseError &failure) {
        return {.value = {}, .problem = "failed: " + failure.text().message};
    }
}

}  // namespace pgmigrate::pg
