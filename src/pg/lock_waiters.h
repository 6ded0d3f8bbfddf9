// SPDX-License-Identifier: PostgreSQL
#pragma once

namespace pgmigrate::pg {

/// True if some session waits for a row that the current transaction has locked or changed. Cheap enough to be asked
/// once a page. Who waits for our lock on the table is not seen: those who change a table's definition.
bool IsTransactionWaitedFor();

}  // namespace pgmigrate::pg
