// [Min], [Max] and [MaxCount] of a field, for the writer and the reader.
#pragma once

#include <baton/wire/rows.h>

namespace baton::wire {

// Whether the value of `type` at `value` keeps to `bounds`: the number of elements of its outermost
// array or map, and each innermost number, string and bytes.
bool IsWithin(const Bounds& bounds, const Type& type, const void* value);

}  // namespace baton::wire
