// SPDX-License-Identifier: PostgreSQL
// How a failure travels through pgmigrate: as a value with everything PostgreSQL shows a user. No PostgreSQL header.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace pgmigrate {

/// A five-character SQLSTATE; the ones pgmigrate raises are listed in core/sqlstates.h.
struct SqlState {
    char code[6];

    friend bool operator==(const SqlState &left, std::string_view right) { return right == left.code; }
};

/// The words of an error in PostgreSQL's style: message is lower-case, one line, without a full stop; detail and hint
/// are full sentences, and the hint names the next step.
struct ErrorText {
    std::string message;
    std::string detail = {};
    std::string hint = {};
};

/// A failure pgmigrate itself diagnosed. Becomes ereport(ERROR) at the SQL boundary with every field intact.
class Error : public std::runtime_error {
  public:
    Error(SqlState state, ErrorText text) : std::runtime_error(text.message), state_(state), text_(std::move(text)) {}

    const SqlState &state() const noexcept { return state_; }
    const ErrorText &text() const noexcept { return text_; }

  private:
    SqlState state_;
    ErrorText text_;
};

/// A failure of a SQL statement, as logic without PostgreSQL headers sees it. The transaction is broken unless the
/// statement ran in Database::InSubtransaction.
class DatabaseError : public std::exception {
  public:
    virtual SqlState state() const noexcept = 0;
    virtual ErrorText text() const = 0;
};

}  // namespace pgmigrate
