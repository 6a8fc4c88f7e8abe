#include "compiler/check/type_resolver.h"

#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "compiler/check/attribute_list.h"
#include "compiler/check/evaluate_value.h"
#include "compiler/check/suggest_type.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

using Kind = Type::Kind;

bool IsError(const Type& type) {
  return std::holds_alternative<ErrorType>(type.kind);
}

// Of a bool most bytes are no value, and whoever owns the memory writes any.
bool CanBeElement(const Type& type) {
  const auto* scalar = std::get_if<Scalar>(&type.kind);
  return (scalar != nullptr && *scalar != Scalar::kBool) ||
         std::holds_alternative<EnumId>(type.kind);
}

bool CanBeKey(const Type& type) {
  const auto* scalar = std::get_if<Scalar>(&type.kind);
  return (scalar != nullptr && IsInteger(*scalar)) || std::holds_alternative<EnumId>(type.kind) ||
         std::holds_alternative<StringType>(type.kind);
}

std::shared_ptr<const Type> Share(Type type) {
  return std::make_shared<const Type>(std::move(type));
}

}  // namespace

Type TypeResolver::Resolve(const TypeSyntax& syntax) {
  return {ResolveKind(syntax), syntax.span};
}

Kind TypeResolver::ResolveKind(const TypeSyntax& syntax) {
  using Form = TypeSyntax::Form;
  if (syntax.form == Form::kName) {
    return syntax.name.empty() ? Kind(ErrorType{}) : ResolveName(syntax);
  }
  if (syntax.form == Form::kMap) return ResolveMap(syntax);
  Type inner = Resolve(syntax.inner.front());
  if (syntax.form == Form::kFixedArray) return ResolveFixedArray(syntax, std::move(inner));
  if (IsError(inner)) return ErrorType{};
  switch (syntax.form) {
    case Form::kArray: return ArrayOf{Share(std::move(inner))};
    case Form::kOptional: return OptionalOf{Share(std::move(inner))};
    default: return UniquePtrTo{Share(std::move(inner))};
  }
}

Kind TypeResolver::ResolveFixedArray(const TypeSyntax& syntax, Type element) {
  const auto count = EvaluateValue(context_, *syntax.count, {Scalar::kUint64, syntax.count->span},
                                   "a count of elements");
  if (!count || IsError(element)) return ErrorType{};
  const std::uint64_t magnitude = std::get<Integer>(*count).magnitude;
  if (magnitude < 1 || magnitude > kMaxFixedCount) {
    context_.Report(kFixedCount, syntax.count->span, std::int64_t{kMaxFixedCount});
    return ErrorType{};
  }
  return FixedArrayOf{Share(std::move(element)), static_cast<std::uint32_t>(magnitude)};
}

Kind TypeResolver::ResolveMap(const TypeSyntax& syntax) {
  Type key = Resolve(syntax.inner.at(0));
  Type value = Resolve(syntax.inner.at(1));
  if (IsError(key) || IsError(value)) return ErrorType{};
  if (!CanBeKey(key)) {
    context_.Report(kMapKey, key.span, context_.sources.Text(key.span));
    return ErrorType{};
  }
  return MapOf{Share(std::move(key)), Share(std::move(value))};
}

Kind TypeResolver::ResolveName(const TypeSyntax& syntax) {
  if (!syntax.inner.empty()) return ResolveTemplate(syntax);
  if (const Symbol* symbol = Find(syntax, syntax.name)) return UseSymbol(syntax, *symbol);
  const Builtin* builtin = FindBuiltin(syntax.name);
  if (builtin != nullptr) return UseBuiltin(syntax, *builtin);
  ReportUnknown(syntax);
  return ErrorType{};
}

// A C++ type that a `using` names with its argument goes before the built-in templates.
Kind TypeResolver::ResolveTemplate(const TypeSyntax& syntax) {
  const std::string whole = syntax.name + "<" + syntax.inner.front().name + ">";
  if (const Symbol* symbol = Find(syntax, whole)) return UseSymbol(syntax, *symbol);
  if (syntax.is_nullable) context_.Report(kNotNullable, syntax.nullable_span, syntax.name);
  const bool is_declared = context_.Find(syntax.span.file, syntax.name) != nullptr;
  if (!is_declared) {
    if (syntax.name == "Endpoint") return ResolveEndpoint(syntax, false);
    if (syntax.name == "ManagedEndpoint") return ResolveEndpoint(syntax, true);
    const Builtin* builtin = FindBuiltin(syntax.name);
    const auto* memory = builtin == nullptr ? nullptr : std::get_if<MemoryType>(&builtin->type);
    if (memory != nullptr) return ResolveMemory(syntax, *memory);
    if (builtin == nullptr) {
      ReportUnknown(syntax);
      return ErrorType{};
    }
  }
  context_.Report(kNoTypeArguments, syntax.name_span, syntax.name);
  return ErrorType{};
}

