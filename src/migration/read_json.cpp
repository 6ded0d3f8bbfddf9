// SPDX-License-Identifier: PostgreSQL
// JSON through nlohmann's event parser, which is iterative: depth is bounded by the builder, not by the stack.
#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "core/sqlstates.h"
#include "migration/document.h"
#include "migration/document_builder.h"

namespace pgmigrate {
namespace {

using Json = nlohmann::json;

/// Receives the events. Every function returns true: go on.
class JsonEvents {
  public:
    bool null() { return AddScalar(Document::Kind::kNull, {}); }
    bool boolean(bool value) { return AddScalar(Document::Kind::kPlain, value ? "true" : "false"); }
    bool number_integer(std::int64_t value) { return AddScalar(Document::Kind::kPlain, fmt::to_string(value)); }
    bool number_unsigned(std::uint64_t value) { return AddScalar(Document::Kind::kPlain, fmt::to_string(value)); }
    /// Keeps the digits as written: a default of 0.00 is not 0.0.
    bool number_float(double, const std::string &text) { return AddScalar(Document::Kind::kPlain, text); }
    bool string(std::string &text) { return AddScalar(Document::Kind::kText, std::move(text)); }
    bool binary(Json::binary_t &) { return false; }
    bool start_object(std::size_t) { return Open(Document::Kind::kMap); }
    bool start_array(std::size_t) { return Open(Document::Kind::kList); }
    bool end_object() { return Close(); }
    bool end_array() { return Close(); }

    bool key(std::string &name) {
        builder_.SetKey(std::move(name));
        return true;
    }

    bool parse_error(std::size_t, const std::string &, const Json::exception &failure) {
        // "[json.exception.parse_error.101] parse error at line 1, column 2: …": the number is of no use to a user.
        std::string what = failure.what();
        if (const std::size_t end = what.find("] "); end != std::string::npos) what.erase(0, end + 2);
        throw Error(sqlstates::kInvalidJson,
                    {.message = "migration is not valid JSON",
                     .detail = "The parser reports: " + what + '.',
                     .hint = "Mend the text there; text that begins with { or [ is read as JSON."});
    }

    Document Take() { return builder_.Take(); }

  private:
    bool AddScalar(Document::Kind kind, std::string text) {
        builder_.AddScalar(kind, std::move(text));
        return true;
    }
    bool Open(Document::Kind kind) {
        builder_.Open(kind);
        return true;
    }
    bool Close() {
        builder_.Close();
        return true;
    }

    DocumentBuilder builder_;
};

}  // namespace

Document ReadJson(std::string_view text) {
    JsonEvents events;
    Json::sax_parse(text, &events);
    return events.Take();
}

}  // namespace pgmigrate
