// SPDX-License-Identifier: PostgreSQL
#include "migration/fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "migration/problem.h"

namespace pgmigrate {
namespace {

std::string Describe(const Document &value) {
    switch (value.kind) {
        case Document::Kind::kNull:
            return "null";
        case Document::Kind::kPlain:
            return fmt::format("the unquoted value {}", MakePrintable(value.text));
        case Document::Kind::kText:
            return "a string";
        case Document::Kind::kList:
            return "a list";
        case Document::Kind::kMap:
            return "an object";
    }
    return {};
}

/// Booleans of JSON and of YAML 1.1, which is what pgroll's decoder reads.
std::optional<bool> ReadBoolean(const Document &value) {
    if (value.kind != Document::Kind::kPlain) return std::nullopt;
    const std::string word = ToLower(value.text);
    if (word == "true" || word == "yes" || word == "on" || word == "y") return true;
    if (word == "false" || word == "no" || word == "off" || word == "n") return false;
    return std::nullopt;
}

bool IsAbsent(const Document &value) {
    return value.kind == Document::Kind::kNull || (value.kind == Document::Kind::kText && value.text.empty());
}

}  // namespace

void ThrowWrongKind(const Document &value, std::string_view path, std::string_view wanted) {
    const std::string where = path.empty() ? "migration" : fmt::format("field \"{}\"", path);
    ThrowInvalid({.message = fmt::format("{} must be {}", where, wanted),
                  .detail = fmt::format("It is {}.", Describe(value)),
                  .hint = path.empty() ? "A migration without changes is written {\"operations\": []}."
                                       : fmt::format("Replace it by {}.", wanted)});
}

std::optional<std::string> ReadScalar(Document &value, std::string_view path) {
    if (IsAbsent(value)) return std::nullopt;
    if (value.kind != Document::Kind::kText && value.kind != Document::Kind::kPlain)
        ThrowWrongKind(value, path, "a string");
    value.kind = Document::Kind::kText;
    return value.text;
}

std::vector<std::pair<Document *, std::string>> ListItems(Document &list, const std::string &path) {
    if (list.kind != Document::Kind::kList) ThrowWrongKind(list, path, "a list");
    std::vector<std::pair<Document *, std::string>> items;
    for (Document &item : list.items) items.emplace_back(&item, ItemPath(path, items.size()));
    return items;
}

Fields::Fields(Document &object, std::string path) : object_(object), path_(std::move(path)) {
    if (object.kind != Document::Kind::kMap) ThrowWrongKind(object, path_, "an object");
}

std::string Fields::PathOf(std::string_view name) const { return FieldPath(path_, name); }

std::optional<std::string> Fields::ReadText(std::string_view name) {
    Document *const value = Take(name);
    return value == nullptr ? std::nullopt : ReadScalar(*value, PathOf(name));
}

std::string Fields::RequireText(std::string_view name) {
    std::optional<std::string> text = ReadText(name);
    if (!text) ThrowAbsent(name);
    return std::move(*text);
}

std::optional<bool> Fields::ReadOptionalFlag(std::string_view name) {
    Document *const value = Take(name);
    if (value == nullptr) return std::nullopt;
    const std::optional<bool> flag = ReadBoolean(*value);
    if (!flag) ThrowWrongKind(*value, PathOf(name), "true or false, without quotes");
    value->text = *flag ? "true" : "false";
    return flag;
}

std::optional<Change> Fields::ReadChange(std::string_view name) {
    asked_.emplace(name);
    const Document *const value = object_.Find(name);
    if (value != nullptr && value->kind == Document::Kind::kNull) return Change{};
    std::optional<std::string> text = ReadText(name);
    if (!text) return std::nullopt;
    return Change{std::move(text)};
}

std::vector<std::string> Fields::ReadTexts(std::string_view name) {
    std::vector<std::string> texts;
    Document *const list = Take(name);
    if (list == nullptr) return texts;
    for (const auto &[item, path] : ListItems(*list, PathOf(name))) {
        std::optional<std::string> text = ReadScalar(*item, path);
        if (!text) ThrowMissing(path, "The entry is empty.", "Write a string there, or remove the entry.");
        texts.push_back(std::move(*text));
    }
    return texts;
}

std::vector<std::string> Fields::RequireTexts(std::string_view name) {
    std::vector<std::string> texts = ReadTexts(name);
    if (texts.empty()) ThrowAbsent(name);
    return texts;
}

ColumnExpressions Fields::ReadExpressions(std::string_view name) {
    ColumnExpressions expressions;
    Document *const object = Take(name);
    if (object == nullptr) return expressions;
    if (object->kind != Document::Kind::kMap) ThrowWrongKind(*object, PathOf(name), "an object of SQL texts by column");
    for (std::size_t at = 0; at < object->items.size(); ++at) {
        const std::string &column = object->keys[at];
        if (auto text = ReadScalar(object->items[at], FieldPath(PathOf(name), column))) expressions[column] = *text;
    }
    return expressions;
}

Document *Fields::Take(std::string_view name) {
    asked_.emplace(name);
    Document *const value = object_.Find(name);
    return value == nullptr || IsAbsent(*value) ? nullptr : value;
}

Document &Fields::Require(std::string_view name) {
    Document *const value = Take(name);
    if (value == nullptr) ThrowAbsent(name);
    return *value;
}

void Fields::Finish() const {
    const std::vector<std::string_view> unread = ListUnread();
    if (unread.empty()) return;
    const std::vector<std::string_view> known(asked_.begin(), asked_.end());
    ThrowInvalid({.message = fmt::format("unknown field \"{}\"", PathOf(unread.front())),
                  .hint = SuggestKnown(unread.front(), known, "fields")});
}

void Fields::ThrowAbsent(std::string_view name) const {
    const Document *const value = object_.Find(name);
    std::string why = "The field is required.";
    std::string hint = fmt::format("Add \"{}\".", name);
    if (value != nullptr && value->kind == Document::Kind::kNull) {
        why = "The field is required and cannot be null.";
        hint = "Give it a value; an SQL NULL is written in quotes: \"NULL\".";
    } else if (value != nullptr) {
        why = "The field is required and cannot be empty.";
        hint = "Give it a value.";
    } else if (const auto misspelt = FindNearest(name, ListUnread())) {
        hint = fmt::format("Did you mean it by \"{}\"?", MakePrintable(*misspelt));
    }
    ThrowMissing(PathOf(name), std::move(why), std::move(hint));
}

std::vector<std::string_view> Fields::ListUnread() const {
    std::vector<std::string_view> unread;
    for (const std::string &key : object_.keys) {
        if (!asked_.contains(key)) unread.push_back(key);
    }
    return unread;
}

std::optional<std::size_t> Fields::FindChoice(std::string_view name, const std::vector<std::string_view> &spellings) {
    const std::optional<std::string> text = ReadText(name);
    if (!text) return std::nullopt;
    for (std::size_t at = 0; at < spellings.size(); ++at) {
        if (ToLower(*text) == ToLower(spellings[at])) return at;
    }
    ThrowInvalid(
        {.message = fmt::format("field \"{}\" has the unknown value \"{}\"", PathOf(name), MakePrintable(*text)),
         .hint = SuggestKnown(*text, spellings, "values")});
}

}  // namespace pgmigrate
