// SPDX-License-Identifier: PostgreSQL
// Many failures in one transaction, and how much memory the process has afterwards.
#include <unistd.h>

#include <fstream>
#include <string>

#include "pg/boundary.h"
#include "pg/memory.h"
#include "pg/spi_database.h"
#include "pg/transaction.h"
#include "tracked.h"

namespace bridge_test {
namespace {

using namespace pgmigrate;

/// One failure of the wanted kind; always throws.
void Fail(const std::string &kind) {
    const Tracked tracked;
    if (kind == "call") {
        pg::Call([] {
            ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION), errmsg("a failing call"), errdetail("With a detail."),
                            errhint("And a hint.")));
        });
    } else if (kind == "own error") {
        throw Error(sqlstates::kInternal, {.message = "thrown and caught in C++", .hint = std::string(200, 'h')});
    } else if (kind == "sql") {
        pg::SpiDatabase().Execute("SELECT 1 / 0");
    } else {  // through C++, SPI, PL/pgSQL and C++ again
        pg::SpiDatabase().Query("SELECT descend($1::int, $2)", {"1", "own error"});
    }
}

/// fail_many(kind, times): each failure is survived in a subtransaction of its own. Returns how many failed.
Datum FailMany(pg::Arguments arguments) {
    const auto kind = arguments.Required<std::string>(0, "kind");
    const auto times = arguments.Required<std::int32_t>(1, "times");
    std::int64_t failures = 0;
    for (std::int32_t done = 0; done < times; ++done) {
        try {
            const pg::Subtransaction subtransaction;
            const pg::ScratchContext scratch;
            Fail(kind);
        } catch (const std::exception &) {
            ++failures;
        }
    }
    return pg::Arguments::Return(failures);
}

/// Resident memory of this process in bytes, as the kernel counts it.
Datum ResidentBytes(pg::Arguments) {
    std::ifstream statistics("/proc/self/statm");
    std::int64_t total_pages = 0;
    std::int64_t resident_pages = 0;
    statistics >> total_pages >> resident_pages;
    return pg::Arguments::Return(resident_pages * static_cast<std::int64_t>(sysconf(_SC_PAGESIZE)));
}

}  // namespace
}  // namespace bridge_test

PGMIGRATE_FUNCTION(bridge_fail_many, bridge_test::FailMany)
PGMIGRATE_FUNCTION(bridge_resident_bytes, bridge_test::ResidentBytes)
