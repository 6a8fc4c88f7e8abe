// The types that the language brings along. They give way to a declaration of the same name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/check/model.h"

namespace batonc {

// Known, but not supported yet.
struct UnsupportedBuiltin {
  bool operator==(const UnsupportedBuiltin&) const = default;
};

using Builtin = std::variant<Scalar, StringType, BytesType, MemoryKind, UnsupportedBuiltin>;

// Our own names (`uint32`), and IPDL's (`uint32_t`).
std::optional<Builtin> BuiltinFrom(std::string_view name);

// Our own names, for suggestions.
std::vector<std::string> BuiltinNames();

// As our language spells it: "uint32".
std::string_view SpellingOf(Scalar scalar);

// The smallest and largest value of an enumerator over this type; nothing for what cannot hold any.
// A uint64 holds no more than an int64 there.
struct ValueRange {
  std::int64_t min = 0;
  std::int64_t max = 0;
};
std::optional<ValueRange> EnumRangeOf(Scalar scalar);

}  // namespace batonc
