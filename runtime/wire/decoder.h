// Bytes -> values, by the rows of a table. Nothing in the bytes is believed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <baton/base/result.h>
#include <baton/wire/table.h>

#include "runtime/wire/mapping.h"
#include "runtime/wire/shmem_slot.h"

namespace baton::wire {

struct DecodeOptions {
  // Fields that do not exist in it are ignored, and hold what a default-made value has there.
  std::uint32_t version = kNewestVersion;
  // Gets what was refused, for people: where it lies, and what was seen there if that says more
  // than the rule. "size.width: 70000 is over Max=16384", "names[2]"; ": it nests too deep" of the
  // whole.
  std::string* refused_field = nullptr;
  // Gets the places where actors and managed endpoints are to be filled in. Needed for tables that
  // have such fields.
  std::vector<IncomingActor>* actors = nullptr;
};

// Decodes one message from `bytes`, a private copy that nobody else can change (any alignment,
// any content), into `values`: `values[n]` points at a default-made object for `table.rows[n]`.
//
// Returns the places where shared memory and handles are to be filled in; the pointers stay valid
// as long as the values are not moved. On failure the values hold something unspecified but
// destructible.
//
// Errors, all the peer's fault: Rule::kMalformed (not a FlatBuffer of this shape; too deep),
// kDecodeBudget (visits more than a small multiple of its length: shared offsets), kEnumValue,
// kBoolValue, kNotUtf8, kMissingField (an absent Shmem, FileDescriptor, actor or C++ type that is
// not optional), kUnionTag, kMapOrder, kFixedCount, kCodecValue, kBounds, kElementSize,
// kSliceBounds.
//
// Memory and time are bounded by a small multiple of bytes.size().
Result<std::vector<IncomingShmem>> Decode(const Table& table, std::span<const std::byte> bytes,
                                          std::span<void* const> values,
                                          const DecodeOptions& options = {});

}  // namespace baton::wire
