// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <algorithm>
#include <chrono>

#include "pg/codec.h"

extern "C" {
#include "utils/timestamp.h"
}

namespace pgmigrate::pg {

/// An interval as a length of time: a month has 30 days, a day 24 hours. At most 100 years, so that it can be added to a
/// point in time of the steady clock, which counts nanoseconds in 64 bits.
template <>
struct Codec<std::chrono::milliseconds> {
    static std::chrono::milliseconds From(Datum datum) {
        const Interval *const interval = DatumGetIntervalP(datum);
        const double seconds = static_cast<double>(interval->time) / USECS_PER_SEC +
                               (interval->day + static_cast<double>(interval->month) * DAYS_PER_MONTH) * SECS_PER_DAY;
        constexpr double kMost = 100.0 * DAYS_PER_YEAR * SECS_PER_DAY;
        return std::chrono::milliseconds(static_cast<std::int64_t>(std::clamp(seconds, -kMost, kMost) * 1000));
    }
};

}  // namespace pgmigrate::pg
