#include "compiler/check/evaluate_value.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "compiler/check/builtin_types.h"
#include "compiler/check/edit_distance.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

enum class Fit { kYes, kWrongKind, kOutOfRange };

double RealOf(const Integer& integer) {
  const auto magnitude = static_cast<double>(integer.magnitude);
  return integer.negative ? -magnitude : magnitude;
}

Fit FitNumber(Value& value, Scalar scalar) {
  if (const auto* integer = std::get_if<Integer>(&value)) {
    if (scalar == Scalar::kBool) return Fit::kWrongKind;
    if (IsInteger(scalar)) return FitsScalar(*integer, scalar) ? Fit::kYes : Fit::kOutOfRange;
    value = RealOf(*integer);
    return Fit::kYes;
  }
  const auto* real = std::get_if<double>(&value);
  if (real == nullptr || !IsReal(scalar)) return Fit::kWrongKind;
  const bool fits = scalar == Scalar::kDouble ||
                    std::abs(*real) <= static_cast<double>(std::numeric_limits<float>::max());
  return fits ? Fit::kYes : Fit::kOutOfRange;
}

// An integer becomes a real where one is wanted.
Fit FitValue(Value& value, const Type& wanted) {
  const auto yes = [](bool is_so) { return is_so ? Fit::kYes : Fit::kWrongKind; };
  if (const auto* scalar = std::get_if<Scalar>(&wanted.kind)) {
    if (std::holds_alternative<bool>(value)) return yes(*scalar == Scalar::kBool);
    return FitNumber(value, *scalar);
  }
  if (std::holds_alternative<StringType>(wanted.kind)) {
    return yes(std::holds_alternative<std::string>(value));
  }
  const auto* id = std::get_if<EnumId>(&wanted.kind);
  const auto* enumerator = std::get_if<EnumeratorRef>(&value);
  return yes(id != nullptr && enumerator != nullptr && enumerator->enumeration == *id);
}

std::optional<Value> EnumeratorOf(const Model& model, const Type& wanted, std::string_view name) {
  const auto* id = std::get_if<EnumId>(&wanted.kind);
  if (id == nullptr) return std::nullopt;
  const std::vector<Enumerator>& all = model.enumeration(*id).enumerators;
  const auto found = std::ranges::find(all, name, &Enumerator::name);
  if (found == all.end()) return std::nullopt;
  return EnumeratorRef{*id, static_cast<std::uint32_t>(found - all.begin())};
}

void ReportUnknownValue(CheckContext& context, const Name& name, const Type& wanted) {
  if (!context.scopes.IsComplete(name.span.file)) return;
  Diagnostic& problem = context.Report(kUnknownValue, name.span, name.text);
  std::vector<std::string> candidates;
  if (const auto* id = std::get_if<EnumId>(&wanted.kind)) {
    for (const Enumerator& one : context.model.enumeration(*id).enumerators) {
      candidates.push_back(one.name);
    }
  }
  for (const Constant& constant : context.model.constants) {
    const Symbol* symbol = context.Find(name.span.file, constant.name);
    if (symbol != nullptr && symbol->name_span == constant.name_span) {
      candidates.push_back(constant.name);
    }
  }
  if (const auto meant = NearestName(name.text, candidates)) problem.Suggest(name.span, *meant);
}

// Nothing when it has been reported.
std::optional<Value> ValueOfName(CheckContext& context, const Name& name, const Type& wanted) {
  if (name.text.empty()) return std::nullopt;
  if (name.text == "true" || name.text == "false") return name.text == "true";
  if (auto value = EnumeratorOf(context.model, wanted, name.text)) return value;
  const Symbol* symbol = context.Find(name.span.file, name.text);
  const auto* id = symbol == nullptr ? nullptr : std::get_if<ConstantId>(&symbol->what);
  if (id == nullptr) {
    ReportUnknownValue(context, name, wanted);
    return std::nullopt;
  }
  const Constant& constant = context.model.constant(*id);
  if (std::holds_alternative<ErrorType>(constant.type.kind)) return std::nullopt;
  return constant.value;
}

std::optional<Value> ValueOf(CheckContext& context, const ValueSyntax& syntax, const Type& wanted) {
  return std::visit(
      Overloaded{[](const NumberSyntax& number) -> std::optional<Value> {
                   if (!number.is_known) return std::nullopt;
                   return Integer{number.negative && number.magnitude != 0, number.magnitude};
                 },
                 [](const RealSyntax& real) -> std::optional<Value> { return real.value; },
                 [](const StringSyntax& string) -> std::optional<Value> { return string.text; },
                 [&](const Name& name) { return ValueOfName(context, name, wanted); }},
      syntax.what);
}

}  // namespace

std::optional<Value> EvaluateValue(CheckContext& context, const ValueSyntax& syntax,
                                   const Type& wanted, std::string_view wanted_words) {
  if (std::holds_alternative<ErrorType>(wanted.kind)) return std::nullopt;
  std::optional<Value> value = ValueOf(context, syntax, wanted);
  if (!value) return std::nullopt;
  const Fit fit = FitValue(*value, wanted);
  if (fit == Fit::kYes) return value;
  const std::string written = Quoted(context, syntax.span);
  if (fit == Fit::kOutOfRange) {
    context.Report(kValueRange, syntax.span, written, wanted_words);
  } else {
    const std::string_view of = wanted_words.starts_with('`') ? "a value of " : "";
    context.Report(kWrongValue, syntax.span, written, std::string(of).append(wanted_words));
  }
  return std::nullopt;
}

std::string Quoted(const CheckContext& context, Span span) {
  std::string quoted = "`";
  return quoted.append(context.sources.Text(span)).append("`");
}

int CompareNumbers(const Value& a, const Value& b) {
  const auto* first = std::get_if<Integer>(&a);
  const auto* second = std::get_if<Integer>(&b);
  if (first == nullptr || second == nullptr) {
    const auto real = [](const Value& value) {
      const auto* integer = std::get_if<Integer>(&value);
      return integer == nullptr ? std::get<double>(value) : RealOf(*integer);
    };
    return real(a) < real(b) ? -1 : real(a) > real(b) ? 1 : 0;
  }
  if (first->negative != second->negative) return first->negative ? -1 : 1;
  if (first->magnitude == second->magnitude) return 0;
  return (first->magnitude < second->magnitude) != first->negative ? -1 : 1;
}

}  // namespace batonc
