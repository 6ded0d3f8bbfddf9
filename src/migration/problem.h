// SPDX-License-Identifier: PostgreSQL
// How the reader and the rules of a migration word their errors: always with the path of the field at fault.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace pgmigrate {

/// Text of the file as it may stand in a one-line message: control characters replaced, long text cut.
std::string MakePrintable(std::string_view text);

/// ASCII letters in lower case, as SQL folds names and keywords.
std::string ToLower(std::string_view text);

/// parent.key, or just key at the top of the file.
std::string FieldPath(std::string_view parent, std::string_view key);

/// parent[index].
std::string ItemPath(std::string_view parent, std::size_t index);

/// The one of `known` that `name` is probably a misspelling of. Case and underscores do not count.
std::optional<std::string_view> FindNearest(std::string_view name, const std::vector<std::string_view> &known);

/// A hint that names what `name` was probably meant to be, or else everything that is allowed.
std::string SuggestKnown(std::string_view name, const std::vector<std::string_view> &known, std::string_view what);

/// Throws Error with SQLSTATE 22023.
[[noreturn]] void ThrowInvalid(ErrorText text);

/// The error of a field that has to be there; `why` is a full sentence.
[[noreturn]] void ThrowMissing(std::string_view path, std::string why, std::string hint);

}  // namespace pgmigrate
