// SPDX-License-Identifier: PostgreSQL
// What exists: the tables of a target schema as values, read from the catalog. All expressions are SQL text in which
// every name outside pg_catalog is qualified.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate {

/// One privilege as an ACL has it.
struct Grant {
    std::string grantee;    ///< role name; empty: PUBLIC
    std::string privilege;  ///< SELECT, INSERT, …
    bool grantable = false;
    friend bool operator==(const Grant &, const Grant &) = default;
};

struct CatalogColumn {
    int number = 0;  ///< attnum
    std::string name;
    std::string type;       ///< format_type
    std::string collation;  ///< qualified; empty: the type's default
    bool not_null = false;
    std::optional<std::string> default_value;
    std::string identity;  ///< "a", "d" or empty
    bool generated = false;
    std::optional<std::string> comment;
    std::string owned_sequence;  ///< qualified name of the sequence of a serial or identity column; empty: none
    std::string
        sequence_options;  ///< of an identity column's sequence, as in CREATE SEQUENCE; limits only if not the type's
    std::vector<Grant> sequence_grants{};           ///< on an identity column's sequence
    std::optional<std::string> sequence_comment{};  ///< the same
    std::string storage;      ///< attstorage where it differs from the type's: PLAIN, EXTERNAL, …; else empty
    std::string compression;  ///< pglz or lz4 if set; else empty
    int statistics_target = -1;
    std::string options;  ///< n_distinct and n_distinct_inherited as in ALTER COLUMN … SET (…); empty: none
    std::vector<Grant> grants;
    friend bool operator==(const CatalogColumn &, const CatalogColumn &) = default;
};

struct CatalogConstraint {
    std::string name;
    char type = 'c';                                 ///< pg_constraint.contype: c, u, p, f, x
    std::vector<std::string> columns;                ///< in constraint order
    std::string check;                               ///< for c: the expression
    std::string definition;                          ///< pg_get_constraintdef
    std::string index;                               ///< for u, p, x: name of its index
    std::vector<std::string> exclusion_operators{};  ///< for x: one for each key of its index
    bool deferrable = false;
    bool initially_deferred = false;
    bool no_inherit = false;
    bool validated = true;
    std::string referenced_table;  ///< for f: qualified
    std::vector<std::string> referenced_columns;
    std::string
        foreign_key_options;  ///< for f: MATCH, ON UPDATE, ON DELETE clauses, without the list of columns to set
    std::vector<std::string> delete_set_columns;  ///< for f: the columns that ON DELETE SET … sets, if not all
    std::optional<std::string> comment;
    friend bool operator==(const CatalogConstraint &, const CatalogConstraint &) = default;
};

struct CatalogIndexKey {
    std::string column;  ///< empty for an expression
    std::string expression;
    std::string options;         ///< COLLATE, opclass, DESC, NULLS FIRST as they are to be written
    int statistics_target = -1;  ///< of an expression; -1: the default
    friend bool operator==(const CatalogIndexKey &, const CatalogIndexKey &) = default;
};

struct CatalogIndex {
    std::string name;
    std::string method;
    bool unique = false;
    bool nulls_not_distinct = false;
    bool valid = true;
    bool is_replica_identity = false;
    bool is_clustered = false;
    std::vector<CatalogIndexKey> keys;
    std::vector<std::string> included;
    std::string predicate;
    std::string storage_parameters;
    std::string tablespace;
    std::string constraint;  ///< name of the constraint it belongs to; empty: none
    std::optional<std::string> comment;
    friend bool operator==(const CatalogIndex &, const CatalogIndex &) = default;
};

