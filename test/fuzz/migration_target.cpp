// SPDX-License-Identifier: PostgreSQL
// The fuzz target: a text goes through the reader of migrations and the planner. Whatever it is, it ends in a migration
// or in an Error that a session could show; what was read is written and read again as the same; and whatever names and
// texts a migration has, each statement of its plan is one statement. Linked with libFuzzer by test/fuzz/run.sh, and
// with the unit tests, which run the saved corpus.
#include "migration_target.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/identifier.h"
#include "migration/parse.h"
#include "plan/plan.h"
#include "support/catalog_builders.h"
#include "support/fake_binder.h"

namespace pgmigrate::fuzz {
namespace {

[[noreturn]] void Fail(const char *what, std::string_view text) {
    std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(text.size()), text.data());
    std::abort();
}

void CheckText(const ErrorText &text) {
    if (text.message.empty()) Fail("error without a message", text.hint);
    for (const char c : text.message)
        if (static_cast<unsigned char>(c) < 0x20) Fail("message with a control character", text.message);
}

void CheckError(const Error &error) {
    if (std::string_view(error.state().code).size() != 5) Fail("no SQLSTATE", error.state().code);
    CheckText(error.text());
}

/// What PostgreSQL makes of an expression is quoted by PostgreSQL; what is left of a text here is a parameter for each
/// of its names. So whatever else reaches a statement was put there by the planner.
class CleanBinder : public FakeBinder {
  public:
    BoundExpression Bind(const std::string &text, const Scope &scope, const std::string &target_type) override {
        if (text.find("refuse") != std::string::npos) throw FakeDatabaseError({"42601"}, "syntax error");
        BoundExpression bound = FakeBinder::Bind(text, scope, target_type);
        calls.clear();
        if (bound.text == "$1") return bound;
        std::string clean = "f(0";
        for (std::size_t at = 1; at <= bound.parameters.size(); ++at) clean += ", $" + std::to_string(at);
        bound.text = clean + ')';
        bound.is_volatile = text.find("random") != std::string::npos;
        return bound;
    }
    std::string CanonicalType(const std::string &type) override {
        if (type.find("refuse") != std::string::npos) throw FakeDatabaseError({"42704"}, "type does not exist");
        return QuoteIdentifier(type.substr(0, kLongestName));
    }
};

std::size_t EndOfQuoted(std::string_view text, std::size_t at, bool has_escapes) {
    const char quote = text[at];
    for (++at; at < text.size(); ++at) {
        if (has_escapes && text[at] == '\\')
            ++at;
        else if (text[at] == quote && at + 1 < text.size() && text[at + 1] == quote)
            ++at;
        else if (text[at] == quote)
            return at;
    }
    Fail("quote is not closed", text);
}

/// The lexical rules of PostgreSQL, as far as a plan uses them.
void RequireOneStatement(std::string_view text) {
    int depth = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\'' || c == '"') {
            at = EndOfQuoted(text, at, c == '\'' && at > 0 && text[at - 1] == 'E');
            continue;
        }
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (depth < 0) Fail("parenthesis too many", text);
        if (c == ';') Fail("more than one statement", text);
        if (text.substr(at, 2) == "--" || text.substr(at, 2) == "/*") Fail("comment in a statement", text);
    }
    if (depth != 0) Fail("parenthesis is missing", text);
}

CatalogSchema MakeCatalog() {
    TableBuilder t("t", {NotNull(Serial("id", "public.t_id_seq")), Column("a"), Column("b", "text"),
                         WithDefault(Column("Odd \"name\"", "text"), "'x'::text")});
    t.PrimaryKey("t_pkey", {"id"}).Unique("t_b_key", {"b"}).With(Check("positive", {"a"}, "a > 0"));
    t.With(ForeignKey("t_a_fkey", {"a"}, "public.u", {"id"})).With(Index("t_a_idx", {"a"}));
    t.With(DependentOn("VIEW", "public.v", {"b"}));
    TableBuilder u("u", {NotNull(Column("id")), Column("c")});
    u.PrimaryKey("u_pkey", {"id"});
    return SchemaOf({t, u});
}

void PlanIt(const Migration &migration) {
    static const CatalogSchema catalog = MakeCatalog();
    const PlanRequest request{.schema_name = "public",
                              .name = "02",
                              .version_schema = "public_02",
                              .previous_version = "public_01",
                              .previous_views = {"t", "u"},
                              .search_path = "public, pg_temp",
                              .sync_function = "public.pgmigrate_sync"};
    CleanBinder binder;
    const Plan plan = PlanMigration(migration, request, catalog, binder);
    for (const Step &step : plan.steps) {
        if (step.object == "sql") continue;  // the author's own
        if (step.statement.empty()) Fail("empty statement", step.table);
        RequireOneStatement(step.statement);
        RequireOneStatement(step.undo);
        RequireOneStatement(step.table);
    }
}

}  // namespace

Outcome Try(std::string_view text) {
    Outcome outcome = Outcome::kUnreadable;
    try {
        const Migration migration = ParseMigration(text);
        outcome = Outcome::kRefused;
        const std::string json = NormalizeToJson(text);
        if (ParseMigration(json) != migration) Fail("written and read again it is another migration", json);
        if (NormalizeToJson(json) != json) Fail("written again it is another text", json);
        PlanIt(migration);
        return Outcome::kPlanned;
    } catch (const Error &error) {
        CheckError(error);
    } catch (const DatabaseError &error) {
        CheckText(error.text());
    }
    return outcome;
}

}  // namespace pgmigrate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    (void)pgmigrate::fuzz::Try({reinterpret_cast<const char *>(data), size});
    return 0;
}
