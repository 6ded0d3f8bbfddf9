// SPDX-License-Identifier: PostgreSQL
// Reads what pressure there is on the server. It runs in a worker, between transactions, with the worker's own rights:
// every look is a transaction of its own that writes nothing, so that no snapshot is held between two of them.
#pragma once

#include <string>
#include <vector>

#include "lifecycle/pressure_reader.h"
#include "lifecycle/store.h"
#include "pg/guard.h"

namespace pgmigrate::pg {

/// What the worker is about, for a look.
struct Watched {
    std::vector<FillRecord> fills;  ///< tables being filled; none in other phases
    std::int64_t wal_left = 0;      ///< WAL that the fill is still going to write
    int waiters = 0;                ///< batches ended early because somebody waited
    std::string starter;            ///< role whose rights pgmigrate.pressure_query has
    std::string search_path;
};

class PressureSampler {
  public:
    /// A few milliseconds; waits for a lock or for pgmigrate.pressure_query for at most two seconds. Throws what the
    /// server throws: what that query does wrong is no error but a problem in the figures.
    const ServerFigures &Look(const Watched &watched);
    /// Only at the standbys and how much WAL there is by now, a fraction of a millisecond.
    const ServerFigures &LookAtStandbys();

  private:
    ServerFigures figures_;
};

}  // namespace pgmigrate::pg
