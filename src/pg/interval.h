// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <chrono>

#include "pg/codec.h"

extern "C" {
#include "utils/timestamp.h"
}

namespace pgmigrate::pg {

/// An interval as a length of time: a month has 30 days, a day 24 hours.
template <>
struct Codec<std::chrono::milliseconds> {
    static std::chrono::milliseconds From(Datum datum) {
        const Interval *const interval = DatumGetIntervalP(datum);
        const double seconds = static_cast<double>(interval->time) / USECS_PER_SEC +
                               (interval->day + static_cast<double>(interval->month) * DAYS_PER_MONTH) * SECS_PER_DAY;
        return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    }
};

}  // namespace pgmigrate::pg
