// Values of the language as C++ writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/check/model.h"

namespace batonc {

// A bool, a number or a text; of a number `scalar` says which. Not for enumerators.
std::string CppLiteral(const Value& value, std::optional<Scalar> scalar);

// The lowest number has no literal in C++: `-` is an operator, and its operand does not fit.
std::string CppInteger(std::int64_t value);

// "\"a\\\\b\"" for `a\b`.
std::string CppText(std::string_view text);

// A baton::wire::Bounds of a field of `type`, a baton::wire::Default of a value, both in braces;
// empty without bounds.
std::string WireBounds(const Type& type, const Bounds& bounds);
std::string WireDefault(const Model& model, const Type& type, const Value& value);

// `value` as .fbs and .json write numbers; a text without quotes.
std::string PlainNumber(const Value& value);

}  // namespace batonc
