// The types that the language brings along. They give way to a declaration of the same name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/check/model.h"

namespace batonc {

struct Builtin {
  Type::Kind type;
  bool is_ours = false;             // a name of ours that IPDL lacks
  std::string_view ipdl_name = {};  // what IPDL calls it; may be empty
};

// Our own names (`uint32`), and IPDL's (`uint32_t`). Null when there is none.
const Builtin* FindBuiltin(std::string_view name);

// True for a name that IPDL brings along: there it is as visible as a declared one.
inline bool IsBuiltinOfIpdl(std::string_view name) {
  const Builtin* builtin = FindBuiltin(name);
  return builtin != nullptr && !builtin->is_ours;
}

// For suggestions: our own names, or those of IPDL.
std::vector<std::string> BuiltinNames(Dialect dialect);

// The built-in type that other languages call `name`: "u32", "usize", "str". May be empty.
std::string_view BuiltinMeantBy(std::string_view name);

// As our language spells it: "uint32".
std::string_view SpellingOf(Scalar scalar);

// The smallest and largest value of an enumerator over this type; nothing for what cannot hold any.
// A uint64 holds no more than an int64 there.
struct ValueRange {
  std::int64_t min = 0;
  std::int64_t max = 0;
};
std::optional<ValueRange> EnumRangeOf(Scalar scalar);

// True when the integer is a value of `scalar`, which is an integer type.
bool FitsScalar(const Integer& value, Scalar scalar);

inline bool IsReal(Scalar scalar) {
  return scalar == Scalar::kFloat || scalar == Scalar::kDouble;
}
inline bool IsInteger(Scalar scalar) {
  return scalar != Scalar::kBool && !IsReal(scalar);
}

}  // namespace batonc
