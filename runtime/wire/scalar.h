// Values of fixed size, as bytes: how wide they are, and which numbers an enum has.
//
// The wire is little-endian (docs/wire-format.md) and so is every machine Baton runs on; numbers
// are copied as they lie in memory.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>

#include <baton/wire/table.h>

namespace baton::wire {

static_assert(std::endian::native == std::endian::little);

// True for the kinds whose every bit pattern is a value: kInt8 ... kDouble.
constexpr bool IsNumber(Kind kind) {
  return kind >= Kind::kInt8 && kind <= Kind::kDouble;
}

// Bytes of a bool or a number, in memory and on the wire; 0 for every other kind.
constexpr std::size_t ScalarSize(Kind kind) {
  constexpr std::uint8_t kSizes[] = {1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8};
  static_assert(std::size(kSizes) == static_cast<std::size_t>(Kind::kDouble) + 1);
  return kind <= Kind::kDouble ? kSizes[static_cast<std::size_t>(kind)] : 0;
}

// `size` bytes, 1, 2, 4 or 8: a call to memcpy would cost more than the copy.
inline void CopyScalar(std::size_t size, const void* from, void* to) {
  switch (size) {
    case 1: std::memcpy(to, from, 1); return;
    case 2: std::memcpy(to, from, 2); return;
    case 4: std::memcpy(to, from, 4); return;
    default: std::memcpy(to, from, 8); return;
  }
}

template <class T>
T LoadAs(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

// The integer of `kind` at `from`, widened to 64 bits as Enumeration::values are.
inline std::int64_t LoadInteger(Kind kind, const void* from) {
  switch (kind) {
    case Kind::kInt8: return LoadAs<std::int8_t>(from);
    case Kind::kUint8: return LoadAs<std::uint8_t>(from);
    case Kind::kInt16: return LoadAs<std::int16_t>(from);
    case Kind::kUint16: return LoadAs<std::uint16_t>(from);
    case Kind::kInt32: return LoadAs<std::int32_t>(from);
    case Kind::kUint32: return LoadAs<std::uint32_t>(from);
    default: return LoadAs<std::int64_t>(from);
  }
}

// The reverse: the low bytes of `value`.
inline void StoreInteger(Kind kind, void* to, std::int64_t value) {
  CopyScalar(ScalarSize(kind), &value, to);
}

// Whether `value`, widened, is a value of the enum. Enumerators ascend as std::int64_t, so that
// those of the upper half of kUint64 come first.
inline bool IsEnumerator(const Enumeration& enumeration, std::int64_t value) {
  if (enumeration.is_extensible) return true;
  if (enumeration.is_flags) {
    std::int64_t bits = 0;
    for (const std::int64_t one : enumeration.values) bits |= one;
    return (value & ~bits) == 0;
  }
  return std::binary_search(enumeration.values.begin(), enumeration.values.end(), value);
}

// The default of a field of fixed size as it lies in memory, in the low bytes.
inline std::int64_t BitsOf(const Default& value, Kind kind) {
  if (kind == Kind::kFloat) return std::bit_cast<std::int32_t>(static_cast<float>(value.real));
  if (kind == Kind::kDouble) return std::bit_cast<std::int64_t>(value.real);
  return value.bits;
}

}  // namespace baton::wire
