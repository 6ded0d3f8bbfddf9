// SPDX-License-Identifier: PostgreSQL
// An object whose constructions and destructions are counted: after any failure the two must be equal.
#pragma once

#include <cstdint>
#include <string>

namespace bridge_test {

class Tracked {
  public:
    Tracked() { ++constructed; }
    ~Tracked() { ++destroyed; }
    Tracked(const Tracked &) = delete;
    Tracked &operator=(const Tracked &) = delete;

    static inline constinit std::int64_t constructed = 0;
    static inline constinit std::int64_t destroyed = 0;

  private:
    std::string on_the_heap_ = std::string(100, 'x');  // a skipped destructor would also show as a leak
};

}  // namespace bridge_test
