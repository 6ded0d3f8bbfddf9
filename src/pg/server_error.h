// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <memory>

#include "core/error.h"
#include "pg/guard.h"

namespace pgmigrate::pg {

/// An ERROR raised by PostgreSQL, with its whole ErrorData. The transaction is broken: only Subtransaction,
/// InTransaction or the boundary may end its journey.
class ServerError : public DatabaseError {
  public:
    /// `home` is the memory context that holds `data`; it is deleted with the last copy of the exception.
    ServerError(MemoryContext home, ErrorData *data) : home_(home, &::MemoryContextDelete), data_(data) {}

    const char *what() const noexcept override { return data_->message ? data_->message : "missing error text"; }
    const ErrorData &data() const noexcept { return *data_; }

    SqlState state() const noexcept override;
    ErrorText text() const override;

  private:
    std::shared_ptr<MemoryContextData> home_;  // shared because exceptions must be copyable
    ErrorData *data_;
};

}  // namespace pgmigrate::pg