/// Something outside the version schemas that reads columns of a table: completion has to drop it before it drops such
/// a column, or PostgreSQL would drop it silently. Constraints, defaults and indexes are not among these.
struct Dependent {
    std::string kind;      ///< view, materialized view, trigger, policy, statistics, publication, row type, other
    std::string identity;  ///< as messages call it: kind and qualified name
    std::vector<std::string> columns;  ///< that it reads; empty: the table, but no column of its own
    int depth = 0;                     ///< a view that reads another one has a greater depth
    bool groups_by_key = false;        ///< a view with columns that only a primary key in GROUP BY allows
    std::string relation;              ///< qualified name of the view or table to be locked before it is dropped
    std::string drop;
    std::vector<std::string> create;  ///< statements that make it anew, with all that belongs to it
    std::string obstacle;             ///< why it cannot be made anew; empty: it can
    friend bool operator==(const Dependent &, const Dependent &) = default;
};

/// A foreign key of another table (or this one) that points here.
struct IncomingForeignKey {
    std::string name;
    std::string table;                 ///< qualified name of the table it is on
    std::vector<std::string> columns;  ///< of that table
    std::vector<std::string> referenced_columns;
    std::string options;                          ///< as foreign_key_options of CatalogConstraint
    std::vector<std::string> delete_set_columns;  ///< as of CatalogConstraint
    bool deferrable = false;
    bool initially_deferred = false;
    bool validated = true;
    bool owned_by_caller = false;  ///< the current user has the rights of that table's owner
    bool partitioned = false;      ///< that table
    std::optional<std::string> comment;
    friend bool operator==(const IncomingForeignKey &, const IncomingForeignKey &) = default;
};

/// A partition of a table, or of one of its partitions.
struct CatalogPartition {
    struct OwnObject {
        std::string description;  ///< as pg_describe_object tells it
        std::string column;
        friend bool operator==(const OwnObject &, const OwnObject &) = default;
    };
    std::string name;         ///< qualified and quoted
    std::string schema_name;  ///< the parts of the name, not quoted
    std::string relation_name;
    std::string parent;  ///< qualified and quoted name of the table it is a partition of
    char kind = 'r';     ///< pg_class.relkind: r, p, f
    bool owned_by_caller = false;
    std::string owner;
    double rows = 0;  ///< as of CatalogTable
    std::int64_t bytes = 0;
    std::vector<OwnObject> own_objects{};  ///< what it has besides its parent and depends on a column

    bool IsLeaf() const { return kind != 'p'; }
    /// What planning depends on.
    bool SameDefinition(const CatalogPartition &other) const {
        return name == other.name && parent == other.parent && kind == other.kind && owner == other.owner &&
               own_objects == other.own_objects;
    }
};

struct CatalogTable {
    std::int64_t oid = 0;
    std::string name;
    bool partitioned = false;
    std::string owner;
    bool owned_by_caller = false;  ///< the current user has the owner's rights
    std::optional<std::string> comment;
    std::int64_t filenode = 0;
    double rows = 0;  ///< pg_class.reltuples; negative: never analysed
    std::int64_t bytes = 0;
    std::vector<CatalogColumn> columns;
    std::vector<CatalogConstraint> constraints;
    std::vector<CatalogIndex> indexes;
    std::vector<IncomingForeignKey> incoming_foreign_keys;
    std::vector<Dependent> dependents;
    std::vector<std::string> before_row_triggers;
    std::vector<Grant> grants;
    std::vector<CatalogPartition> partitions{};  ///< at every level, parents first
    std::vector<std::string> partition_key{};    ///< columns that its key, or a partition's key, reads
    std::string of_type{};                       ///< of a typed table (CREATE TABLE … OF): the type; else empty
    std::string replica_identity = "DEFAULT";    ///< as ALTER TABLE … REPLICA IDENTITY is to be told
};

struct CatalogSchema {
    std::int64_t oid = 0;
    std::string name;
    std::vector<CatalogTable> tables;
    std::set<std::string> relation_names;  ///< of every kind: tables, views, indexes, sequences
    std::vector<Grant> grants;
};

/// What planning depends on: true if two readings of a table differ in nothing but size and statistics.
bool SameDefinition(const CatalogTable &left, const CatalogTable &right);

}  // namespace pgmigrate
