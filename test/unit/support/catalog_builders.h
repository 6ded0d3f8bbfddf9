// SPDX-License-Identifier: PostgreSQL
// Catalogs for tests, in few words.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "catalog/schema.h"
#include "core/identifier.h"

namespace pgmigrate {

inline CatalogColumn Column(std::string name, std::string type = "integer") {
    CatalogColumn column;
    column.name = std::move(name);
    column.type = std::move(type);
    return column;
}

inline CatalogColumn NotNull(CatalogColumn column) {
    column.not_null = true;
    return column;
}

inline CatalogColumn WithDefault(CatalogColumn column, std::string text) {
    column.default_value = std::move(text);
    return column;
}

/// A serial column of table t in schema public.
inline CatalogColumn Serial(std::string name, std::string sequence) {
    CatalogColumn column = NotNull(Column(std::move(name)));
    column.default_value = "nextval('" + sequence + "'::regclass)";
    column.owned_sequence = std::move(sequence);
    return column;
}

inline CatalogConstraint Check(std::string name, std::vector<std::string> columns, std::string expression) {
    CatalogConstraint constraint;
    constraint.name = std::move(name);
    constraint.type = 'c';
    constraint.columns = std::move(columns);
    constraint.check = std::move(expression);
    return constraint;
}

inline CatalogConstraint ForeignKey(std::string name, std::vector<std::string> columns, std::string table,
                                    std::vector<std::string> referenced_columns) {
    CatalogConstraint constraint;
    constraint.name = std::move(name);
    constraint.type = 'f';
    constraint.columns = std::move(columns);
    constraint.referenced_table = std::move(table);
    constraint.referenced_columns = std::move(referenced_columns);
    return constraint;
}

/// A foreign key of another table that points here; the caller owns that table too.
inline IncomingForeignKey Incoming(std::string name, std::string table, std::vector<std::string> columns,
                                   std::vector<std::string> referenced_columns) {
    IncomingForeignKey key;
    key.name = std::move(name);
    key.table = std::move(table);
    key.columns = std::move(columns);
    key.referenced_columns = std::move(referenced_columns);
    key.owned_by_caller = true;
    return key;
}

inline CatalogIndex Index(std::string name, const std::vector<std::string> &columns) {
    CatalogIndex index;
    index.name = std::move(name);
    index.method = "btree";
    for (const std::string &column : columns) index.keys.push_back({.column = column, .expression = {}, .options = {}});
    return index;
}

/// Something that reads columns of the table it is added to and can be made anew.
inline Dependent DependentOn(std::string kind, const std::string &name, std::vector<std::string> columns, int depth = 0) {
    Dependent dependent;
    dependent.identity = kind + ' ' + name;
    dependent.kind = std::move(kind);
    dependent.columns = std::move(columns);
    dependent.depth = depth;
    dependent.relation = name;
    dependent.drop = "DROP " + dependent.identity;
    dependent.create = {"CREATE " + dependent.identity, "GRANT " + dependent.identity};
    return dependent;
}

/// A table of schema public that the caller owns.
class TableBuilder {
  public:
    TableBuilder(std::string name, std::vector<CatalogColumn> columns) {
        table_.oid = 1000;
        table_.filenode = 2000;
        table_.name = std::move(name);
        table_.owner = "olga";
        table_.owned_by_caller = true;
        table_.columns = std::move(columns);
        for (std::size_t i = 0; i < table_.columns.size(); ++i) table_.columns[i].number = static_cast<int>(i) + 1;
    }

    TableBuilder &With(CatalogConstraint constraint) {
        table_.constraints.push_back(std::move(constraint));
        return *this;
    }
    TableBuilder &With(CatalogIndex index) {
        table_.indexes.push_back(std::move(index));
        return *this;
    }
    TableBuilder &With(Dependent dependent) {
        table_.dependents.push_back(std::move(dependent));
        return *this;
    }
    /// A primary key or unique constraint and its index.
    TableBuilder &Key(char type, const std::string &name, const std::vector<std::string> &columns) {
        CatalogConstraint constraint;
        constraint.name = constraint.index = name;
        constraint.type = type;
        constraint.columns = columns;
        CatalogIndex index = Index(name, columns);
        index.unique = true;
        index.constraint = name;
        With(std::move(constraint));
        return With(std::move(index));
    }
    TableBuilder &PrimaryKey(const std::string &name, const std::vector<std::string> &columns) { return Key('p', name, columns); }
    TableBuilder &Unique(const std::string &name, const std::vector<std::string> &columns) { return Key('u', name, columns); }

    /// What has no word of its own.
    CatalogTable &operator*() { return table_; }
    CatalogTable *operator->() { return &table_; }

  private:
    CatalogTable table_;
};

inline CatalogSchema SchemaOf(std::vector<TableBuilder> tables) {
    CatalogSchema schema;
    schema.oid = 2200;
    schema.name = "public";
    for (TableBuilder &table : tables) {
        schema.relation_names.insert(table->name);
        for (const CatalogIndex &index : table->indexes) schema.relation_names.insert(index.name);
        schema.tables.push_back(std::move(*table));
    }
    return schema;
}

}  // namespace pgmigrate
