#include <bit>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>

#include "compiler/check/attribute_list.h"
#include "compiler/check/builtin_types.h"
#include "compiler/check/passes.h"
#include "compiler/check/type_resolver.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

// Nothing when it does not even fit an int64.
std::optional<std::int64_t> ValueOf(const NumberSyntax& number) {
  const std::uint64_t most = static_cast<std::uint64_t>(kLargest) + (number.negative ? 1 : 0);
  if (number.magnitude > most) return std::nullopt;
  if (!number.negative) return static_cast<std::int64_t>(number.magnitude);
  return static_cast<std::int64_t>(0 - number.magnitude);
}

std::string Written(const NumberSyntax& number) {
  std::string written(number.negative ? 1 : 0, '-');
  return written.append(std::to_string(number.magnitude));
}

class EnumEvaluator {
 public:
  EnumEvaluator(CheckContext& context, Enum& enumeration)
      : context_(context), enumeration_(enumeration), range_(*EnumRangeOf(enumeration.underlying)) {
    if (enumeration.is_flags) next_ = 1;
  }

  void Evaluate(const EnumSyntax& syntax) {
    for (const EnumeratorSyntax& enumerator : syntax.enumerators) Add(enumerator);
    if (enumeration_.enumerators.empty() && !syntax.is_damaged) {
      context_.Report(kEmptyEnum, enumeration_.name_span, enumeration_.name);
    }
  }

 private:
  void Add(const EnumeratorSyntax& syntax);
  void TakeWritten(const EnumeratorSyntax& syntax, std::optional<std::int64_t>& value,
                   std::string& written);
  std::optional<std::int64_t> Following(std::int64_t value) const;

  CheckContext& context_;
  Enum& enumeration_;
  const ValueRange range_;
  std::unordered_map<std::int64_t, Span> by_value_;
  std::unordered_map<std::string_view, std::int64_t> by_name_;
  std::optional<std::int64_t> next_ = 0;
  bool is_sound_ = true;  // false: the value before was a mistake, so counting on means nothing
};

// What is written may also be an enumerator that came before.
void EnumEvaluator::TakeWritten(const EnumeratorSyntax& syntax, std::optional<std::int64_t>& value,
                                std::string& written) {
  if (const auto* number = std::get_if<NumberSyntax>(&syntax.value->what)) {
    value = ValueOf(*number);
    written = Written(*number);
    is_sound_ = number->is_known;
    return;
  }
  const auto* name = std::get_if<Name>(&syntax.value->what);
  const auto earlier = name == nullptr ? by_name_.end() : by_name_.find(name->text);
  is_sound_ = earlier != by_name_.end();
  if (is_sound_) {
    value = earlier->second;
    written = std::to_string(*value);
  } else if (name != nullptr && !name->text.empty()) {
    context_.Report(kUnknownValue, name->span, name->text);
  }
}

void EnumEvaluator::Add(const EnumeratorSyntax& syntax) {
  std::optional<std::int64_t> value = next_;
  std::string written = next_ ? std::to_string(*next_) : "9223372036854775808";
  Span span = syntax.name.span;
  if (syntax.value) {
    TakeWritten(syntax, value, written);
    span = syntax.value->span;
  }
  if (!is_sound_) {
    value = range_.min;
  } else if (!value || *value < range_.min || *value > range_.max) {
    context_.Report(kEnumValueRange, span, syntax.name.text, written,
                    SpellingOf(enumeration_.underlying));
    is_sound_ = false;
    value = range_.min;
  } else if (const auto [first, is_new] = by_value_.emplace(*value, syntax.name.span); !is_new) {
    context_.Report(kEnumValueTwice, span, syntax.name.text, *value)
        .Because(kFirstDeclaredHere, first->second);
  }
  by_name_.emplace(syntax.name.text, *value);
  enumeration_.enumerators.push_back({syntax.name.text, *value, syntax.doc, syntax.name.span, {}});
  next_ = Following(*value);
}

// One more; of flags the next bit, since three flags 1, 2, 3 would not be three.
std::optional<std::int64_t> EnumEvaluator::Following(std::int64_t value) const {
  if (!enumeration_.is_flags) return value == kLargest ? std::nullopt : std::optional(value + 1);
  const std::uint64_t above = std::bit_floor(static_cast<std::uint64_t>(value)) << 1;
  if (above > static_cast<std::uint64_t>(kLargest)) return std::nullopt;
  return above == 0 ? 1 : static_cast<std::int64_t>(above);
}

void ResolveUnderlying(CheckContext& context, TypeResolver& resolver, const EnumSyntax& syntax,
                       Enum& enumeration) {
  if (!syntax.underlying) return;
  const Type type = resolver.Resolve(*syntax.underlying);
  if (std::holds_alternative<ErrorType>(type.kind)) return;
  const auto* scalar = std::get_if<Scalar>(&type.kind);
  if (scalar == nullptr || !EnumRangeOf(*scalar)) {
    const Span span = syntax.underlying->span;
    context.Report(kNotUnderlying, span, context.sources.Text(span));
  } else if (enumeration.is_flags && EnumRangeOf(*scalar)->min < 0) {
    context.Report(kSignedFlags, syntax.underlying->span, enumeration.name);
  } else {
    enumeration.underlying = *scalar;
  }
}

}  // namespace

void EvaluateEnums(CheckContext& context) {
  TypeResolver resolver(context);
  context.ForEach<EnumId>([&](const DeclarationSyntax& syntax, Enum& enumeration) {
    const auto& written = std::get<EnumSyntax>(syntax.what);
    enumeration.is_flags = FindAttribute(syntax.attributes, "Flags") != nullptr;
    ResolveUnderlying(context, resolver, written, enumeration);
    EnumEvaluator(context, enumeration).Evaluate(written);
  });
}

}  // namespace batonc
