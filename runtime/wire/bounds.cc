#include "runtime/wire/bounds.h"

#include <string>

#include "runtime/wire/mapping.h"
#include "runtime/wire/scalar.h"

namespace baton::wire {
namespace {

bool IsCountWithin(std::uint64_t max_count, const Type& type, const void* value) {
  switch (type.kind) {
    case Kind::kArray: return type.array->size(value) <= max_count;
    case Kind::kFixedArray: return type.count <= max_count;
    case Kind::kMap: return type.map->size(value) <= max_count;
    case Kind::kOptional:
    case Kind::kUniquePtr: {
      const void* const held = type.optional->get(value);
      return held == nullptr || IsCountWithin(max_count, *type.element, held);
    }
    default: return true;
  }
}

bool IsSignedWithin(const Bounds& bounds, std::int64_t number) {
  return (!bounds.has_min || number >= bounds.min.signed_value) &&
         (!bounds.has_max || number <= bounds.max.signed_value);
}

bool IsUnsignedWithin(const Bounds& bounds, std::uint64_t number) {
  return (!bounds.has_min || number >= bounds.min.unsigned_value) &&
         (!bounds.has_max || number <= bounds.max.unsigned_value);
}

bool IsRealWithin(const Bounds& bounds, double number) {
  return (!bounds.has_min || number >= bounds.min.real_value) &&
         (!bounds.has_max || number <= bounds.max.real_value);
}

bool IsNumberWithin(const Bounds& bounds, Kind kind, const void* value) {
  switch (kind) {
    case Kind::kInt8:
    case Kind::kInt16:
    case Kind::kInt32:
    case Kind::kInt64: return IsSignedWithin(bounds, LoadInteger(kind, value));
    case Kind::kFloat: return IsRealWithin(bounds, LoadAs<float>(value));
    case Kind::kDouble: return IsRealWithin(bounds, LoadAs<double>(value));
    default: return IsUnsignedWithin(bounds, static_cast<std::uint64_t>(LoadInteger(kind, value)));
  }
}

bool AreValuesWithin(const Bounds& bounds, const Type& type, const void* value);

bool AreElementsWithin(const Bounds& bounds, const Type& type, const void* value) {
  const Type& element = *type.element;
  if (element.kind == Kind::kBool) return true;
  if (type.kind == Kind::kFixedArray) {
    for (std::size_t n = 0; n < type.count; ++n) {
      const void* const item = static_cast<const std::byte*>(value) + n * StrideOf(type);
      if (!AreValuesWithin(bounds, element, item)) return false;
    }
    return true;
  }
  const std::size_t size = type.array->size(value);
  for (std::size_t n = 0; n < size; ++n) {
    if (!AreValuesWithin(bounds, element, type.array->at(value, n))) return false;
  }
  return true;
}

struct EntryCheck {
  const Bounds* bounds;
  const Type* value_type;
  bool is_within = true;
};

bool AreEntriesWithin(const Bounds& bounds, const Type& type, const void* value) {
  EntryCheck check = {&bounds, type.element};
  type.map->each(value, &check, [](void* context, const void*, const void* entry) {
    auto& entries = *static_cast<EntryCheck*>(context);
    entries.is_within = AreValuesWithin(*entries.bounds, *entries.value_type, entry);
    return entries.is_within;
  });
  return check.is_within;
}

bool AreValuesWithin(const Bounds& bounds, const Type& type, const void* value) {
  if (IsNumber(type.kind)) return IsNumberWithin(bounds, type.kind, value);
  switch (type.kind) {
    case Kind::kString:
      return IsUnsignedWithin(bounds, static_cast<const std::string*>(value)->size());
    case Kind::kBytes:
      return IsUnsignedWithin(bounds, static_cast<const std::vector<std::byte>*>(value)->size());
    case Kind::kEnum: return IsNumberWithin(bounds, type.enumeration->underlying, value);
    case Kind::kArray:
    case Kind::kFixedArray: return AreElementsWithin(bounds, type, value);
    case Kind::kMap: return AreEntriesWithin(bounds, type, value);
    case Kind::kOptional:
    case Kind::kUniquePtr: {
      const void* const held = type.optional->get(value);
      return held == nullptr || AreValuesWithin(bounds, *type.element, held);
    }
    default: return true;  // nothing in it has a size that bounds speak of
  }
}

}  // namespace

bool IsWithin(const Bounds& bounds, const Type& type, const void* value) {
  if (!IsCountWithin(bounds.max_count, type, value)) return false;
  return (!bounds.has_min && !bounds.has_max) || AreValuesWithin(bounds, type, value);
}

}  // namespace baton::wire
