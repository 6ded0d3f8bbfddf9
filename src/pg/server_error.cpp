// SPDX-License-Identifier: PostgreSQL
#include "pg/server_error.h"

#include <new>

namespace pgmigrate::pg {

void ThrowPending(MemoryContext caller) {
    MemoryContext home = nullptr;
    ErrorData *copy = nullptr;
    auto capture = [&] {  // copying can itself run out of memory
        home = AllocSetContextCreate(TopMemoryContext, "pgmigrate error", ALLOCSET_SMALL_SIZES);
        MemoryContextSwitchTo(home);  // CopyErrorData refuses to run in ErrorContext
        copy = CopyErrorData();
    };
    const bool captured = Attempt(capture);
    MemoryContextSwitchTo(caller);
    FlushErrorState();
    if (captured) throw ServerError(home, copy);
    if (home) MemoryContextDelete(home);
    throw std::bad_alloc();
}

SqlState ServerError::state() const noexcept {
    SqlState state{};
    int code = data_->sqlerrcode;
    for (int i = 0; i < 5; ++i) {
        state.code[i] = static_cast<char>(PGUNSIXBIT(code));
        code >>= 6;
    }
    return state;
}

ErrorText ServerError::text() const {
    const auto or_empty = [](const char *words) { return std::string(words ? words : ""); };
    return {.message = what(), .detail = or_empty(data_->detail), .hint = or_empty(data_->hint)};
}

}  // namespace pgmigrate::pg
