// SPDX-License-Identifier: PostgreSQL
// The shared library: magic block and _PG_init.
#include "pg/boundary.h"
#include "pg/settings.h"
#include "sync/writer_version.h"
#include "worker/launcher.h"

extern "C" {
PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);
void _PG_init(void) {
    auto body = [] {
        pgmigrate::pg::DefineSettings();
        pgmigrate::sync::InstallExecutorHook();
        pgmigrate::worker::RegisterLauncher();
        return Datum{0};
    };
    (void)pgmigrate::pg::Boundary(body);
}
}
