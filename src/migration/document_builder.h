// SPDX-License-Identifier: PostgreSQL
// Builds a Document from the events of a JSON or YAML parser and refuses what both must refuse: repeated keys, text too
// deep or too large, characters no SQL text can hold.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "migration/document.h"

namespace pgmigrate {

class DocumentBuilder {
  public:
    /// Opens a map or a list as the next value; it becomes part of the document when it is closed.
    void Open(Document::Kind kind);
    /// Closes the innermost map or list and returns it, valid until the next call.
    const Document &Close();
    /// Names the next value of the innermost map.
    void SetKey(std::string key);
    /// Adds a whole value, which may be a copy of an earlier one; returns it, valid until the next call.
    const Document &Add(Document value);
    const Document &AddScalar(Document::Kind kind, std::string text);

    /// The next event of the innermost map must be a key.
    bool NeedsKey() const {
        return !open_.empty() && open_.back().value.kind == Document::Kind::kMap && !open_.back().has_key;
    }
    /// The innermost map or list.
    Document &Innermost() { return open_.back().value; }
    /// Where the next value belongs, e.g. `operations[1].sql`.
    std::string Path() const;

    /// Adds a value that is kept besides the document to what the bounds are for.
    void Count(const Document &value);

    Document Take() { return std::move(root_); }

  private:
    struct Level {
        Document value;
        std::string key = {};  ///< of the next value
        bool has_key = false;
        std::set<std::string> seen = {};
    };

    const Document &Place(Document value);

    std::vector<Level> open_;
    Document root_;
    std::size_t values_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace pgmigrate
