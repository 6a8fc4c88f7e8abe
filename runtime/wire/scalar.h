// Values of fixed size, as bytes: how wide they are, and which numbers an enum has.
//
// The wire is little-endian (docs/wire-format.md) and so is every machine Baton runs on; numbers
// are copied as they lie in memory.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <baton/wire/table.h>

namespace baton::wire {

static_assert(std::endian::native == std::endian::little);

// True for the kinds whose every bit pattern is a value: kInt8 ... kDouble.
constexpr bool IsNumber(Kind kind) {
  return kind >= Kind::kInt8 && kind <= Kind::kDouble;
}

// Bytes of a bool or a number, in memory and on the wire; 0 for every other kind.
constexpr std::size_t ScalarSize(Kind kind) {
  switch (kind) {
    case Kind::kBool:
    case Kind::kInt8:
    case Kind::kUint8: return 1;
    case Kind::kInt16:
    case Kind::kUint16: return 2;
    case Kind::kInt32:
    case Kind::kUint32:
    case Kind::kFloat: return 4;
    case Kind::kInt64:
    case Kind::kUint64:
    case Kind::kDouble: return 8;
    default: return 0;
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
  std::memcpy(to, &value, ScalarSize(kind));
}

// Whether `value` is one of the enumerators. They ascend as numbers of the underlying type: for
// kUint64 those of the upper half, negative when seen as std::int64_t, come last.
inline bool IsEnumerator(const Enumeration& enumeration, std::int64_t value) {
  // Flipping the sign bit of both sides makes one comparison serve both orders.
  const std::uint64_t flip = enumeration.underlying == Kind::kUint64 ? 0 : std::uint64_t{1} << 63;
  const std::uint64_t wanted = static_cast<std::uint64_t>(value) ^ flip;
  std::size_t first = 0;
  std::size_t count = enumeration.values.size();
  while (count > 0) {
    const std::size_t half = count / 2;
    const std::uint64_t middle =
        static_cast<std::uint64_t>(enumeration.values[first + half]) ^ flip;
    if (middle == wanted) return true;
    if (middle < wanted) {
      first += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return false;
}

}  // namespace baton::wire
