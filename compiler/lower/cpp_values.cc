#include "compiler/lower/cpp_values.h"

#include <fmt/format.h>

#include <limits>

#include "compiler/lower/scalars.h"

namespace batonc {
namespace {

// Two's complement.
std::int64_t BitsOf(const Integer& number) {
  return static_cast<std::int64_t>(number.negative ? ~number.magnitude + 1 : number.magnitude);
}

double RealOf(const Value& value) {
  if (const auto* real = std::get_if<double>(&value)) return *real;
  const auto* number = std::get_if<Integer>(&value);
  if (number == nullptr) return 0;
  const auto magnitude = static_cast<double>(number->magnitude);
  return number->negative ? -magnitude : magnitude;
}

// With a point or an exponent, so that C++ takes it for a real number.
std::string CppReal(double value, bool is_float) {
  std::string text =
      is_float ? fmt::format("{}", static_cast<float>(value)) : fmt::format("{}", value);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text + (is_float ? "f" : "");
}

std::string CppNumber(const Integer& number) {
  if (number.negative) return CppInteger(BitsOf(number));
  const bool large =
      number.magnitude > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return std::to_string(number.magnitude) + (large ? "u" : "");
}

// The value below all wrappers that bounds are about.
const Type& Innermost(const Type& type) {
  return std::visit(
      Overloaded{
          [](const ArrayOf& array) -> const Type& { return Innermost(*array.element); },
          [](const FixedArrayOf& array) -> const Type& { return Innermost(*array.element); },
          [](const OptionalOf& optional) -> const Type& { return Innermost(*optional.value); },
          [](const UniquePtrTo& pointer) -> const Type& { return Innermost(*pointer.value); },
          [](const MapOf& map) -> const Type& { return Innermost(*map.value); },
          [&](const auto&) -> const Type& { return type; }},
      type.kind);
}

std::string WireLimit(const Type& type, const Value& value) {
  const auto* scalar = std::get_if<Scalar>(&type.kind);
  if (scalar != nullptr && IsReal(*scalar)) {
    return "{.real_value = " + CppReal(RealOf(value), false) + "}";
  }
  const auto* number = std::get_if<Integer>(&value);
  const Integer known = number == nullptr ? Integer{} : *number;
  const bool is_signed = scalar != nullptr && IsSigned(*scalar);
  return (is_signed ? "{.signed_value = " : "{.unsigned_value = ") + CppNumber(known) + "}";
}

}  // namespace

std::string CppInteger(std::int64_t value) {
  if (value == std::numeric_limits<std::int64_t>::min()) return "-9223372036854775807 - 1";
  return std::to_string(value);
}

std::string CppText(std::string_view text) {
  std::string quoted = "\"";
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte == 0x7f) {
      quoted += fmt::format("\\{:03o}", byte);
    } else {
      if (character == '"' || character == '\\') quoted += '\\';
      quoted += character;
    }
  }
  return quoted + "\"";
}

std::string CppLiteral(const Value& value, std::optional<Scalar> scalar) {
  if (scalar && IsReal(*scalar)) return CppReal(RealOf(value), *scalar == Scalar::kFloat);
  return std::visit(Overloaded{[](bool truth) { return std::string(truth ? "true" : "false"); },
                               [](const Integer& number) { return CppNumber(number); },
                               [](double real) { return CppReal(real, false); },
                               [](const std::string& text) { return CppText(text); },
                               [](const EnumeratorRef&) { return std::string("{}"); }},
                    value);
}

std::string WireBounds(const Type& type, const Bounds& bounds) {
  if (bounds.empty()) return {};
  const Type& limited = Innermost(type);
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (bounds.min) add(".has_min = true");
  if (bounds.max) add(".has_max = true");
  if (bounds.min) add(".min = " + WireLimit(limited, *bounds.min));
  if (bounds.max) add(".max = " + WireLimit(limited, *bounds.max));
  if (bounds.max_count) add(".max_count = " + std::to_string(*bounds.max_count));
  return "{" + text + "}";
}

std::string WireDefault(const Model& model, const Type& type, const Value& value) {
  const auto* scalar = std::get_if<Scalar>(&type.kind);
  if (scalar != nullptr && IsReal(*scalar)) {
    return "{.real = " + CppReal(RealOf(value), *scalar == Scalar::kFloat) + "}";
  }
  const auto bits = [](std::int64_t number) { return "{.bits = " + CppInteger(number) + "}"; };
  return std::visit(
      Overloaded{
          [&](bool truth) { return bits(truth ? 1 : 0); },
          [&](const Integer& number) { return bits(BitsOf(number)); },
          [&](double) { return std::string("{}"); },
          [&](const std::string& text) { return "{.text = " + CppText(text) + "}"; },
          [&](const EnumeratorRef& enumerator) {
            return bits(
                model.enumeration(enumerator.enumeration).enumerators[enumerator.index].value);
          }},
      value);
}

std::string PlainNumber(const Value& value) {
  return std::visit(Overloaded{[](bool truth) { return std::string(truth ? "true" : "false"); },
                               [](const Integer& number) {
                                 return (number.negative ? "-" : "") +
                                        std::to_string(number.magnitude);
                               },
                               [](double real) { return fmt::format("{}", real); },
                               [](const std::string& text) { return text; },
                               [](const EnumeratorRef&) { return std::string("0"); }},
                    value);
}

}  // namespace batonc
