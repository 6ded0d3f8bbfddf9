// SPDX-License-Identifier: PostgreSQL
#include "sync/row.h"

#include <algorithm>

extern "C" {
#include "access/htup_details.h"
#include "access/sysattr.h"
#include "utils/datum.h"
#include "utils/rel.h"
}

namespace pgmigrate::sync {

Row::Row(const TriggerData &trigger) : trigger_(trigger), columns_(RelationGetDescr(trigger.tg_relation)) {
    const bool is_update = TRIGGER_FIRED_BY_UPDATE(trigger.tg_event);
    TupleTableSlot *const old_slot = is_update ? trigger.tg_trigslot : nullptr;
    TupleTableSlot *const new_slot = is_update ? trigger.tg_newslot : trigger.tg_trigslot;
    pg::Call([old_slot, new_slot] {
        if (old_slot) slot_getallattrs(old_slot);
        slot_getallattrs(new_slot);
    });
    old_ = old_slot;
    values_ = new_slot->tts_values;
    nulls_ = new_slot->tts_isnull;
}

bool Row::Changed(AttrNumber column) const {
    const int i = column - 1;
    if (old_->tts_isnull[i] != nulls_[i]) return true;
    if (nulls_[i]) return false;
    const Form_pg_attribute type = TupleDescAttr(columns_, i);
    if (type->attbyval) return old_->tts_values[i] != values_[i];
    return !pg::Call(datum_image_eq, old_->tts_values[i], values_[i], false, int{type->attlen});
}

bool Row::AnyChanged(std::span<const AttrNumber> columns) const {
    return std::any_of(columns.begin(), columns.end(), [this](AttrNumber column) { return Changed(column); });
}

bool Row::IsOlderThan(AttrNumber column) const {
    return HeapTupleHeaderGetNatts(trigger_.tg_trigtuple->t_data) < column;
}

bool Row::IsAssigned(AttrNumber column) const {
    return bms_is_member(column - FirstLowInvalidHeapAttributeNumber, trigger_.tg_updatedcols);
}

void Row::Set(AttrNumber column, Datum value, bool is_null) {
    if (own_values_.empty()) MakeOwn();
    own_values_[column - 1] = value;
    own_nulls_[column - 1] = is_null;
}

void Row::MakeOwn() {
    const auto count = static_cast<std::size_t>(columns_->natts);
    own_values_.assign(values_, values_ + count);
    own_nulls_.assign(nulls_, nulls_ + count);
    values_ = own_values_.data();
    nulls_ = own_nulls_.data();
}

HeapTuple Row::Given() const noexcept { return old_ ? trigger_.tg_newtuple : trigger_.tg_trigtuple; }

HeapTuple Row::Finish() const {
    if (own_values_.empty()) return Given();
    const HeapTuple given = Given();
    const HeapTuple tuple = pg::Call([this] {
        return heap_form_tuple(columns_, const_cast<Datum *>(values_),
                               const_cast<bool *>(nulls_));  // which only reads them
    });
    // As heap_modify_tuple does: the row keeps its identity.
    tuple->t_data->t_ctid = given->t_data->t_ctid;
    tuple->t_self = given->t_self;
    tuple->t_tableOid = given->t_tableOid;
    return tuple;
}

}  // namespace pgmigrate::sync
