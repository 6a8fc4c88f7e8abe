// The FlatBuffers schema of one file: docs/wire-format.md section 3, in the words of flatc. It
// repeats what it uses of included files, so that it needs no other.
#pragma once

#include "compiler/check/model.h"
#include "compiler/lower/plan.h"

namespace batonc {

FbsPlan LowerFbs(const Model& model, const File& file);

}  // namespace batonc
