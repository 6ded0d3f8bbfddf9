// SPDX-License-Identifier: PostgreSQL
// YAML through yaml-cpp's event parser. Nodes would be simpler, but lose repeated keys and copy aliases without bound.
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "core/sqlstates.h"
#include "migration/document.h"
#include "migration/document_builder.h"
#include "migration/problem.h"

namespace pgmigrate {
namespace {

[[noreturn]] void ThrowInvalidYaml(std::string detail) {
    throw Error(sqlstates::kInvalidJson,
                {.message = "migration is not valid YAML",
                 .detail = std::move(detail),
                 .hint = "Mend the text there; text that begins with neither { nor [ is read as YAML."});
}

[[noreturn]] void ThrowInvalidYaml(const YAML::Mark &mark, std::string_view what) {
    ThrowInvalidYaml(fmt::format("Line {}, column {}: {}.", mark.line + 1, mark.column + 1, what));
}

/// Adds what `<<: *base` stands for; a key of the map itself wins.
void MergeInherited(Document &map) {
    Document *const found = map.Find("<<");
    if (found == nullptr || (found->kind != Document::Kind::kMap && found->kind != Document::Kind::kList)) return;
    const Document inherited = std::move(*found);
    map.items.erase(map.items.begin() + (found - map.items.data()));
    map.keys.erase(std::ranges::find(map.keys, "<<"));
    std::set<std::string> present(map.keys.begin(), map.keys.end());
    const auto merge = [&map, &present](const Document &base) {
        for (std::size_t at = 0; at < base.keys.size(); ++at) {
            if (!present.insert(base.keys[at]).second) continue;
            map.keys.push_back(base.keys[at]);
            map.items.push_back(base.items[at]);
        }
    };
    merge(inherited);
    if (inherited.kind == Document::Kind::kList) std::ranges::for_each(inherited.items, merge);
}

class YamlEvents : public YAML::EventHandler {
  public:
    void OnDocumentStart(const YAML::Mark &) override { anchored_.clear(); }
    void OnDocumentEnd() override {
        // A line of dashes at the end of a file begins a document that never comes.
        if (Document document = builder_.Take(); document.kind != Document::Kind::kNull)
            documents_.push_back(std::move(document));
    }

    void OnNull(const YAML::Mark &, YAML::anchor_t anchor) override {
        if (builder_.NeedsKey()) return builder_.SetKey("null");
        Remember(anchor, builder_.AddScalar(Document::Kind::kNull, {}));
    }

    void OnScalar(const YAML::Mark &, const std::string &tag, YAML::anchor_t anchor, const std::string &text) override {
        if (builder_.NeedsKey()) return builder_.SetKey(text);
        const bool plain = tag == "?" || (tag.starts_with("tag:yaml.org,2002:") && !tag.ends_with(":str"));
        Remember(anchor, builder_.AddScalar(plain ? Document::Kind::kPlain : Document::Kind::kText, text));
    }

    void OnAlias(const YAML::Mark &mark, YAML::anchor_t anchor) override {
        const auto found = anchored_.find(anchor);
        if (found == anchored_.end()) ThrowInvalidYaml(mark, "an alias stands inside what it stands for");
        if (builder_.NeedsKey()) ThrowInvalidYaml(mark, "an alias cannot be a key");
        builder_.Add(found->second);
    }

    void OnSequenceStart(const YAML::Mark &mark, const std::string &, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        Open(Document::Kind::kList, mark, anchor);
    }
    void OnMapStart(const YAML::Mark &mark, const std::string &, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        Open(Document::Kind::kMap, mark, anchor);
    }
    void OnSequenceEnd() override { Close(); }
    void OnMapEnd() override {
        MergeInherited(builder_.Innermost());
        Close();
    }

    Document Take() {
        if (documents_.size() == 1) return std::move(documents_.front());
        Document several;
        if (!documents_.empty()) several.kind = Document::Kind::kList;
        several.items = std::move(documents_);
        return several;
    }

  private:
    void Open(Document::Kind kind, const YAML::Mark &mark, YAML::anchor_t anchor) {
        if (builder_.NeedsKey())
            ThrowInvalidYaml(mark, "a list or an object stands in the place of a name; a bracket may not be closed");
        builder_.Open(kind);
        anchors_.push_back(anchor);
    }

    void Close() {
        const YAML::anchor_t anchor = anchors_.back();
        anchors_.pop_back();
        Remember(anchor, builder_.Close());
    }

    void Remember(YAML::anchor_t anchor, const Document &value) {
        if (anchor == YAML::NullAnchor) return;
        builder_.Count(value);
        anchored_[anchor] = value;
    }

    DocumentBuilder builder_;
    std::vector<YAML::anchor_t> anchors_;
    std::map<YAML::anchor_t, Document> anchored_;
    std::vector<Document> documents_;
};

/// yaml-cpp takes 0x04 for the end of the text and would drop the rest; YAML allows none of these characters.
void CheckControlCharacters(std::string_view text) {
    const auto is_control = [](unsigned char c) {
        return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
    };
    const auto found = std::ranges::find_if(text, is_control);
    if (found != text.end()) ThrowInvalidYaml(fmt::format("Byte {} is a control character.", found - text.begin() + 1));
}

}  // namespace

Document ReadYaml(std::string_view text) {
    CheckControlCharacters(text);
    std::istringstream input{std::string(text)};
    YamlEvents events;
    try {
        YAML::Parser parser(input);
        while (parser.HandleNextDocument(events)) {
        }
    } catch (const YAML::Exception &failure) {
        ThrowInvalidYaml(failure.mark, failure.msg);
    }
    return events.Take();
}

}  // namespace pgmigrate
