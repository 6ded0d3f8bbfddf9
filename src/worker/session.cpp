// SPDX-License-Identifier: PostgreSQL
#include "worker/session.h"

#include <utility>

extern "C" {
#include "commands/extension.h"
#include "postmaster/interrupt.h"
#include "storage/lmgr.h"
}

namespace pgmigrate::worker {
namespace {

constexpr std::pair<const char *, const char *> kSettings[] = {
    {"application_name", "pgmigrate"},
    {"search_path", "pg_catalog, pg_temp"},
    {"default_transaction_isolation", "read committed"},
    {"default_transaction_read_only", "off"},
    {"default_transaction_deferrable", "off"},
    {"session_replication_role", "origin"},
    {"statement_timeout", "0"},
    {"lock_timeout", "0"},
    {"idle_in_transaction_session_timeout", "0"},
    {"max_parallel_workers_per_gather", "0"},
    {"jit", "off"},
};

}  // namespace

void PrepareSession() {
    pg::Call([] {
        for (const auto &[name, value] : kSettings) SetConfigOption(name, value, PGC_SUSET, PGC_S_SESSION);
        if (GetConfigOption("transaction_timeout", true, false) != nullptr)  // PostgreSQL 17
            SetConfigOption("transaction_timeout", "0", PGC_SUSET, PGC_S_SESSION);
    });
}

bool ReloadSettingsIfAsked() {
    if (!ConfigReloadPending) return false;
    ConfigReloadPending = false;
    pg::Call(::ProcessConfigFile, PGC_SIGHUP);
    return true;
}

void CommitAsynchronously() {
    pg::Call([] {
        (void)set_config_option("synchronous_commit", "off", PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0,
                                false);
    });
}

bool IsExtensionInstalled() { return OidIsValid(pg::Call(::get_extension_oid, "pgmigrate", true)); }

void WaitForTransaction(TransactionId transaction, const std::string &activity) {
    InBareTransaction(activity.c_str(), [transaction] {
        pg::Call(::XactLockTableWait, transaction, static_cast<Relation>(nullptr), static_cast<ItemPointer>(nullptr),
                 XLTW_None);
    });
}

}  // namespace pgmigrate::worker
