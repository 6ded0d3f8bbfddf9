// SPDX-License-Identifier: PostgreSQL
// The row that a BEFORE trigger may change.
#pragma once

#include <boost/container/pmr/polymorphic_allocator.hpp>
#include <boost/container/small_vector.hpp>
#include <span>

#include "pg/compat.h"
#include "pg/memory_resource.h"

extern "C" {
#include "commands/trigger.h"
}

namespace pgmigrate::sync {

/// OLD and NEW of one trigger call. NEW changes as values are set; the tuple is formed once, at the end, in the memory
/// context of the row, which is the current one.
class Row {
  public:
    explicit Row(const TriggerData &trigger);
    Row(const Row &) = delete;
    Row &operator=(const Row &) = delete;

    const Datum *values() const noexcept { return values_; }
    const bool *nulls() const noexcept { return nulls_; }
    bool IsNull(AttrNumber column) const noexcept { return nulls_[column - 1]; }

    /// Does the column differ between OLD and NEW as it stands? UPDATE only.
    bool Changed(AttrNumber column) const;
    bool AnyChanged(std::span<const AttrNumber> columns) const;

    /// Was OLD stored before the column was added, so that no writer has given it a value?
    bool IsOlderThan(AttrNumber column) const;
    bool WasNull(AttrNumber column) const noexcept { return old_->tts_isnull[column - 1]; }
    /// Does the statement itself assign the column? UPDATE only.
    bool IsAssigned(AttrNumber column) const;

    /// A by-reference value must live as long as the row's memory context.
    void Set(AttrNumber column, Datum value, bool is_null);

    /// NEW as a tuple: the one the trigger was given, if nothing was set.
    HeapTuple Finish() const;

  private:
    HeapTuple Given() const noexcept;
    void MakeOwn();

    const TriggerData &trigger_;
    const TupleDesc columns_;
    const TupleTableSlot *old_ = nullptr;
    const Datum *values_ = nullptr;
    const bool *nulls_ = nullptr;

    /// Copies, made by the first Set. The rows of most tables fit without asking for memory.
    static constexpr std::size_t kFewColumns = 64;
    pg::ContextResource memory_{CurrentMemoryContext};
    template <typename Value>
    using Few = boost::container::small_vector<Value, kFewColumns, boost::container::pmr::polymorphic_allocator<Value>>;
    Few<Datum> own_values_{Few<Datum>::allocator_type(&memory_)};
    Few<bool> own_nulls_{Few<bool>::allocator_type(&memory_)};
};

}  // namespace pgmigrate::sync
