// SPDX-License-Identifier: PostgreSQL
// A Database that records what it is asked and answers a query with the rows prepared for a piece of its text.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/database.h"

namespace pgmigrate {

class FakeDatabase : public Database {
  public:
    struct Call {
        std::string sql;
        Parameters parameters;
    };

    std::vector<Call> queries;
    std::vector<Call> executed;

    /// The next queries that contain `piece` are answered with these rows; the piece told last wins.
    void Answer(std::string piece, Rows rows) { answers_.insert(answers_.begin(), {std::move(piece), std::move(rows)}); }

    Rows Query(const std::string &sql, const Parameters &parameters = {}) override {
        queries.push_back({sql, parameters});
        for (const auto &[piece, rows] : answers_)
            if (sql.find(piece) != std::string::npos) return rows;
        return {};
    }

    std::int64_t Execute(const std::string &sql, const Parameters &parameters = {}) override {
        executed.push_back({sql, parameters});
        return 1;
    }

    void InSubtransaction(const std::function<void()> &work) override { work(); }

  private:
    std::vector<std::pair<std::string, Rows>> answers_;
};

}  // namespace pgmigrate
