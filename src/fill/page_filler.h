// SPDX-License-Identifier: PostgreSQL
// One page after the other by method "page". The protocol is in page_method.h.
#pragma once

#include <memory>

#include "fill/page_image.h"
#include "fill/page_method.h"
#include "fill/row_filler.h"

namespace pgmigrate::fill {

/// What PostgreSQL holds for it ends with the transaction when an exception skips Close(), as with RowFiller.
class PageFiller {
  public:
    PageFiller(const FillRequest &request, const PagePatience &patience);
    void Close();

    /// Visits a page; what it did and left to do goes to the result.
    void Visit(const PageLeft &page, PageFillResult &result);

    std::int64_t blocks() const noexcept { return blocks_; }  ///< of the table; constant in a transaction that locks it

  private:
    enum class Verdict {
        kFinished,
        kLeft,      ///< to be visited again
        kByUpdate,  ///< what is lacking is to be filled by update now
    };

    Verdict Try(const PageLeft &page, PageFillResult &result, TransactionId *blocker);
    bool Prune();
    void Build();
    void BuildRow(OffsetNumber offset);
    bool CanBeStoredInPlace(OffsetNumber offset, int stored) const noexcept;
    TransactionId MakeRoom(PageFillResult &result);
    RowOutcome UpdateRow(OffsetNumber offset, PageFillResult &result, bool remember_busy);
    void UpdateRows(const OffsetNumber *offsets, std::size_t count, PageFillResult &result);

    const FillRequest &request_;
    const PagePatience patience_;
    RowFiller rows_;
    TupleDesc columns_;
    BufferAccessStrategy strategy_ = nullptr;
    TupleTableSlot *row_ = nullptr;  ///< a row of the copy
    std::int64_t blocks_ = 0;
    BlockNumber block_ = InvalidBlockNumber;
    Buffer buffer_ = InvalidBuffer;
    bool is_late_ = false;      ///< patience with the page has ended
    HeapTupleData tuple_ = {};  ///< what row_ holds
    std::unique_ptr<PageSeen> seen_;
    std::unique_ptr<PageImage> image_;
    std::vector<OffsetNumber> by_update_;  ///< rows of the page that cannot be filled in place
    std::vector<Size> lengths_;            ///< what each of the rows in seen_->lacking takes of the page then
};

}  // namespace pgmigrate::fill
