#include "runtime/looking/shared_bytes.h"

#include <algorithm>

#include <baton/frozen_shmem.h>
#include <baton/shmem.h>
#include <baton/shmem_slice.h>
#include "runtime/wire/mapping.h"

namespace baton::internal {
namespace {

using wire::Kind;
using wire::Type;

std::uint64_t In(const Type& type, const void* value);

std::uint64_t InArray(const Type& type, const void* value) {
  const wire::ArrayOperations& array = *type.array;
  if (array.at == nullptr || array.assign != nullptr) return 0;  // bools, numbers
  std::uint64_t sum = 0;
  const std::size_t size = array.size(value);
  for (std::size_t n = 0; n < size; ++n) sum += In(*type.element, array.at(value, n));
  return sum;
}

std::uint64_t InFixedArray(const Type& type, const void* value) {
  std::uint64_t sum = 0;
  for (std::size_t n = 0; n < type.count; ++n) {
    sum += In(*type.element, static_cast<const std::byte*>(value) + n * wire::StrideOf(type));
  }
  return sum;
}

std::uint64_t InMap(const Type& type, const void* value) {
  struct Walk {
    const Type& element;
    std::uint64_t sum;
  } walk = {*type.element, 0};
  type.map->each(value, &walk, [](void* context, const void*, const void* mapped) {
    Walk& entries = *static_cast<Walk*>(context);
    entries.sum += In(entries.element, mapped);
    return true;
  });
  return walk.sum;
}

std::uint64_t InStruct(const wire::Table& table, const void* value) {
  std::uint64_t sum = 0;
  for (const wire::Row& row : table.rows) {
    sum += In(*row.type, static_cast<const std::byte*>(value) + row.offset);
  }
  return sum;
}

std::uint64_t InUnion(const wire::Union& type, const void* value) {
  const std::size_t index = type.operations->index(value);
  const bool is_known = index < type.alternatives.size();
  const void* const held = is_known ? type.operations->get(value) : nullptr;
  return held == nullptr ? 0 : In(*type.alternatives[index].type, held);
}

std::uint64_t In(const Type& type, const void* value) {
  switch (type.kind) {
    case Kind::kShmem: return static_cast<const Shmem*>(value)->size();
    case Kind::kUnsafeShmem: return static_cast<const UnsafeShmem*>(value)->size();
    case Kind::kShmemSlice: return static_cast<const ShmemSlice*>(value)->whole_size();
    case Kind::kFrozenShmem: return static_cast<const FrozenShmem*>(value)->size();
    case Kind::kStruct: return InStruct(*type.table, value);
    case Kind::kArray: return InArray(type, value);
    case Kind::kFixedArray: return InFixedArray(type, value);
    case Kind::kMap: return InMap(type, value);
    case Kind::kUnion: return InUnion(*type.alternatives, value);
    case Kind::kOptional:
    case Kind::kUniquePtr: {
      const void* const held = type.optional->get(value);
      return held == nullptr ? 0 : In(*type.element, held);
    }
    default: return 0;
  }
}

}  // namespace

std::uint64_t SharedBytes(const wire::Table& table, std::span<const void* const> values) {
  std::uint64_t sum = 0;
  for (std::size_t n = 0; n < std::min(values.size(), table.rows.size()); ++n) {
    sum += In(*table.rows[n].type, values[n]);
  }
  return sum;
}

}  // namespace baton::internal
