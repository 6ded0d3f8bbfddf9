// SPDX-License-Identifier: PostgreSQL
#include "lifecycle/finding.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pgmigrate {

std::string_view SeverityName(Severity severity) {
    switch (severity) {
        case Severity::kError:
            return "error";
        case Severity::kWarning:
            return "warning";
        case Severity::kInfo:
            break;
    }
    return "info";
}

void SortBySeverity(std::vector<Finding> &findings) { std::ranges::stable_sort(findings, {}, &Finding::severity); }

void ThrowFirstError(const std::vector<Finding> &findings) {
    const Finding *first = nullptr;
    std::vector<std::string> all;
    for (const Finding &finding : findings) {
        if (finding.severity != Severity::kError) continue;
        if (first == nullptr) first = &finding;
        all.push_back(fmt::format("{}: {}", finding.check, finding.message));
    }
    if (first == nullptr) return;
    throw Error(first->state,
                {.message = first->message,
                 .detail = all.size() == 1 ? std::string() : fmt::format("All errors: {}.", fmt::join(all, "; ")),
                 .hint = first->hint + " SELECT * FROM migrate_check(name, migration) shows all findings."});
}

}  // namespace pgmigrate