Kind TypeResolver::ResolveEndpoint(const TypeSyntax& syntax, bool is_managed) {
  const TypeSyntax& argument = syntax.inner.front();
  if (argument.name.empty()) return ErrorType{};
  for (const auto& [ending, side] :
       {std::pair(std::string_view("Parent"), Side::kParent), {"Child", Side::kChild}}) {
    if (!argument.name.ends_with(ending)) continue;
    const std::string name = argument.name.substr(0, argument.name.size() - ending.size());
    const Symbol* symbol = context_.Find(argument.span.file, name);
    const auto* id = symbol == nullptr ? nullptr : std::get_if<ProtocolId>(&symbol->what);
    if (id != nullptr) return EndpointType{*id, side, is_managed};
    if (symbol == nullptr && name.starts_with('P')) {
      ReportUnknownProtocol(argument, name);
      return ErrorType{};
    }
  }
  if (!context_.scopes.IsComplete(syntax.span.file)) return ErrorType{};
  Diagnostic& problem = context_.Report(kEndpointArgument, argument.span, syntax.name);
  if (suggestions_left_-- > 0) SuggestEndpoint(context_, argument, problem);
  return ErrorType{};
}

// No guess at another one: an endpoint of the wrong protocol would be accepted.
void TypeResolver::ReportUnknownProtocol(const TypeSyntax& argument, const std::string& name) {
  if (!context_.scopes.IsComplete(argument.span.file)) return;
  Diagnostic& problem = context_.Report(kProtocolNotIncluded, argument.span, name, name);
  for (const Symbol& symbol : context_.scopes.All(name)) {
    const std::string& path = context_.sources.file(symbol.file()).path();
    problem.Because(kDeclaredElsewhere, symbol.name_span, path);
    return;
  }
}

Kind TypeResolver::ResolveMemory(const TypeSyntax& syntax, MemoryType memory) {
  Type element = Resolve(syntax.inner.front());
  if (IsError(element)) return ErrorType{};
  if (!CanBeElement(element)) {
    context_.Report(kMemoryElement, element.span, context_.sources.Text(element.span));
    return ErrorType{};
  }
  memory.element = Share(std::move(element));
  return memory;
}

Kind TypeResolver::UseSymbol(const TypeSyntax& syntax, const Symbol& symbol) {
  NoteUse(syntax, symbol);
  if (const auto* protocol = std::get_if<ProtocolId>(&symbol.what)) {
    return ActorType{*protocol, syntax.is_nullable};
  }
  if (const auto* external = std::get_if<ExternalId>(&symbol.what)) {
    const bool is_counted = FindAttribute(symbol.syntax->attributes, "RefCounted") != nullptr;
    if (syntax.is_nullable && !is_counted) {
      context_.Report(kNotNullable, syntax.nullable_span, syntax.name)
          .Because(kFirstDeclaredHere, symbol.name_span);
    }
    return ExternalType{*external, syntax.is_nullable && is_counted};
  }
  if (std::holds_alternative<ConstantId>(symbol.what)) {
    context_.Report(kNotAType, syntax.name_span, syntax.name, "a constant")
        .Because(kFirstDeclaredHere, symbol.name_span);
    return ErrorType{};
  }
  if (syntax.is_nullable) context_.Report(kNotNullable, syntax.nullable_span, syntax.name);
  return std::visit(
      Overloaded{[](EnumId id) { return Kind(id); }, [](StructId id) { return Kind(id); },
                 [](UnionId id) { return Kind(id); }, [](auto) { return Kind(ErrorType{}); }},
      symbol.what);
}

Kind TypeResolver::UseBuiltin(const TypeSyntax& syntax, const Builtin& builtin) {
  if (syntax.is_nullable) context_.Report(kNotNullable, syntax.nullable_span, syntax.name);
  if (builtin.is_ours && context_.IsIpdl(syntax.span.file)) {
    Diagnostic& problem =
        context_.Report(kAddition, syntax.name_span, "type `" + syntax.name + "`");
    if (!builtin.ipdl_name.empty()) problem.Suggest(syntax.name_span, builtin.ipdl_name);
    return ErrorType{};
  }
  return builtin.type;
}

const Symbol* TypeResolver::Find(const TypeSyntax& syntax, const std::string& name) {
  return context_.Find(syntax.span.file, name);
}

void TypeResolver::NoteUse(const TypeSyntax& syntax, const Symbol& symbol) {
  if (context_.PreludeOf(symbol.file()) != Prelude::kImplied) return;
  if (symbol.file() == syntax.span.file) return;
  const std::string_view path = context_.model.file(syntax.span.file).path;
  const bool is_first = !prelude_use_ || std::tie(path, syntax.name_span.begin) <
                                             std::tie(prelude_use_->path, prelude_use_->span.begin);
  if (is_first) prelude_use_ = {path, syntax.name, syntax.name_span};
}

// An include that was not found may have declared it: silence is better than a wrong guess.
void TypeResolver::ReportUnknown(const TypeSyntax& syntax) {
  if (!context_.scopes.IsComplete(syntax.span.file)) return;
  Diagnostic& problem = context_.Report(kUnknownType, syntax.name_span, syntax.name);
  for (const Symbol& symbol : context_.scopes.All(syntax.name)) {
    const File& file = context_.model.file(symbol.file());
    if (file.is_prelude) continue;
    problem.Because(kDeclaredElsewhere, symbol.name_span, file.path);
    return;
  }
  if (suggestions_left_-- > 0) SuggestType(context_, syntax, problem);
}

}  // namespace batonc
