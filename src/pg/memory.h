// SPDX-License-Identifier: PostgreSQL
// Memory contexts as scopes. C++ values live on the ordinary heap; contexts hold only what PostgreSQL itself allocates.
#pragma once

#include "pg/guard.h"

namespace pgmigrate::pg {

/// Makes another context the current one for a scope.
class ContextSwitch {
  public:
    explicit ContextSwitch(MemoryContext to) noexcept : previous_(MemoryContextSwitchTo(to)) {}
    ~ContextSwitch() { MemoryContextSwitchTo(previous_); }
    ContextSwitch(const ContextSwitch &) = delete;
    ContextSwitch &operator=(const ContextSwitch &) = delete;

  private:
    const MemoryContext previous_;
};

/// A current context of its own for what PostgreSQL allocates in a scope; all of it is freed at the end.
/// Must not outlive the transaction (or the parent context) it was opened in.
class ScratchContext {
  public:
    ScratchContext()
        : context_(Call(
              [] { return AllocSetContextCreate(CurrentMemoryContext, "pgmigrate scratch", ALLOCSET_DEFAULT_SIZES); })),
          previous_(MemoryContextSwitchTo(context_)) {}
    ~ScratchContext() {
        MemoryContextSwitchTo(previous_);
        MemoryContextDelete(context_);
    }
    ScratchContext(const ScratchContext &) = delete;
    ScratchContext &operator=(const ScratchContext &) = delete;

    void Reset() { Call(::MemoryContextReset, context_); }

  private:
    const MemoryContext context_;
    const MemoryContext previous_;
};

}  // namespace pgmigrate::pg
