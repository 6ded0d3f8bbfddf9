// SPDX-License-Identifier: PostgreSQL
// An ExpressionBinder without a server: every identifier of the text that is a name in scope becomes $1, $2, … in order
// of its first use. Types are not understood: a test says what a text is, or that PostgreSQL would refuse it.
#pragma once

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/expressions.h"

namespace pgmigrate {

class FakeDatabaseError : public DatabaseError {
  public:
    FakeDatabaseError(SqlState state, std::string message) : state_(state), message_(std::move(message)) {}
    SqlState state() const noexcept override { return state_; }
    ErrorText text() const override { return {.message = message_}; }
    const char *what() const noexcept override { return message_.c_str(); }

  private:
    SqlState state_;
    std::string message_;
};

class FakeBinder : public ExpressionBinder {
  public:
    struct Call {
        std::string text;
        std::vector<std::string> names;  ///< in scope
        std::string target_type;
    };

    std::set<std::string> volatile_texts;
    std::set<std::string> stable_texts;
    std::set<std::string> writing_texts;
    std::map<std::string, std::string> refused;       ///< text (or "text -> target type") and the message of its 42804
    std::map<std::string, std::string> result_types;  ///< of texts bound without a target; boolean if not here
    std::map<std::string, std::string> canonical_types{
        {"int", "integer"}, {"int8", "bigint"}, {"varchar", "character varying"}};
    std::set<std::string> unknown_types;
    std::vector<Call> calls;

    BoundExpression Bind(const std::string &text, const Scope &scope, const std::string &target_type) override {
        Call &call = calls.emplace_back(Call{.text = text, .names = {}, .target_type = target_type});
        for (const Variable &variable : scope.variables) call.names.push_back(variable.name);
        for (const std::string &key : {text, text + " -> " + target_type})
            if (const auto found = refused.find(key); found != refused.end())
                throw FakeDatabaseError({"42804"}, found->second);
        BoundExpression bound = Tokenise(text, scope);
        bound.type = target_type.empty() ? TypeOf(text) : target_type;
        bound.is_volatile = volatile_texts.contains(text);
        bound.is_immutable = !bound.is_volatile && !stable_texts.contains(text);
        bound.may_write = writing_texts.contains(text);
        bound.is_bare_parameter = bound.text == "$1";
        return bound;
    }

    std::string CanonicalType(const std::string &type) override {
        if (unknown_types.contains(type)) throw FakeDatabaseError({"42704"}, "type \"" + type + "\" does not exist");
        const auto found = canonical_types.find(type);
        return found == canonical_types.end() ? type : found->second;
    }

    /// Pairs "from -> to" that are stored alike.
    std::set<std::string> stored_alike;
    bool NeedsRewrite(const std::string &from, const std::string &to) override {
        return !stored_alike.contains(from + " -> " + to);
    }

    std::set<std::string> plain_types{"smallint", "integer", "bigint", "boolean"};
    bool IsToastable(const std::string &type) override { return !plain_types.contains(type); }

    std::map<std::string, DomainRules> domains;
    DomainRules RulesOfDomain(const std::string &type) override {
        return domains.contains(type) ? domains.at(type) : DomainRules{};
    }

  private:
    static bool IsNameByte(char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80;
    }

    std::string TypeOf(const std::string &text) const {
        const auto found = result_types.find(text);
        return found == result_types.end() ? "boolean" : found->second;
    }

    /// Length of the token in '…' or "…" that text begins with.
    static std::size_t QuotedLength(std::string_view text) {
        for (std::size_t at = 1; at < text.size(); ++at) {
            if (text[at] != text[0]) continue;
            if (at + 1 < text.size() && text[at + 1] == text[0])
                ++at;
            else
                return at + 1;
        }
        return text.size();
    }

    static std::string Unquoted(std::string_view token) {
        std::string name;
        for (std::size_t at = 1; at + 1 < token.size(); ++at) {
            name += token[at];
            if (token[at] == '"') ++at;
        }
        return name;
    }

    static BoundExpression Tokenise(std::string_view text, const Scope &scope) {
        BoundExpression bound;
        while (!text.empty()) {
            std::size_t length = 1;
            std::string name;
            if (text[0] == '\'') {
                length = QuotedLength(text);
            } else if (text[0] == '"') {
                length = QuotedLength(text);
                name = Unquoted(text.substr(0, length));
            } else if (IsNameByte(text[0])) {
                length = static_cast<std::size_t>(std::ranges::find_if_not(text, IsNameByte) - text.begin());
                name = text.substr(0, length);
            }
            const bool in_scope = !name.empty() && std::ranges::count(scope.variables, name, &Variable::name) > 0;
            bound.text += in_scope ? Parameter(bound, name) : std::string(text.substr(0, length));
            text.remove_prefix(length);
        }
        return bound;
    }

    static std::string Parameter(BoundExpression &bound, const std::string &name) {
        const auto known = std::ranges::find(bound.parameters, name);
        const auto number = known - bound.parameters.begin() + 1;
        if (known == bound.parameters.end()) bound.parameters.push_back(name);
        return '$' + std::to_string(number);
    }
};

}  // namespace pgmigrate
