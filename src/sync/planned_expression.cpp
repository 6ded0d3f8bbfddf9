// SPDX-License-Identifier: PostgreSQL
#include "sync/planned_expression.h"

#include "sync/plainness.h"

extern "C" {
#include "utils/datum.h"
}

namespace pgmigrate::sync {

/// What the executor needs, in a memory context of its own.
struct PlannedExpression::State {
    MemoryContext home;
    ExprState *expression;
    ExprContext *context;
    ParamListInfo parameters;
    std::int16_t length;
    bool by_value;

    NullableDatum Compute(const NullableDatum *values, MemoryContext result_context);
};

PlannedExpression::PlannedExpression(Node *analysed, const std::vector<ColumnType> &parameters)
    : parameters_(parameters) {
    struct Planned {
        CachedExpression *cached;
        std::int16_t length;
        bool by_value;
        bool is_plain;
    };
    const Planned planned = pg::Call(
        [](Node *node) {
            Planned result{};
            get_typlenbyval(exprType(node), &result.length, &result.by_value);
            result.cached = GetCachedExpression(node);
            result.is_plain = sync::IsPlain(result.cached->expr);
            return result;
        },
        analysed);
    cached_ = planned.cached;
    length_ = planned.length;
    by_value_ = planned.by_value;
    is_plain_ = planned.is_plain;
}

PlannedExpression::~PlannedExpression() {
    if (transaction_ != InvalidLocalTransactionId && transaction_ == pg::CurrentLocalTransaction())
        MemoryContextDelete(state_->home);
    FreeCachedExpression(cached_);
}

NullableDatum PlannedExpression::State::Compute(const NullableDatum *values, MemoryContext result_context) {
    for (int i = 0; i < parameters->numParams; ++i) {
        parameters->params[i].value = values[i].value;
        parameters->params[i].isnull = values[i].isnull;
    }
    NullableDatum result{};
    ResetExprContext(context);
    result.value = ExecEvalExprSwitchContext(expression, context, &result.isnull);
    if (result.isnull || by_value) return result;
    const MemoryContext previous = MemoryContextSwitchTo(result_context);
    result.value = datumCopy(result.value, false, length);
    MemoryContextSwitchTo(previous);
    return result;
}

NullableDatum PlannedExpression::Evaluate(const NullableDatum *parameters, MemoryContext result_context) {
    if (is_running_) return EvaluateNested(parameters, result_context);
    if (state_ == nullptr || transaction_ != pg::CurrentLocalTransaction()) {
        state_ = nullptr;
        state_ = Build(TopTransactionContext);
        transaction_ = pg::CurrentLocalTransaction();
    }

    // A function that failed may have left its part of the state in disorder, so an error costs the state.
    struct Running {
        PlannedExpression *self;
        bool succeeded = false;
        ~Running() {
            self->is_running_ = false;
            if (succeeded) return;
            MemoryContextDelete(self->state_->home);
            self->state_ = nullptr;
            self->transaction_ = InvalidLocalTransactionId;
        }
    } running{this};
    is_running_ = true;
    State *const state = state_;
    const NullableDatum result = pg::Call(
        [state](const NullableDatum *values, MemoryContext context) { return state->Compute(values, context); },
        parameters, result_context);
    running.succeeded = true;
    return result;
}

/// A function in the expression wrote to the same table: the state is taken, so the inner row gets one of its own.
NullableDatum PlannedExpression::EvaluateNested(const NullableDatum *parameters, MemoryContext result_context) const {
    State *const state = Build(CurrentMemoryContext);
    return pg::Call(
        [state](const NullableDatum *values, MemoryContext context) {
            const NullableDatum result = state->Compute(values, context);
            MemoryContextDelete(state->home);
            return result;
        },
        parameters, result_context);
}

PlannedExpression::State *PlannedExpression::Build(MemoryContext parent) const {
    const ColumnType *const types = parameters_.data();
    const int count = static_cast<int>(parameters_.size());
    State *const state = pg::Call(
        [types, count, parent](Node *expression) {
            MemoryContext home = AllocSetContextCreate(parent, "pgmigrate expression", ALLOCSET_SMALL_SIZES);
            MemoryContext previous = MemoryContextSwitchTo(home);
            auto *built = static_cast<State *>(palloc0(sizeof(State)));
            built->home = home;
            built->context = CreateStandaloneExprContext();
            built->parameters = makeParamList(count);
            for (int i = 0; i < count; ++i) {
                built->parameters->params[i].pflags = PARAM_FLAG_CONST;
                built->parameters->params[i].ptype = types[i].type;
            }
            built->context->ecxt_param_list_info = built->parameters;
            built->expression = ExecInitExpr(reinterpret_cast<Expr *>(expression), nullptr);
            MemoryContextSwitchTo(previous);
            return built;
        },
        cached_->expr);
    state->length = length_;
    state->by_value = by_value_;
    return state;
}

}  // namespace pgmigrate::sync
