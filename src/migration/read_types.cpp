// SPDX-License-Identifier: PostgreSQL
#include "migration/read_types.h"

#include "migration/problem.h"

namespace pgmigrate {
namespace {

constexpr Choices<ReferentialAction, 5> kActions = {{{"NO ACTION", ReferentialAction::kNoAction},
                                                     {"RESTRICT", ReferentialAction::kRestrict},
                                                     {"CASCADE", ReferentialAction::kCascade},
                                                     {"SET NULL", ReferentialAction::kSetNull},
                                                     {"SET DEFAULT", ReferentialAction::kSetDefault}}};
constexpr Choices<MatchType, 3> kMatchTypes = {
    {{"SIMPLE", MatchType::kSimple}, {"FULL", MatchType::kFull}, {"PARTIAL", MatchType::kPartial}}};
constexpr Choices<ConstraintType, 5> kTypes = {{{"unique", ConstraintType::kUnique},
                                                {"check", ConstraintType::kCheck},
                                                {"primary_key", ConstraintType::kPrimaryKey},
                                                {"foreign_key", ConstraintType::kForeignKey},
                                                {"exclude", ConstraintType::kExclude}}};
constexpr Choices<ConstraintType, 4> kAddedTypes = {{{"unique", ConstraintType::kUnique},
                                                     {"check", ConstraintType::kCheck},
                                                     {"primary_key", ConstraintType::kPrimaryKey},
                                                     {"foreign_key", ConstraintType::kForeignKey}}};
constexpr Choices<bool, 2> kIsAlways = {{{"ALWAYS", true}, {"BY DEFAULT", false}}};
constexpr Choices<bool, 2> kIsDescending = {{{"ASC", false}, {"DESC", true}}};
constexpr Choices<bool, 2> kIsFirst = {{{"FIRST", true}, {"LAST", false}}};

/// What references of columns and of tables have in common.
ForeignKeyReference ReadTarget(Fields &fields) {
    ForeignKeyReference reference;
    reference.table = fields.RequireText("table");
    reference.on_delete = fields.ReadChoice("on_delete", kActions).value_or(ReferentialAction::kNoAction);
    reference.on_update = fields.ReadChoice("on_update", kActions).value_or(ReferentialAction::kNoAction);
    reference.match_type = fields.ReadChoice("match_type", kMatchTypes).value_or(MatchType::kSimple);
    return reference;
}

ForeignKeyReference ReadTableReference(Fields &fields) {
    ForeignKeyReference reference = ReadTarget(fields);
    reference.columns = fields.RequireTexts("columns");
    reference.on_delete_set_columns = fields.ReadTexts("on_delete_set_columns");
    return reference;
}

Identity ReadIdentity(Fields &fields) {
    return {.always = fields.ReadChoice("user_specified_values", kIsAlways).value_or(true),
            .sequence_options = fields.ReadText("sequence_options").value_or("")};
}

Generated ReadGenerated(Fields &fields) {
    return {.expression = fields.ReadText("expression"), .identity = fields.ReadObject("identity", ReadIdentity)};
}

Exclusion ReadExclusion(Fields &fields) {
    return {.index_method = fields.ReadText("index_method").value_or(""),
            .elements = fields.RequireText("elements"),
            .predicate = fields.ReadText("predicate")};
}

IndexParameters ReadIndexParameters(Fields &fields) {
    return {.tablespace = fields.ReadText("tablespace"),
            .storage_parameters = fields.ReadText("storage_parameters"),
            .include_columns = fields.ReadTexts("include_columns")};
}

/// All of a constraint but its type, of which not every operation has every one.
ConstraintDefinition ReadConstraintBody(Fields &fields) {
    ConstraintDefinition constraint;
    constraint.name = fields.RequireText("name");
    constraint.columns = fields.ReadTexts("columns");
    constraint.check = fields.ReadText("check");
    constraint.references = fields.ReadObject("references", ReadTableReference);
    constraint.no_inherit = fields.ReadFlag("no_inherit");
    constraint.index_parameters =
        fields.ReadObject("index_parameters", ReadIndexParameters).value_or(IndexParameters{});
    return constraint;
}

struct OperatorClass {
    std::string name;
    std::vector<std::string> parameters;
};

OperatorClass ReadOperatorClass(Fields &fields) {
    return {.name = fields.RequireText("name"), .parameters = fields.ReadTexts("params")};
}

/// All of an index column but its name.
IndexColumn ReadIndexColumnBody(Fields &fields) {
    IndexColumn column;
    column.collate = fields.ReadText("collate");
    column.descending = fields.ReadChoice("sort", kIsDescending).value_or(false);
    column.nulls_first = fields.ReadChoice("nulls", kIsFirst);
    if (auto operator_class = fields.ReadObject("opclass", ReadOperatorClass)) {
        column.opclass = std::move(operator_class->name);
        column.opclass_parameters = std::move(operator_class->parameters);
    }
    return column;
}

IndexColumn ReadIndexColumn(Fields &fields) {
    std::string name = fields.RequireText("column");
    IndexColumn column = ReadIndexColumnBody(fields);
    column.column = std::move(name);
    return column;
}

/// A map from column to its options: the form of pgroll before 0.16. Its order is that of the text.
std::vector<IndexColumn> ReadIndexColumnMap(Document &map, const std::string &path) {
    std::vector<IndexColumn> columns;
    for (std::size_t at = 0; at < map.items.size(); ++at) {
        IndexColumn column;
        if (map.items[at].kind != Document::Kind::kNull)
            column = ReadFields(map.items[at], FieldPath(path, map.keys[at]), ReadIndexColumnBody);
        column.column = map.keys[at];
        columns.push_back(std::move(column));
    }
    return columns;
}

/// A list whose items are objects or, in pgroll's first form, just names.
std::vector<IndexColumn> ReadIndexColumnList(Document &list, const std::string &path) {
    std::vector<IndexColumn> columns;
    for (const auto &[item, item_path] : ListItems(list, path)) {
        if (item->kind == Document::Kind::kMap) {
            columns.push_back(ReadFields(*item, item_path, ReadIndexColumn));
            continue;
        }
        std::optional<std::string> name = ReadScalar(*item, item_path);
        if (!name) ThrowMissing(item_path, "The entry is empty.", "Write {\"column\": \"...\"} there.");
        columns.push_back({});
        columns.back().column = std::move(*name);
    }
    return columns;
}

}  // namespace

CheckConstraint ReadCheck(Fields &fields) {
    return {.name = fields.RequireText("name"),
            .expression = fields.RequireText("constraint"),
            .no_inherit = fields.ReadFlag("no_inherit")};
}

ForeignKeyReference ReadColumnReference(Fields &fields) {
    std::string name = fields.RequireText("name");
    ForeignKeyReference reference = ReadTarget(fields);
    reference.name = std::move(name);
    reference.columns = {fields.RequireText("column")};
    reference.deferrable = fields.ReadFlag("deferrable");
    reference.initially_deferred = fields.ReadFlag("initially_deferred");
    return reference;
}

ColumnDefinition ReadColumn(Fields &fields) {
    ColumnDefinition column;
    column.name = fields.RequireText("name");
    column.type = fields.RequireText("type");
    column.nullable = fields.ReadFlag("nullable");
    column.primary_key = fields.ReadFlag("pk");
    column.unique = fields.ReadFlag("unique");
    column.default_value = fields.ReadText("default");
    column.comment = fields.ReadText("comment");
    column.check = fields.ReadObject("check", ReadCheck);
    column.references = fields.ReadObject("references", ReadColumnReference);
    column.generated = fields.ReadObject("generated", ReadGenerated);
    return column;
}

ConstraintDefinition ReadConstraint(Fields &fields) {
    const ConstraintType type = fields.RequireChoice("type", kTypes);
    ConstraintDefinition constraint = ReadConstraintBody(fields);
    constraint.type = type;
    constraint.exclude = fields.ReadObject("exclude", ReadExclusion);
    constraint.deferrable = fields.ReadFlag("deferrable");
    constraint.initially_deferred = fields.ReadFlag("initially_deferred");
    constraint.nulls_not_distinct = fields.ReadFlag("nulls_not_distinct");
    return constraint;
}

ConstraintDefinition ReadAddedConstraint(Fields &fields) {
    const ConstraintType type = fields.RequireChoice("type", kAddedTypes);
    ConstraintDefinition constraint = ReadConstraintBody(fields);
    constraint.type = type;
    return constraint;
}

std::vector<IndexColumn> ReadIndexColumns(Fields &fields) {
    Document &columns = fields.Require("columns");
    const std::string path = fields.PathOf("columns");
    auto read =
        columns.kind == Document::Kind::kMap ? ReadIndexColumnMap(columns, path) : ReadIndexColumnList(columns, path);
    if (read.empty()) ThrowMissing(path, "An index needs at least one column.", "List the columns to index.");
    return read;
}

}  // namespace pgmigrate
