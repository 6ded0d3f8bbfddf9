// SPDX-License-Identifier: PostgreSQL
// One reader for each operation of pgroll's format. Rules beyond presence and type are in rules.cpp.
#include "migration/read_operation.h"

#include <fmt/format.h>

#include <array>

#include "migration/fields.h"
#include "migration/problem.h"
#include "migration/read_types.h"

namespace pgmigrate {
namespace {

constexpr Choices<std::string_view, 4> kReplicaIdentities = {
    {{"full", "full"}, {"default", "default"}, {"nothing", "nothing"}, {"index", "index"}}};

CreateTable ReadCreateTable(Fields &fields) {
    CreateTable operation;
    operation.name = fields.RequireText("name");
    fields.Require("columns");
    operation.columns = fields.ReadObjects("columns", ReadColumn);
    operation.constraints = fields.ReadObjects("constraints", ReadConstraint);
    operation.comment = fields.ReadText("comment");
    return operation;
}

RenameTable ReadRenameTable(Fields &fields) {
    return {.from = fields.RequireText("from"), .to = fields.RequireText("to")};
}

DropTable ReadDropTable(Fields &fields) { return {.name = fields.RequireText("name")}; }

AddColumn ReadAddColumn(Fields &fields) {
    return {.table = fields.RequireText("table"),
            .column = fields.RequireObject("column", ReadColumn),
            .up = fields.ReadText("up")};
}

RenameColumn ReadRenameColumn(Fields &fields) {
    return {.table = fields.RequireText("table"), .from = fields.RequireText("from"), .to = fields.RequireText("to")};
}

DropColumn ReadDropColumn(Fields &fields) {
    return {
        .table = fields.RequireText("table"), .column = fields.RequireText("column"), .down = fields.ReadText("down")};
}

std::string ReadUniqueName(Fields &fields) { return fields.RequireText("name"); }

AlterColumn ReadAlterColumn(Fields &fields) {
    AlterColumn operation;
    operation.table = fields.RequireText("table");
    operation.column = fields.RequireText("column");
    operation.type = fields.ReadText("type");
    operation.nullable = fields.ReadOptionalFlag("nullable");
    operation.unique = fields.ReadObject("unique", ReadUniqueName);
    operation.check = fields.ReadObject("check", ReadCheck);
    operation.references = fields.ReadObject("references", ReadColumnReference);
    operation.default_value = fields.ReadChange("default");
    operation.comment = fields.ReadChange("comment");
    operation.up = fields.ReadText("up");
    operation.down = fields.ReadText("down");
    return operation;
}

CreateConstraint ReadCreateConstraint(Fields &fields) {
    return {.table = fields.RequireText("table"),
            .constraint = ReadAddedConstraint(fields),
            .up = fields.ReadExpressions("up"),
            .down = fields.ReadExpressions("down")};
}

DropConstraint ReadDropConstraint(Fields &fields) {
    return {.table = fields.RequireText("table"),
            .name = fields.RequireText("name"),
            .up = fields.ReadText("up"),
            .down = fields.RequireText("down")};
}

DropMulticolumnConstraint ReadDropMulticolumnConstraint(Fields &fields) {
    return {.table = fields.RequireText("table"),
            .name = fields.RequireText("name"),
            .up = fields.ReadExpressions("up"),
            .down = fields.ReadExpressions("down")};
}

RenameConstraint ReadRenameConstraint(Fields &fields) {
    return {.table = fields.RequireText("table"), .from = fields.RequireText("from"), .to = fields.RequireText("to")};
}

CreateIndex ReadCreateIndex(Fields &fields) {
    CreateIndex operation;
    operation.name = fields.RequireText("name");
    operation.table = fields.RequireText("table");
    operation.columns = ReadIndexColumns(fields);
    operation.unique = fields.ReadFlag("unique");
    // Access methods of extensions are welcome, so the name is not one of a closed set. It was never quoted in SQL.
    operation.method = ToLower(fields.ReadText("method").value_or(operation.method));
    operation.predicate = fields.ReadText("predicate");
    operation.storage_parameters = fields.ReadText("storage_parameters");
    return operation;
}

DropIndex ReadDropIndex(Fields &fields) { return {.name = fields.RequireText("name")}; }

SetReplicaIdentity ReadSetReplicaIdentity(Fields &fields) {
    SetReplicaIdentity operation;
    operation.table = fields.RequireText("table");
    fields.RequireObject("identity", [&operation](Fields &identity) {
        operation.type = identity.RequireChoice("type", kReplicaIdentities);
        operation.index = identity.ReadText("index");
        return true;
    });
    return operation;
}

RawSql ReadRawSql(Fields &fields) {
    return {
        .up = fields.RequireText("up"), .down = fields.ReadText("down"), .on_complete = fields.ReadFlag("onComplete")};
}

struct OperationReader {
    std::string_view name;
    Operation (*read)(Document &body, std::string path);
};

template <auto Read>
Operation ReadBody(Document &body, std::string path) {
    return ReadFields(body, std::move(path), Read);
}

constexpr std::array<OperationReader, std::variant_size_v<Operation>> kReaders = {{
    {"create_table", ReadBody<ReadCreateTable>},
    {"rename_table", ReadBody<ReadRenameTable>},
    {"drop_table", ReadBody<ReadDropTable>},
    {"add_column", ReadBody<ReadAddColumn>},
    {"rename_column", ReadBody<ReadRenameColumn>},
    {"drop_column", ReadBody<ReadDropColumn>},
    {"alter_column", ReadBody<ReadAlterColumn>},
    {"create_constraint", ReadBody<ReadCreateConstraint>},
    {"drop_constraint", ReadBody<ReadDropConstraint>},
    {"drop_multicolumn_constraint", ReadBody<ReadDropMulticolumnConstraint>},
    {"rename_constraint", ReadBody<ReadRenameConstraint>},
    {"create_index", ReadBody<ReadCreateIndex>},
    {"drop_index", ReadBody<ReadDropIndex>},
    {"set_replica_identity", ReadBody<ReadSetReplicaIdentity>},
    {"sql", ReadBody<ReadRawSql>},
}};

const OperationReader &FindReader(std::string_view name, const std::string &path) {
    std::vector<std::string_view> known;
    for (const OperationReader &reader : kReaders) {
        if (reader.name == name) return reader;
        known.push_back(reader.name);
    }
    ThrowInvalid({.message = fmt::format("unknown operation \"{}\"", FieldPath(path, name)),
                  .hint = SuggestKnown(name, known, "operations")});
}

}  // namespace

Operation ReadOperation(Document &item, const std::string &path) {
    if (item.kind != Document::Kind::kMap) ThrowWrongKind(item, path, "an object with one operation");
    if (item.keys.empty()) {
        ThrowInvalid({.message = fmt::format("field \"{}\" holds no operation", path),
                      .hint = "Remove it, or write an operation such as {\"drop_table\": {\"name\": \"...\"}}."});
    }
    if (item.keys.size() > 1) {
        ThrowInvalid({.message = fmt::format("field \"{}\" holds more than one operation", path),
                      .detail = fmt::format("It has \"{}\" and \"{}\".", MakePrintable(item.keys[0]),
                                            MakePrintable(item.keys[1])),
                      .hint = "Make each operation an object of its own in the list."});
    }
    const std::string &name = item.keys.front();
    return FindReader(name, path).read(item.items.front(), FieldPath(path, name));
}

}  // namespace pgmigrate
