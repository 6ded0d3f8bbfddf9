// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <boost/container/pmr/memory_resource.hpp>
#include <cstddef>
#include <new>

#include "pg/server.h"

namespace pgmigrate::pg {

/// A memory context as the memory of Boost's pmr containers, for what must live there: what a row needs is then
/// released with the row, whatever becomes of it. Throws std::bad_alloc, never a PostgreSQL ERROR, which a container
/// could not survive.
class ContextResource : public boost::container::pmr::memory_resource {
  public:
    explicit ContextResource(MemoryContext context) noexcept : context_(context) {}

  protected:
    void *do_allocate(std::size_t bytes, std::size_t alignment) override {
        if (alignment > MAXIMUM_ALIGNOF) throw std::bad_alloc();  // a context aligns to that
        void *const memory = MemoryContextAllocExtended(context_, bytes, MCXT_ALLOC_NO_OOM);
        if (memory == nullptr) throw std::bad_alloc();
        return memory;
    }
    void do_deallocate(void *memory, std::size_t, std::size_t) override { pfree(memory); }
    bool do_is_equal(const memory_resource &other) const noexcept override { return this == &other; }

  private:
    const MemoryContext context_;
};

}  // namespace pgmigrate::pg
