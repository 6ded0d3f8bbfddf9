// SPDX-License-Identifier: PostgreSQL
#include "pg/spi_database.h"

#include <vector>

#include "core/sqlstates.h"
#include "pg/codec.h"
#include "pg/scopes.h"
#include "pg/transaction.h"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_extension.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "utils/fmgroids.h"
}

namespace pgmigrate::pg {
namespace {

class SpiSession {
  public:
    SpiSession() {
        if (Call(::SPI_connect) != SPI_OK_CONNECT) throw Error(sqlstates::kInternal, {.message = "SPI_connect failed"});
    }
    ~SpiSession() { (void)::SPI_finish(); }  // reports by return code, does not raise
    SpiSession(const SpiSession &) = delete;
    SpiSession &operator=(const SpiSession &) = delete;
};

/// Parameters as SPI wants them, all of type text.
class BoundParameters {
  public:
    explicit BoundParameters(const Parameters &parameters) : types_(parameters.size(), TEXTOID) {
        for (const Value &parameter : parameters) {
            values_.push_back(parameter ? Codec<std::string>::To(*parameter) : Datum{0});
            nulls_.push_back(parameter ? ' ' : 'n');
        }
    }

    int count() const { return static_cast<int>(types_.size()); }
    Oid *types() { return types_.data(); }
    Datum *values() { return values_.data(); }
    const char *nulls() const { return nulls_.data(); }

  private:
    std::vector<Oid> types_;
    std::vector<Datum> values_;
    std::vector<char> nulls_;
};

void Run(const std::string &sql, const Parameters &parameters) {
    BoundParameters bound(parameters);
    // SPI_execute takes several statements in one string, SPI_execute_with_args only one.
    const int code = parameters.empty() ? Call(::SPI_execute, sql.c_str(), false, 0L)
                                        : Call(::SPI_execute_with_args, sql.c_str(), bound.count(), bound.types(),
                                               bound.values(), bound.nulls(), false, 0L);
    if (code < 0)
        throw Error(sqlstates::kFeatureNotSupported,
                    {.message = "statement cannot be run inside a function", .detail = ::SPI_result_code_string(code)});
}

Rows ReadResult() {
    Rows rows;
    const SPITupleTable *const table = SPI_tuptable;
    if (table == nullptr) return rows;
    const int columns = table->tupdesc->natts;
    for (int column = 0; column < columns; ++column)
        rows.columns.emplace_back(NameStr(TupleDescAttr(table->tupdesc, column)->attname));
    for (std::uint64_t row = 0; row < SPI_processed; ++row) {
        std::vector<Value> &values = rows.values.emplace_back();
        for (int column = 1; column <= columns; ++column) {
            const char *const text = Call(::SPI_getvalue, table->vals[row], table->tupdesc, column);
            values.push_back(text ? Value(text) : std::nullopt);
        }
    }
    return rows;
}

/// Reads one column of the extension's row of pg_extension.
Oid ExtensionAttribute(int attribute) {
    const Oid found = Call(
        [](int wanted) {
            Oid result = InvalidOid;
            const Oid extension = get_extension_oid("pgmigrate", true);
            Relation catalog = table_open(ExtensionRelationId, AccessShareLock);
            ScanKeyData key;
            ScanKeyInit(&key, Anum_pg_extension_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(extension));
            SysScanDesc scan = systable_beginscan(catalog, ExtensionOidIndexId, true, nullptr, 1, &key);
            if (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple)) {
                auto *form = reinterpret_cast<Form_pg_extension>(GETSTRUCT(tuple));
                result = wanted == Anum_pg_extension_extowner ? form->extowner : form->extnamespace;
            }
            systable_endscan(scan);
            table_close(catalog, AccessShareLock);
            return result;
        },
        attribute);
    if (!OidIsValid(found))
        throw Error(sqlstates::kWrongState, {.message = "extension \"pgmigrate\" is not installed in this database",
                                             .hint = "Run CREATE EXTENSION pgmigrate."});
    return found;
}

}  // namespace

template <typename Work>
auto SpiDatabase::Prepared(Work work) {
    std::optional<UserScope> user;
    std::optional<SettingsScope> settings;
    if (OidIsValid(options_.user)) user.emplace(options_.user, options_.restricted);
    if (options_.search_path) {
        settings.emplace();
        settings->Set("search_path", *options_.search_path);
    }
    const SpiSession session;
    return work();
}

Rows SpiDatabase::Query(const std::string &sql, const Parameters &parameters) {
    return Prepared([&] {
        Run(sql, parameters);
        return ReadResult();
    });
}

std::int64_t SpiDatabase::Execute(const std::string &sql, const Parameters &parameters) {
    return Prepared([&] {
        Run(sql, parameters);
        return static_cast<std::int64_t>(SPI_processed);
    });
}

void SpiDatabase::InSubtransaction(const std::function<void()> &work) {
    Subtransaction subtransaction;
    work();
    subtransaction.Commit();
}

SpiDatabase StateDatabase() { return SpiDatabase({.user = ExtensionOwner(), .search_path = kSafeSearchPath}); }

Oid ExtensionOwner() { return ExtensionAttribute(Anum_pg_extension_extowner); }

std::string ExtensionSchema() {
    const Oid schema = ExtensionAttribute(Anum_pg_extension_extnamespace);
    const char *const name = Call(::get_namespace_name, schema);
    return name ? name : "";
}

}  // namespace pgmigrate::pg
