// SPDX-License-Identifier: PostgreSQL
#include "plan/sync_spec.h"

#include <nlohmann/json.hpp>

#include "core/sqlstates.h"

namespace pgmigrate {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SyncExpression, target, expression, parameters, is_immutable)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SyncSpec, new_version, old_version, search_path, up, down, default_from_source)

std::string EncodeSyncSpec(const SyncSpec &spec) { return nlohmann::json(spec).dump(); }

SyncSpec DecodeSyncSpec(std::string_view json) {
    try {
        return nlohmann::json::parse(json).get<SyncSpec>();
    } catch (const nlohmann::json::exception &failure) {
        throw Error(sqlstates::kInternal,
                    {.message = "argument of the sync trigger is not valid", .detail = failure.what()});
    }
}

}  // namespace pgmigrate
