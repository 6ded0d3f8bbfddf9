// SPDX-License-Identifier: PostgreSQL
// How the existing rows of a table get their values: the choice of the fill method. Pure. What the methods do is told
// in fill/page_method.h and fill/update_method.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pgmigrate {

enum class FillMethod {
    kPage,    ///< in place, on the page
    kUpdate,  ///< an update of each row
};

/// Setting pgmigrate.fill_method.
enum class FillWish { kAuto, kPage, kUpdate };

std::string_view FillMethodName(FillMethod method);  ///< page, update
std::string_view FillWishName(FillWish wish);        ///< auto, page, update
std::optional<FillWish> FillWishFromName(std::string_view name) noexcept;

/// What the choice depends on, for one table with storage.
struct FillFacts {
    std::string table{};           ///< qualified
    int server_version = 0;        ///< major
    char persistence = 'p';        ///< pg_class.relpersistence
    std::string access_method{};   ///< heap, …
    std::string publication{};     ///< one that carries updates of a shadow column; empty: none
    std::string indexed_column{};  ///< a shadow column that has an index already; empty: none
    std::string writing_column{};  ///< a shadow column whose `up` may write; empty: none
    bool rewritten = false;        ///< since migrate_start
};

struct FillChoice {
    FillMethod method = FillMethod::kUpdate;
    std::string reason;  ///< "table is unlogged"

    friend bool operator==(const FillChoice &, const FillChoice &) = default;
};

/// The method for a table. `page` is chosen only where nothing is against it, wished or not.
FillChoice ChooseFillMethod(FillWish wish, const FillFacts &facts);

/// Throws 0A000 if method page is wished for and cannot be used.
void RequireWishedMethod(FillWish wish, const FillFacts &facts);

}  // namespace pgmigrate
