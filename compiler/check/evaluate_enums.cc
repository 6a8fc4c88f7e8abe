#include <limits>
#include <map>
#include <optional>
#include <string>

#include "compiler/check/builtin_types.h"
#include "compiler/check/passes.h"
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
  EnumEvaluator(Enum& enumeration, Diagnostics& diagnostics)
      : enumeration_(enumeration),
        range_(*EnumRangeOf(enumeration.underlying)),
        diagnostics_(diagnostics) {}

  void Evaluate(const EnumSyntax& syntax) {
    for (const EnumeratorSyntax& enumerator : syntax.enumerators) Add(enumerator);
    if (enumeration_.enumerators.empty() && !syntax.is_damaged) {
      diagnostics_.Report(kEmptyEnum, enumeration_.name_span, enumeration_.name);
    }
  }

 private:
  void Add(const EnumeratorSyntax& syntax) {
    std::optional<std::int64_t> value = next_;
    std::string written = next_ ? std::to_string(*next_) : "9223372036854775808";
    Span span = syntax.name.span;
    if (syntax.value) {
      value = ValueOf(*syntax.value);
      written = Written(*syntax.value);
      span = syntax.value->span;
      is_sound_ = syntax.value->is_known;
    }
    if (!is_sound_) {
      value = range_.min;
    } else if (!value || *value < range_.min || *value > range_.max) {
      diagnostics_.Report(kEnumValueRange, span, syntax.name.text, written,
                          SpellingOf(enumeration_.underlying));
      is_sound_ = false;
      value = range_.min;
    } else if (const auto [first, is_new] = by_value_.emplace(*value, syntax.name.span); !is_new) {
      diagnostics_.Report(kEnumValueTwice, span, syntax.name.text, *value)
          .Because(kFirstDeclaredHere, first->second);
    }
    enumeration_.enumerators.push_back({syntax.name.text, *value, syntax.doc, syntax.name.span});
    next_ = *value == kLargest ? std::nullopt : std::optional(*value + 1);
  }

  Enum& enumeration_;
  const ValueRange range_;
  Diagnostics& diagnostics_;
  std::map<std::int64_t, Span> by_value_;
  std::optional<std::int64_t> next_ = 0;
  bool is_sound_ = true;  // false: the value before was a mistake, so counting on means nothing
};

}  // namespace

void EvaluateEnums(const Scopes& scopes, Model& model, Diagnostics& diagnostics) {
  for (const Declared& declared : scopes.declared) {
    const auto* id = std::get_if<EnumId>(&declared.id);
    if (id == nullptr) continue;
    EnumEvaluator(model.enums[static_cast<std::size_t>(*id)], diagnostics)
        .Evaluate(std::get<EnumSyntax>(declared.syntax->what));
  }
}

}  // namespace batonc
