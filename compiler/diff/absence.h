// Whether a reader accepts a message without a certain field.
#pragma once

#include "compiler/check/model.h"

namespace batonc {

// True when the field is read as something within its bounds if it is not on the wire:
// docs/wire-format.md, "Absent fields".
bool CanBeAbsent(const Model& model, const Field& field);

}  // namespace batonc
