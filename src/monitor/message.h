// SPDX-License-Identifier: PostgreSQL
// Messages to people, filled in with the state of a migration. Pure.
#pragma once

#include <map>
#include <string>

#include "monitor/report.h"

namespace pgmigrate {

/// What can stand between braces in a template, and what takes its place.
using MessageFacts = std::map<std::string, std::string>;

MessageFacts FactsOf(const Report &report);

/// The template with each {name} replaced by the fact of that name. Braces around anything else stay.
std::string FillTemplate(const std::string &text, const MessageFacts &facts);

}  // namespace pgmigrate
