// SPDX-License-Identifier: PostgreSQL
// Typed Datums. A Datum is an integer, so any number converts to it silently: only Codec makes or reads one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pg/guard.h"

namespace pgmigrate::pg {

template <typename T>
struct Codec;

template <>
struct Codec<bool> {
    static constexpr Oid kType = BOOLOID;
    static bool From(Datum datum) { return DatumGetBool(datum); }
    static Datum To(bool value) { return BoolGetDatum(value); }
};

template <>
struct Codec<std::int32_t> {
    static constexpr Oid kType = INT4OID;
    static std::int32_t From(Datum datum) { return DatumGetInt32(datum); }
    static Datum To(std::int32_t value) { return Int32GetDatum(value); }
};

template <>
struct Codec<std::int64_t> {
    static constexpr Oid kType = INT8OID;
    static std::int64_t From(Datum datum) { return DatumGetInt64(datum); }
    static Datum To(std::int64_t value) { return Int64GetDatum(value); }
};

/// text, varchar, json: anything stored as a plain varlena of characters in the database encoding.
template <>
struct Codec<std::string> {
    static constexpr Oid kType = TEXTOID;
    static std::string From(Datum datum) {
        const auto *const value = Call([](Datum toasted) { return DatumGetTextPP(toasted); }, datum);
        return {VARDATA_ANY(value), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(value))};
    }
    static Datum To(std::string_view value) {
        // Not cstring_to_text_with_len(), whose length is an int.
        return Call(
            [](const char *characters, std::size_t size) {
                auto *const result = static_cast<text *>(palloc(size + VARHDRSZ));
                SET_VARSIZE(result, size + VARHDRSZ);
                std::memcpy(VARDATA(result), characters, size);
                return PointerGetDatum(result);
            },
            value.data(), value.size());
    }
};

}  // namespace pgmigrate::pg
