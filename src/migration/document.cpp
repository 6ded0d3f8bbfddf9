// SPDX-License-Identifier: PostgreSQL
#include "migration/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/sqlstates.h"
#include "migration/problem.h"

namespace pgmigrate {
namespace {

void CheckSize(std::string_view text) {
    if (text.size() <= kMostTextBytes) return;
    ThrowInvalid({.message = "migration is too large",
                  .detail = fmt::format("It has {} bytes; at most {} are read.", text.size(), kMostTextBytes),
                  .hint = "Split it into several migrations."});
}

void CheckEncoding(std::string_view text) {
    try {
        static_cast<void>(nlohmann::json(text).dump());
    } catch (const nlohmann::json::exception &) {
        throw Error(sqlstates::kInvalidJson,
                    {.message = "migration is not valid UTF-8", .hint = "Save the file in UTF-8."});
    }
}

std::string WriteString(std::string_view text) { return nlohmann::json(text).dump(); }

std::string WriteMap(const Document &document) {
    std::string json;
    for (std::size_t at = 0; at < document.items.size(); ++at) {
        if (at > 0) json += ", ";
        json += WriteString(document.keys[at]) + ": " + WriteJson(document.items[at]);
    }
    return '{' + json + '}';
}

std::string WriteList(const Document &document) {
    std::string json;
    for (const Document &item : document.items) {
        if (!json.empty()) json += ", ";
        json += WriteJson(item);
    }
    return '[' + json + ']';
}

}  // namespace

Document *Document::Find(std::string_view key) {
    const auto found = std::ranges::find(keys, key);
    return found == keys.end() ? nullptr : &items[static_cast<std::size_t>(found - keys.begin())];
}

Document ReadDocument(std::string_view text) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    CheckSize(text);
    CheckEncoding(text);
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) {
        ThrowInvalid(
            {.message = "migration is empty", .hint = "A migration without changes is written {\"operations\": []}."});
    }
    return text[first] == '{' || text[first] == '[' ? ReadJson(text) : ReadYaml(text);
}

std::string WriteJson(const Document &document) {
    switch (document.kind) {
        case Document::Kind::kNull:
            return "null";
        case Document::Kind::kPlain:
            return document.text == "true" || document.text == "false" ? document.text : WriteString(document.text);
        case Document::Kind::kText:
            return WriteString(document.text);
        case Document::Kind::kList:
            return WriteList(document);
        case Document::Kind::kMap:
            return WriteMap(document);
    }
    return {};
}

}  // namespace pgmigrate
