// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/error.h"
#include "core/sqlstates.h"
#include "pg/codec.h"

extern "C" {
#include "access/detoast.h"
}

namespace pgmigrate::pg {

/// Reads the arguments of an SQL function. NULL is a value (nullopt) or error 22004, never a surprise. An argument that
/// the SQL declaration does not have (the installed script is older than the library) counts as NULL.
class Arguments {
  public:
    explicit Arguments(FunctionCallInfo call) noexcept : call_(call) {}

    template <typename T>
    std::optional<T> Optional(int index) const {
        if (IsNull(index)) return std::nullopt;
        if constexpr (std::is_same_v<T, std::string>) RequireSomeSize(call_->args[index].value);
        return Codec<T>::From(call_->args[index].value);
    }

    template <typename T>
    T Required(int index, std::string_view name) const {
        if (auto value = Optional<T>(index)) return *std::move(value);
        throw Error(sqlstates::kNullArgument, {.message = "argument \"" + std::string(name) + "\" must not be null",
                                               .hint = "Pass a value for it."});
    }

    /// An argument of type name, which is a fixed-size buffer and no varlena.
    std::optional<std::string> OptionalName(int index) const {
        if (IsNull(index)) return std::nullopt;
        return std::string(NameStr(*DatumGetName(call_->args[index].value)));
    }

    std::string RequiredName(int index, std::string_view name) const {
        if (auto value = OptionalName(index)) return *std::move(value);
        throw Error(sqlstates::kNullArgument, {.message = "argument \"" + std::string(name) + "\" must not be null",
                                               .hint = "Pass a value for it."});
    }

    template <typename T>
    static Datum Return(const T &value) {
        return Codec<T>::To(value);
    }

    Datum ReturnNull() const noexcept {
        call_->isnull = true;
        return 0;
    }

    FunctionCallInfo call() const noexcept { return call_; }

  private:
    /// Twice what a migration may have. The size is known without decompressing or copying the text.
    static constexpr std::size_t kMostBytes = std::size_t{16} << 20U;

    static void RequireSomeSize(Datum text) {
        const std::size_t bytes = Call(::toast_raw_datum_size, text) - VARHDRSZ;
        if (bytes <= kMostBytes) return;
        throw Error(sqlstates::kInvalidMigration, {.message = "argument is too large",
                                                   .detail = "It has " + std::to_string(bytes) + " bytes; at most " +
                                                             std::to_string(kMostBytes) + " are read.",
                                                   .hint = "Split the migration into several."});
    }

    bool IsNull(int index) const noexcept { return index >= call_->nargs || call_->args[index].isnull; }

    FunctionCallInfo call_;
};

}  // namespace pgmigrate::pg
