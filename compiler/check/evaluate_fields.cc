#include <optional>
#include <string>

#include "compiler/check/attribute_list.h"
#include "compiler/check/builtin_types.h"
#include "compiler/check/evaluate_value.h"
#include "compiler/check/innermost.h"
#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

// A bound as the attribute says it, as a value.
std::optional<ValueSyntax> WrittenBound(const AttributeSyntax* attribute) {
  if (attribute == nullptr || !attribute->value) return std::nullopt;
  return std::visit(
      Overloaded{[](const DurationSyntax&) -> std::optional<ValueSyntax> { return std::nullopt; },
                 [](const StringSyntax&) -> std::optional<ValueSyntax> { return std::nullopt; },
                 [](const auto& value) -> std::optional<ValueSyntax> {
                   return ValueSyntax{value, value.span};
                 }},
      *attribute->value);
}

// What `Min` and `Max` of a value of this type are: numbers like itself, or a length.
std::optional<Type> LimitTypeOf(const Type& innermost) {
  if (const auto* scalar = std::get_if<Scalar>(&innermost.kind)) {
    if (*scalar == Scalar::kBool) return std::nullopt;
    return Type{*scalar, innermost.span};
  }
  const bool has_length = std::holds_alternative<StringType>(innermost.kind) ||
                          std::holds_alternative<BytesType>(innermost.kind);
  return has_length ? std::optional(Type{Scalar::kUint64, innermost.span}) : std::nullopt;
}

// True for an array or a map, also one that may be absent.
bool HasCount(const Type& type) {
  const Type* at = &type;
  while (true) {
    if (const auto* optional = std::get_if<OptionalOf>(&at->kind)) {
      at = optional->value.get();
    } else if (const auto* pointer = std::get_if<UniquePtrTo>(&at->kind)) {
      at = pointer->value.get();
    } else {
      return std::holds_alternative<ArrayOf>(at->kind) || std::holds_alternative<MapOf>(at->kind);
    }
  }
}

bool CanHaveDefault(const Type& type) {
  return std::holds_alternative<Scalar>(type.kind) || std::holds_alternative<EnumId>(type.kind) ||
         std::holds_alternative<StringType>(type.kind);
}

class FieldEvaluator {
 public:
  explicit FieldEvaluator(CheckContext& context) : context_(context) {}

  void Evaluate(const std::vector<FieldSyntax>& written, std::vector<Field>& fields) {
    for (std::size_t i = 0; i < written.size(); ++i) {
      if (std::holds_alternative<ErrorType>(fields[i].type.kind)) continue;
      if (!written[i].attributes.empty()) EvaluateBounds(written[i], fields[i]);
      if (written[i].default_value) EvaluateDefault(*written[i].default_value, fields[i]);
    }
  }

 private:
  void EvaluateBounds(const FieldSyntax& syntax, Field& field);
  std::optional<Value> EvaluateLimit(const FieldSyntax& syntax, const Field& field,
                                     std::string_view name);
  void EvaluateDefault(const ValueSyntax& syntax, Field& field);

  CheckContext& context_;
};

void FieldEvaluator::EvaluateBounds(const FieldSyntax& syntax, Field& field) {
  Bounds& bounds = field.bounds;
  bounds.min = EvaluateLimit(syntax, field, "Min");
  bounds.max = EvaluateLimit(syntax, field, "Max");
  if (bounds.min && bounds.max && CompareNumbers(*bounds.min, *bounds.max) > 0) {
    context_.Report(kBoundsCrossed, FindAttribute(syntax.attributes, "Min")->span);
  }
  const AttributeSyntax* attribute = FindAttribute(syntax.attributes, "MaxCount");
  const auto written = WrittenBound(attribute);
  if (!written || context_.IsIpdl(attribute->span.file)) return;
  if (!HasCount(field.type)) {
    context_.Report(kBoundMisplaced, attribute->name.span, "MaxCount",
                    context_.sources.Text(field.type.span));
    return;
  }
  const auto count =
      EvaluateValue(context_, *written, {Scalar::kUint64, written->span}, "a count of elements");
  if (count) bounds.max_count = std::get<Integer>(*count).magnitude;
}

std::optional<Value> FieldEvaluator::EvaluateLimit(const FieldSyntax& syntax, const Field& field,
                                                   std::string_view name) {
  const AttributeSyntax* attribute = FindAttribute(syntax.attributes, name);
  const auto written = WrittenBound(attribute);
  if (!written || context_.IsIpdl(attribute->span.file)) return std::nullopt;
  const Type& innermost = Innermost(field.type);
  const auto wanted = LimitTypeOf(innermost);
  if (!wanted) {
    context_.Report(kBoundMisplaced, attribute->name.span, name,
                    context_.sources.Text(innermost.span));
    return std::nullopt;
  }
  const bool is_number = std::holds_alternative<Scalar>(innermost.kind);
  return EvaluateValue(context_, *written, *wanted,
                       is_number ? Quoted(context_, innermost.span) : "a length in bytes");
}

void FieldEvaluator::EvaluateDefault(const ValueSyntax& syntax, Field& field) {
  if (!CanHaveDefault(field.type)) {
    context_.Report(kNoDefaults, syntax.span, context_.sources.Text(field.type.span));
    return;
  }
  field.default_value =
      EvaluateValue(context_, syntax, field.type, Quoted(context_, field.type.span));
  if (!field.default_value) return;
  Value limited = *field.default_value;
  if (const auto* text = std::get_if<std::string>(&limited)) {
    limited = Integer{false, text->size()};
  }
  const Bounds& bounds = field.bounds;
  const bool is_outside = (bounds.min && CompareNumbers(limited, *bounds.min) < 0) ||
                          (bounds.max && CompareNumbers(limited, *bounds.max) > 0);
  if (is_outside) context_.Report(kDefaultOutOfBounds, syntax.span, field.name);
}

}  // namespace

void EvaluateFields(CheckContext& context) {
  FieldEvaluator evaluator(context);
  context.ForEach<StructId>([&](const DeclarationSyntax& syntax, Struct& structure) {
    evaluator.Evaluate(std::get<StructSyntax>(syntax.what).fields, structure.fields);
  });
  context.ForEach<ProtocolId>([&](const DeclarationSyntax& syntax, Protocol& protocol) {
    const auto& written = std::get<ProtocolSyntax>(syntax.what).messages;
    for (std::size_t i = 0; i < written.size(); ++i) {
      Message& message = protocol.messages[i];
      evaluator.Evaluate(written[i].parameters, message.parameters);
      if (message.returns) evaluator.Evaluate(*written[i].returns, *message.returns);
    }
  });
}

}  // namespace batonc
