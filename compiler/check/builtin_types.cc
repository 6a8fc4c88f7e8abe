#include "compiler/check/builtin_types.h"

#include <algorithm>
#include <limits>

namespace batonc {
namespace {

struct Row {
  std::string_view name;
  Builtin type;
  bool is_ours = false;  // else it is IPDL's name for it
};

const Row kRows[] = {
    {"bool", Scalar::kBool, true},
    {"int8", Scalar::kInt8, true},
    {"int16", Scalar::kInt16, true},
    {"int32", Scalar::kInt32, true},
    {"int64", Scalar::kInt64, true},
    {"uint8", Scalar::kUint8, true},
    {"uint16", Scalar::kUint16, true},
    {"uint32", Scalar::kUint32, true},
    {"uint64", Scalar::kUint64, true},
    {"float", Scalar::kFloat, true},
    {"double", Scalar::kDouble, true},
    {"string", StringType{}, true},
    {"bytes", BytesType{}, true},
    {"Shmem", MemoryKind::kShmem, true},
    {"UnsafeShmem", MemoryKind::kUnsafeShmem, true},
    {"char", Scalar::kInt8},
    {"short", Scalar::kInt16},
    {"int", Scalar::kInt32},
    {"long", Scalar::kInt64},
    {"int8_t", Scalar::kInt8},
    {"int16_t", Scalar::kInt16},
    {"int32_t", Scalar::kInt32},
    {"int64_t", Scalar::kInt64},
    {"intptr_t", Scalar::kInt64},
    {"uint8_t", Scalar::kUint8},
    {"uint16_t", Scalar::kUint16},
    {"uint32_t", Scalar::kUint32},
    {"uint64_t", Scalar::kUint64},
    {"uintptr_t", Scalar::kUint64},
    {"FrozenShmem", UnsupportedBuiltin{}},
    {"ShmemSlice", UnsupportedBuiltin{}},
    {"FileDescriptor", UnsupportedBuiltin{}},
    {"ByteBuf", UnsupportedBuiltin{}},
};

template <class T>
constexpr ValueRange RangeOf() {
  return {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
}

}  // namespace

std::optional<Builtin> BuiltinFrom(std::string_view name) {
  const auto row = std::ranges::find(kRows, name, &Row::name);
  if (row == std::end(kRows)) return std::nullopt;
  return row->type;
}

std::vector<std::string> BuiltinNames() {
  std::vector<std::string> names;
  for (const Row& row : kRows) {
    if (row.is_ours) names.emplace_back(row.name);
  }
  return names;
}

std::string_view SpellingOf(Scalar scalar) {
  const auto row = std::ranges::find(kRows, Builtin(scalar), &Row::type);
  return row->name;
}

std::optional<ValueRange> EnumRangeOf(Scalar scalar) {
  switch (scalar) {
    case Scalar::kInt8: return RangeOf<std::int8_t>();
    case Scalar::kInt16: return RangeOf<std::int16_t>();
    case Scalar::kInt32: return RangeOf<std::int32_t>();
    case Scalar::kInt64: return RangeOf<std::int64_t>();
    case Scalar::kUint8: return RangeOf<std::uint8_t>();
    case Scalar::kUint16: return RangeOf<std::uint16_t>();
    case Scalar::kUint32: return RangeOf<std::uint32_t>();
    case Scalar::kUint64: return ValueRange{0, std::numeric_limits<std::int64_t>::max()};
    case Scalar::kBool:
    case Scalar::kFloat:
    case Scalar::kDouble: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace batonc
