// SPDX-License-Identifier: PostgreSQL
// Reads the fields of one object of a migration: knows its path, hands out fields by name and type, and refuses what is
// left over. Every error is SQLSTATE 22023 and names the field by its full path. Null and the empty string count as
// absent.
#pragma once

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "migration/document.h"
#include "migration/operation.h"

namespace pgmigrate {

/// The spelling of each value of a closed set; read in any case.
template <typename T, std::size_t size>
using Choices = std::array<std::pair<std::string_view, T>, size>;

class Fields {
  public:
    /// Throws unless `object` is a map. Reading changes it: plain scalars become the strings or booleans they are read
    /// as.
    Fields(Document &object, std::string path);

    const std::string &path() const { return path_; }
    std::string PathOf(std::string_view name) const;

    std::optional<std::string> ReadText(std::string_view name);
    std::string RequireText(std::string_view name);
    std::optional<bool> ReadOptionalFlag(std::string_view name);
    /// False if absent.
    bool ReadFlag(std::string_view name) { return ReadOptionalFlag(name).value_or(false); }
    /// A field in which null is not absence but the wish to remove.
    std::optional<Change> ReadChange(std::string_view name);
    /// A list of strings; empty if absent.
    std::vector<std::string> ReadTexts(std::string_view name);
    std::vector<std::string> RequireTexts(std::string_view name);
    /// An object of SQL texts by column; empty if absent. Empty texts are left out.
    ColumnExpressions ReadExpressions(std::string_view name);

    template <typename T, std::size_t size>
    std::optional<T> ReadChoice(std::string_view name, const Choices<T, size> &choices);
    template <typename T, std::size_t size>
    T RequireChoice(std::string_view name, const Choices<T, size> &choices);

    /// An object, read by `reader`, a function from Fields & to a value.
    template <typename Reader>
    auto ReadObject(std::string_view name, Reader reader) -> std::optional<decltype(reader(*this))>;
    template <typename Reader>
    auto RequireObject(std::string_view name, Reader reader) -> decltype(reader(*this));
    /// A list of objects; empty if absent.
    template <typename Reader>
    auto ReadObjects(std::string_view name, Reader reader) -> std::vector<decltype(reader(*this))>;

    /// The value of a field as it stands, or nullptr if it is absent.
    Document *Take(std::string_view name);
    /// The same for a field that has to be there.
    Document &Require(std::string_view name);

    /// Refuses the fields nobody asked for.
    void Finish() const;

  private:
    [[noreturn]] void ThrowAbsent(std::string_view name) const;
    std::vector<std::string_view> ListUnread() const;
    std::optional<std::size_t> FindChoice(std::string_view name, const std::vector<std::string_view> &spellings);

    Document &object_;
    const std::string path_;
    std::set<std::string, std::less<>> asked_;
};

/// Throws the error of a value of the wrong kind; `wanted` is a noun with its article.
[[noreturn]] void ThrowWrongKind(const Document &value, std::string_view path, std::string_view wanted);

/// The string a scalar stands for, or nullopt if it is absent.
std::optional<std::string> ReadScalar(Document &value, std::string_view path);

/// The items of a list, each with its path.
std::vector<std::pair<Document *, std::string>> ListItems(Document &list, const std::string &path);

template <typename Reader>
auto ReadFields(Document &object, std::string path, Reader reader) {
    Fields fields(object, std::move(path));
    auto value = reader(fields);
    fields.Finish();
    return value;
}

template <typename T, std::size_t size>
std::optional<T> Fields::ReadChoice(std::string_view name, const Choices<T, size> &choices) {
    std::vector<std::string_view> spellings;
    for (const auto &[spelling, value] : choices) spellings.push_back(spelling);
    const std::optional<std::size_t> found = FindChoice(name, spellings);
    if (!found) return std::nullopt;
    return choices[*found].second;
}

template <typename T, std::size_t size>
T Fields::RequireChoice(std::string_view name, const Choices<T, size> &choices) {
    const std::optional<T> value = ReadChoice(name, choices);
    if (!value) ThrowAbsent(name);
    return *value;
}

template <typename Reader>
auto Fields::ReadObject(std::string_view name, Reader reader) -> std::optional<decltype(reader(*this))> {
    Document *const value = Take(name);
    if (value == nullptr) return std::nullopt;
    return ReadFields(*value, PathOf(name), reader);
}

template <typename Reader>
auto Fields::RequireObject(std::string_view name, Reader reader) -> decltype(reader(*this)) {
    return ReadFields(Require(name), PathOf(name), reader);
}

template <typename Reader>
auto Fields::ReadObjects(std::string_view name, Reader reader) -> std::vector<decltype(reader(*this))> {
    std::vector<decltype(reader(*this))> values;
    Document *const list = Take(name);
    if (list == nullptr) return values;
    for (const auto &[item, path] : ListItems(*list, PathOf(name))) values.push_back(ReadFields(*item, path, reader));
    return values;
}

}  // namespace pgmigrate
