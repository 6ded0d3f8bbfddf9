// SPDX-License-Identifier: PostgreSQL
#include "fill/missing_values.h"

#include <algorithm>

extern "C" {
#include "utils/rel.h"
}

namespace pgmigrate::fill {

MissingValues::MissingValues(Relation relation, const FillRequest &request)
    : request_(request), up_(CompileUp(relation, request.spec, request.table.owner)) {
    for (const UpExpression &up : up_) last_target_ = std::max(last_target_, up.expression.target());
}

bool MissingValues::Compute(int stored_attributes, Datum *values, bool *nulls) {
    bool differs = false;
    for (UpExpression &up : up_) {
        const AttrNumber target = up.expression.target();
        if (!LacksValue(stored_attributes, target, nulls[target - 1], request_.rewritten)) continue;
        // Into the row itself, where the entries that follow read it.
        values[target - 1] = up.expression.Evaluate(values, nulls, &nulls[target - 1], CurrentMemoryContext);
        differs = differs || target > stored_attributes || !nulls[target - 1];
    }
    return differs;
}

}  // namespace pgmigrate::fill
