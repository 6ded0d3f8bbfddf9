// SPDX-License-Identifier: PostgreSQL
// The text of a migration as a tree, the same for JSON and YAML. Knows nothing of what the fields mean.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate {

/// One value of the text. The format has no numbers: its fields are strings and booleans, and which of them an unquoted
/// scalar is, only its field can tell (a column may be called "no"). Fields settles that by changing the document.
struct Document {
    enum class Kind {
        kNull,   ///< null, ~ or nothing
        kPlain,  ///< a scalar without quotes: a JSON number or boolean, a plain YAML scalar
        kText,   ///< a quoted scalar
        kList,
        kMap,
    };

    Kind kind = Kind::kNull;
    std::string text;                  ///< of kPlain and kText
    std::vector<std::string> keys;     ///< of kMap, as in the text; keys[i] belongs to items[i]
    std::vector<Document> items = {};  ///< of kMap and kList

    /// The value of a key of a map, or nullptr.
    Document *Find(std::string_view key);
};

/// Bounds that no honest migration reaches; they keep memory, stack and time small for the others.
inline constexpr std::size_t kMostTextBytes = 8U << 20U;
inline constexpr std::size_t kMostValues = 100'000;
inline constexpr std::size_t kDeepestNesting = 64;

/// Reads JSON or YAML: text whose first character that is not blank is `{` or `[` is JSON. The text must be UTF-8.
/// Several YAML documents are read as a list of them; empty ones among them do not count.
/// SQLSTATE 22P02 for what is neither; 22023 for a key that occurs twice and for text beyond the bounds above.
Document ReadDocument(std::string_view text);

Document ReadJson(std::string_view text);
Document ReadYaml(std::string_view text);

/// JSON on one line.
std::string WriteJson(const Document &document);

}  // namespace pgmigrate
