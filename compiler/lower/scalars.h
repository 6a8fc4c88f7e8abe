// What the scalars of the language are called elsewhere.
#pragma once

#include <string_view>

#include "compiler/check/model.h"

namespace batonc {

struct ScalarNames {
  std::string_view idl;   // "uint8"
  std::string_view cpp;   // "std::uint8_t"
  std::string_view fbs;   // "ubyte"
  std::string_view wire;  // in baton::wire and in baton::wire::Kind: "kUint8"
};

constexpr ScalarNames NamesOf(Scalar scalar) {
  switch (scalar) {
    case Scalar::kBool: return {"bool", "bool", "bool", "kBool"};
    case Scalar::kInt8: return {"int8", "std::int8_t", "byte", "kInt8"};
    case Scalar::kInt16: return {"int16", "std::int16_t", "short", "kInt16"};
    case Scalar::kInt32: return {"int32", "std::int32_t", "int", "kInt32"};
    case Scalar::kInt64: return {"int64", "std::int64_t", "long", "kInt64"};
    case Scalar::kUint8: return {"uint8", "std::uint8_t", "ubyte", "kUint8"};
    case Scalar::kUint16: return {"uint16", "std::uint16_t", "ushort", "kUint16"};
    case Scalar::kUint32: return {"uint32", "std::uint32_t", "uint", "kUint32"};
    case Scalar::kUint64: return {"uint64", "std::uint64_t", "ulong", "kUint64"};
    case Scalar::kFloat: return {"float", "float", "float", "kFloat"};
    case Scalar::kDouble: return {"double", "double", "double", "kDouble"};
  }
  return {};
}

constexpr bool IsReal(Scalar scalar) {
  return scalar == Scalar::kFloat || scalar == Scalar::kDouble;
}

constexpr bool IsSigned(Scalar scalar) {
  return scalar == Scalar::kInt8 || scalar == Scalar::kInt16 || scalar == Scalar::kInt32 ||
         scalar == Scalar::kInt64;
}

constexpr std::string_view NameOf(MemoryKind kind) {
  switch (kind) {
    case MemoryKind::kShmem: return "Shmem";
    case MemoryKind::kUnsafeShmem: return "UnsafeShmem";
    case MemoryKind::kFrozenShmem: return "FrozenShmem";
  }
  return {};
}

}  // namespace batonc
