// SPDX-License-Identifier: PostgreSQL
#include "pg/boundary.h"

#include <exception>
#include <new>

#include "core/sqlstates.h"

namespace pgmigrate::pg {
namespace {

void *AllocateNoError(Size size) noexcept {
    if (!AllocSizeIsValid(size)) return nullptr;  // for which even MCXT_ALLOC_NO_OOM raises an ERROR
    return MemoryContextAllocExtended(CurrentMemoryContext, size, MCXT_ALLOC_NO_OOM | MCXT_ALLOC_ZERO);
}

/// Copies a C string; false when memory is out. A null text stays null.
bool CopyText(char **target, const char *text) noexcept {
    if (text == nullptr) return true;
    const Size size = std::strlen(text) + 1;
    *target = static_cast<char *>(AllocateNoError(size));
    if (*target == nullptr) return false;
    std::memcpy(*target, text, size);
    return true;
}

const char *NullIfEmpty(const std::string &text) { return text.empty() ? nullptr : text.c_str(); }

ErrorData *CopyToCaller(const Error &error) noexcept {
    auto *const copy = static_cast<ErrorData *>(AllocateNoError(sizeof(ErrorData)));
    if (copy == nullptr) return nullptr;
    const char *const code = error.state().code;
    copy->elevel = ERROR;
    copy->sqlerrcode = MAKE_SQLSTATE(code[0], code[1], code[2], code[3], code[4]);
    const bool copied = CopyText(&copy->message, error.text().message.c_str()) &&
                        CopyText(&copy->detail, NullIfEmpty(error.text().detail)) &&
                        CopyText(&copy->hint, NullIfEmpty(error.text().hint));
    return copied ? copy : nullptr;
}

ErrorData *CopyToCaller(const ErrorData &server_error) noexcept {
    auto *const copy = static_cast<ErrorData *>(AllocateNoError(sizeof(ErrorData)));
    if (copy == nullptr) return nullptr;
    *copy = server_error;  // numbers and pointers to constants; what the exception owns is copied below
    const auto again = [](char *&field) {
        char *const source = field;
        field = nullptr;
        return CopyText(&field, source);
    };
    const bool copied = again(copy->message) && again(copy->detail) && again(copy->detail_log) && again(copy->hint) &&
                        again(copy->context) && again(copy->backtrace) && again(copy->schema_name) &&
                        again(copy->table_name) && again(copy->column_name) && again(copy->datatype_name) &&
                        again(copy->constraint_name) && again(copy->internalquery);
    copy->assoc_context = CurrentMemoryContext;
    return copied ? copy : nullptr;
}

Outcome Failed(ErrorData *error, bool from_server) noexcept { return {0, error, from_server, error == nullptr}; }

/// An exception that is none of ours: a mistake in pgmigrate or a library.
Outcome Unforeseen(const char *what) noexcept {
    try {
        return Failed(CopyToCaller(Error(sqlstates::kInternal, {.message = what})), false);
    } catch (...) {
        return Failed(nullptr, false);
    }
}

/// Where the error's copy may live until it is raised: raising one while another is being reported resets ErrorContext.
MemoryContext SafeFromReset(MemoryContext caller) noexcept {
    if (caller != ErrorContext) return caller;
    return CurTransactionContext ? CurTransactionContext : TopMemoryContext;
}

}  // namespace

Outcome DescribeCaught(MemoryContext caller) noexcept {
    MemoryContextSwitchTo(SafeFromReset(caller));
    try {
        throw;
    } catch (const ServerError &error) {
        return Failed(CopyToCaller(error.data()), true);
    } catch (const Error &error) {
        return Failed(CopyToCaller(error), false);
    } catch (const std::bad_alloc &) {
        return Failed(nullptr, false);
    } catch (const std::exception &error) {
        return Unforeseen(error.what());
    } catch (...) {
        return Unforeseen("unidentified C++ exception");
    }
}

void Raise(const Outcome &outcome) {
    if (outcome.error == nullptr) ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
    // ReThrowError keeps the context lines as they were; ThrowErrorData adds those of the present call stack.
    if (outcome.from_server) {
        InterruptHoldoffCount = 0;  // as errfinish() does for a new error, and every handler of PostgreSQL's expects
        QueryCancelHoldoffCount = 0;
        ReThrowError(outcome.error);
    }
    ThrowErrorData(outcome.error);
    pg_unreachable();
}

}  // namespace pgmigrate::pg
