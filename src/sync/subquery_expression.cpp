// SPDX-License-Identifier: PostgreSQL
#include "sync/subquery_expression.h"

extern "C" {
#include "executor/execdesc.h"
#include "parser/parser.h"
#include "tcop/dest.h"
#include "tcop/tcopprot.h"
#include "utils/datum.h"
}

namespace pgmigrate::sync {
namespace {

/// Takes the one value the query returns.
struct ValueReceiver {
    DestReceiver receiver;  // first, because PostgreSQL hands back a pointer to it
    MemoryContext context;
    NullableDatum value;
    std::int16_t length;
    bool by_value;
};

bool ReceiveValue(TupleTableSlot *slot, DestReceiver *self) {
    auto *const result = reinterpret_cast<ValueReceiver *>(self);
    result->value.value = slot_getattr(slot, 1, &result->value.isnull);
    if (result->value.isnull || result->by_value) return true;
    const MemoryContext previous = MemoryContextSwitchTo(result->context);
    result->value.value = datumCopy(result->value.value, false, result->length);
    MemoryContextSwitchTo(previous);
    return true;
}

void Start(DestReceiver *, int, TupleDesc) {}
void Stop(DestReceiver *) {}

ParamListInfo ParameterList(const ParameterTypes &types, const NullableDatum *values) {
    ParamListInfo list = makeParamList(types.count);
    for (int i = 0; i < types.count; ++i) {
        list->params[i].value = values[i].value;
        list->params[i].isnull = values[i].isnull;
        list->params[i].pflags = PARAM_FLAG_CONST;
        list->params[i].ptype = types.types[i].type;
    }
    return list;
}

/// The plan, whose making may read the text again.
CachedPlan *ReadyPlan(CachedPlanSource *source, const ParameterTypes *types, const NullableDatum *values) {
    SourceText place{source->query_string, 0};
    ErrorContextCallback callback{error_context_stack, PointIntoText, &place};
    error_context_stack = &callback;  // put back by the guard if an error is raised
    CachedPlan *const plan = GetCachedPlan(source, ParameterList(*types, values), CurrentResourceOwner, nullptr);
    error_context_stack = callback.previous;
    return plan;
}

CachedPlanSource *MakeSource(const char *text, const ParameterTypes *parameters) {
    const char *const query = QueryText(text);
    RawStmt *const raw = linitial_node(RawStmt, raw_parser(query, RAW_PARSE_DEFAULT));
    CachedPlanSource *const source = CreateCachedPlan(raw, query, CMDTAG_SELECT);
    auto *const argument = const_cast<ParameterTypes *>(parameters);
    List *const queries = pg_analyze_and_rewrite_withcb(raw, query, InstallParameters, argument, nullptr);
    CompleteCachedPlan(source, queries, nullptr, nullptr, 0, InstallParameters, argument, 0, true);
    SaveCachedPlan(source);
    return source;
}

void Execute(PlannedStmt *statement, const char *text, ParamListInfo parameters, DestReceiver *receiver) {
    CommandCounterIncrement();
    PushActiveSnapshot(GetTransactionSnapshot());
    QueryDesc *const query =
        CreateQueryDesc(statement, text, GetActiveSnapshot(), InvalidSnapshot, receiver, parameters, nullptr, 0);
    ExecutorStart(query, 0);
    pg::RunToCompletion(query);
    ExecutorFinish(query);
    ExecutorEnd(query);
    FreeQueryDesc(query);
    PopActiveSnapshot();
}

}  // namespace

SubqueryExpression::SubqueryExpression(const std::string &expression, const ParameterTypes *parameters)
    : parameters_(parameters) {
    source_ = pg::Call(MakeSource, expression.c_str(), parameters);
    const Form_pg_attribute column = TupleDescAttr(source_->resultDesc, 0);
    length_ = column->attlen;
    by_value_ = column->attbyval;
}

SubqueryExpression::~SubqueryExpression() { DropCachedPlan(source_); }

CachedPlan *SubqueryExpression::Prepare(const NullableDatum *parameters) {
    return pg::Call(ReadyPlan, source_, parameters_, parameters);
}

NullableDatum SubqueryExpression::Run(CachedPlan *plan, const NullableDatum *parameters,
                                      MemoryContext result_context) const {
    ValueReceiver result{};
    result.receiver = {ReceiveValue, Start, Stop, Stop, DestNone};
    result.context = result_context;
    result.value.isnull = true;
    result.length = length_;
    result.by_value = by_value_;
    pg::Call(
        [plan, &result](const char *text, const ParameterTypes *types, const NullableDatum *values) {
            Execute(linitial_node(PlannedStmt, plan->stmt_list), text, ParameterList(*types, values), &result.receiver);
            ReleaseCachedPlan(plan, CurrentResourceOwner);
        },
        source_->query_string, parameters_, parameters);
    return result.value;
}

}  // namespace pgmigrate::sync
