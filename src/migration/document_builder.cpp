// SPDX-License-Identifier: PostgreSQL
#include "migration/document_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/sqlstates.h"
#include "migration/problem.h"

namespace pgmigrate {
namespace {

void CheckCharacters(std::string_view text, const std::string &path) {
    if (text.find('\0') == std::string_view::npos) return;
    throw Error(sqlstates::kInvalidJson, {.message = fmt::format("field \"{}\" contains a zero byte", path),
                                          .detail = "PostgreSQL cannot store the character \\u0000.",
                                          .hint = "Remove the character."});
}

}  // namespace

void DocumentBuilder::Open(Document::Kind kind) {
    if (open_.size() >= kDeepestNesting) {
        ThrowInvalid({.message = "migration is nested too deeply",
                      .detail = fmt::format("At most {} levels are read.", kDeepestNesting),
                      .hint = "Look for brackets that are never closed."});
    }
    Document opened;
    opened.kind = kind;
    Count(opened);
    open_.push_back({.value = std::move(opened)});
}

const Document &DocumentBuilder::Close() {
    Document closed = std::move(open_.back().value);
    open_.pop_back();
    return Place(std::move(closed));
}

void DocumentBuilder::SetKey(std::string key) {
    Level &level = open_.back();
    CheckCharacters(key, Path());
    if (!level.seen.insert(key).second) {
        ThrowInvalid({.message = fmt::format("field \"{}\" occurs twice", FieldPath(Path(), key)),
                      .hint = "Remove one of them."});
    }
    bytes_ += key.size();
    level.key = std::move(key);
    level.has_key = true;
}

const Document &DocumentBuilder::Add(Document value) {
    Count(value);
    return Place(std::move(value));
}

const Document &DocumentBuilder::AddScalar(Document::Kind kind, std::string text) {
    CheckCharacters(text, Path());
    Document scalar;
    scalar.kind = kind;
    scalar.text = std::move(text);
    return Add(std::move(scalar));
}

std::string DocumentBuilder::Path() const {
    std::string path;
    for (const Level &level : open_) {
        if (level.value.kind == Document::Kind::kList) path = ItemPath(path, level.value.items.size());
        if (level.has_key) path = FieldPath(path, level.key);
    }
    return path;
}

const Document &DocumentBuilder::Place(Document value) {
    if (open_.empty()) return root_ = std::move(value);
    Level &level = open_.back();
    if (std::exchange(level.has_key, false)) level.value.keys.push_back(std::move(level.key));
    level.value.items.push_back(std::move(value));
    return level.value.items.back();
}

/// Counts copies in full: a few YAML aliases of aliases can stand for more values than there is memory.
void DocumentBuilder::Count(const Document &value) {
    values_ += 1;
    bytes_ += value.text.size();
    for (const std::string &key : value.keys) bytes_ += key.size();
    if (values_ > kMostValues || bytes_ > kMostTextBytes) {
        ThrowInvalid({.message = "migration is too large",
                      .detail = fmt::format("At most {} values are read.", kMostValues),
                      .hint = "Split it into several migrations."});
    }
    for (const Document &item : value.items) Count(item);
}

}  // namespace pgmigrate
