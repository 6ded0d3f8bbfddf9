// SPDX-License-Identifier: PostgreSQL
#include "pg/result_rows.h"

#include <vector>

namespace pgmigrate::pg {
namespace {

void PutRow(ReturnSetInfo *result, AttInMetadata *metadata, char **values) {
    Call([=] {
        HeapTuple tuple = BuildTupleFromCStrings(metadata, values);
        tuplestore_puttuple(result->setResult, tuple);
        heap_freetuple(tuple);
    });
}

}  // namespace

Datum ReturnRows(FunctionCallInfo call, const Rows &rows) {
    Call([call] { InitMaterializedSRF(call, 0); });
    auto *const result = reinterpret_cast<ReturnSetInfo *>(call->resultinfo);
    AttInMetadata *const metadata = Call(::TupleDescGetAttInMetadata, result->setDesc);
    for (const std::vector<Value> &row : rows.values) {
        std::vector<char *> values;
        // BuildTupleFromCStrings does not write to the strings, it only lacks the const.
        for (const Value &value : row) values.push_back(value ? const_cast<char *>(value->c_str()) : nullptr);
        PutRow(result, metadata, values.data());
    }
    return 0;
}

}  // namespace pgmigrate::pg
