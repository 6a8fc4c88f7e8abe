#include "compiler/check/builtin_types.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

namespace batonc {
namespace {

struct TypeRow {
  std::string_view name;
  Builtin builtin;
};

const TypeRow kTypeRows[] = {
    {"bool", {Scalar::kBool}},
    {"int8", {Scalar::kInt8, true, "int8_t"}},
    {"int16", {Scalar::kInt16, true, "int16_t"}},
    {"int32", {Scalar::kInt32, true, "int32_t"}},
    {"int64", {Scalar::kInt64, true, "int64_t"}},
    {"uint8", {Scalar::kUint8, true, "uint8_t"}},
    {"uint16", {Scalar::kUint16, true, "uint16_t"}},
    {"uint32", {Scalar::kUint32, true, "uint32_t"}},
    {"uint64", {Scalar::kUint64, true, "uint64_t"}},
    {"float", {Scalar::kFloat}},
    {"double", {Scalar::kDouble}},
    {"string", {StringType{}, true}},
    {"bytes", {BytesType{}, true}},
    {"Shmem", {MemoryType{MemoryKind::kShmem, nullptr}}},
    {"UnsafeShmem", {MemoryType{MemoryKind::kUnsafeShmem, nullptr}, true}},
    {"FrozenShmem", {MemoryType{MemoryKind::kFrozenShmem, nullptr}, true}},
    {"ShmemSlice", {SliceType{}, true}},
    {"ByteBuf", {BytesType{}}},
    {"FileDescriptor", {FileDescriptorType{}}},
    {"char", {Scalar::kInt8}},
    {"short", {Scalar::kInt16}},
    {"int", {Scalar::kInt32}},
    {"long", {Scalar::kInt64}},
    {"int8_t", {Scalar::kInt8}},
    {"int16_t", {Scalar::kInt16}},
    {"int32_t", {Scalar::kInt32}},
    {"int64_t", {Scalar::kInt64}},
    {"intptr_t", {Scalar::kInt64}},
    {"uint8_t", {Scalar::kUint8}},
    {"uint16_t", {Scalar::kUint16}},
    {"uint32_t", {Scalar::kUint32}},
    {"uint64_t", {Scalar::kUint64}},
    {"uintptr_t", {Scalar::kUint64}},
};

constexpr std::pair<std::string_view, std::string_view> kForeignNames[] = {
    {"i8", "int8"},        {"i16", "int16"},        {"i32", "int32"},     {"i64", "int64"},
    {"u8", "uint8"},       {"u16", "uint16"},       {"u32", "uint32"},    {"u64", "uint64"},
    {"f32", "float"},      {"f64", "double"},       {"uint", "uint32"},   {"size_t", "uint64"},
    {"usize", "uint64"},   {"isize", "int64"},      {"ssize_t", "int64"}, {"byte", "uint8"},
    {"boolean", "bool"},   {"str", "string"},       {"String", "string"}, {"float32", "float"},
    {"float64", "double"}, {"fd", "FileDescriptor"}};

template <class T>
constexpr ValueRange RangeOf() {
  return {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
}

}  // namespace

const Builtin* FindBuiltin(std::string_view name) {
  static const std::unordered_map<std::string_view, const Builtin*> kByName = [] {
    std::unordered_map<std::string_view, const Builtin*> by_name;
    for (const TypeRow& row : kTypeRows) by_name.emplace(row.name, &row.builtin);
    return by_name;
  }();
  const auto found = kByName.find(name);
  return found == kByName.end() ? nullptr : found->second;
}

std::vector<std::string> BuiltinNames(Dialect dialect) {
  std::vector<std::string> names;
  const auto first_of_ipdl = std::ranges::find(kTypeRows, "char", &TypeRow::name);
  for (const TypeRow& row : kTypeRows) {
    const bool is_suggested =
        dialect == Dialect::kIpdl ? !row.builtin.is_ours : &row < first_of_ipdl;
    if (is_suggested) names.emplace_back(row.name);
  }
  return names;
}

std::string_view BuiltinMeantBy(std::string_view name) {
  const auto row =
      std::ranges::find(kForeignNames, name, &std::pair<std::string_view, std::string_view>::first);
  return row == std::end(kForeignNames) ? "" : row->second;
}

std::string_view SpellingOf(Scalar scalar) {
  const auto row = std::ranges::find_if(kTypeRows, [&](const TypeRow& one) {
    const auto* kind = std::get_if<Scalar>(&one.builtin.type);
    return kind != nullptr && *kind == scalar;
  });
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

bool FitsScalar(const Integer& value, Scalar scalar) {
  const auto range = EnumRangeOf(scalar);
  if (!range) return false;
  if (!value.negative) {
    return scalar == Scalar::kUint64 || value.magnitude <= static_cast<std::uint64_t>(range->max);
  }
  return value.magnitude <= 0 - static_cast<std::uint64_t>(range->min);
}

}  // namespace batonc
