// SPDX-License-Identifier: PostgreSQL
#include "plan/sync_spec.h"

#include <nlohmann/json.hpp>

#include "core/sqlstates.h"

namespace pgmigrate {

void to_json(nlohmann::json &json, const SyncExpression &expression) {
    json = {{"target", expression.target},
            {"expression", expression.expression},
            {"parameters", expression.parameters},
            {"is_immutable", expression.is_immutable}};
    if (expression.may_write) json["may_write"] = true;
}

void from_json(const nlohmann::json &json, SyncExpression &expression) {
    json.at("target").get_to(expression.target);
    json.at("expression").get_to(expression.expression);
    json.at("parameters").get_to(expression.parameters);
    json.at("is_immutable").get_to(expression.is_immutable);
    expression.may_write = json.value("may_write", false);
}

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
