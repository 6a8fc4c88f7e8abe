#include <utility>

#include "compiler/check/builtin_types.h"
#include "compiler/check/edit_distance.h"
#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

using Kind = decltype(Type::kind);

// Looking for what was meant compares with every visible name; after so many it is no help any
// more.
constexpr int kMaxSuggestions = 100;

class TypeResolver {
 public:
  TypeResolver(const SourceMap& sources, const Scopes& scopes, Model& model,
               Diagnostics& diagnostics)
      : sources_(sources), scopes_(scopes), model_(model), diagnostics_(diagnostics) {}

  void Run() {
    for (const Declared& declared : scopes_.declared) {
      std::visit(Overloaded{[&](EnumId id) { ResolveEnum(*declared.syntax, id); },
                            [&](StructId id) { ResolveStruct(*declared.syntax, id); },
                            [&](ProtocolId id) { ResolveProtocol(*declared.syntax, id); }},
                 declared.id);
    }
  }

 private:
  void ResolveEnum(const DeclarationSyntax& syntax, EnumId id);
  void ResolveStruct(const DeclarationSyntax& syntax, StructId id);
  void ResolveProtocol(const DeclarationSyntax& syntax, ProtocolId id);
  Message ResolveMessage(const MessageSyntax& syntax);
  std::vector<Field> ResolveFields(const std::vector<FieldSyntax>& fields);
  Type Resolve(const TypeSyntax& syntax);
  Kind ResolveName(const TypeSyntax& syntax);
  Kind UseSymbol(const TypeSyntax& syntax, const Symbol& symbol);
  Kind UseBuiltin(const TypeSyntax& syntax, const Builtin& builtin);
  void ReportUnknown(const TypeSyntax& syntax);

  const SourceMap& sources_;
  const Scopes& scopes_;
  Model& model_;
  Diagnostics& diagnostics_;
  int suggestions_left_ = kMaxSuggestions;
};

void TypeResolver::ResolveEnum(const DeclarationSyntax& syntax, EnumId id) {
  const auto& written = std::get<EnumSyntax>(syntax.what).underlying;
  if (!written) return;
  const Type type = Resolve(*written);
  if (std::holds_alternative<ErrorType>(type.kind)) return;
  const auto* scalar = std::get_if<Scalar>(&type.kind);
  if (scalar != nullptr && EnumRangeOf(*scalar)) {
    model_.enums[static_cast<std::size_t>(id)].underlying = *scalar;
  } else {
    diagnostics_.Report(kNotUnderlying, written->span, sources_.Text(written->span));
  }
}

void TypeResolver::ResolveStruct(const DeclarationSyntax& syntax, StructId id) {
  model_.structs[static_cast<std::size_t>(id)].fields =
      ResolveFields(std::get<StructSyntax>(syntax.what).fields);
}

void TypeResolver::ResolveProtocol(const DeclarationSyntax& syntax, ProtocolId id) {
  Protocol& protocol = model_.protocols[static_cast<std::size_t>(id)];
  for (const MessageSyntax& message : std::get<ProtocolSyntax>(syntax.what).messages) {
    protocol.messages.push_back(ResolveMessage(message));
  }
}

Message TypeResolver::ResolveMessage(const MessageSyntax& syntax) {
  Message message;
  message.name = syntax.name.text;
  message.direction = syntax.direction.value_or(Direction::kToParent);
  message.parameters = ResolveFields(syntax.parameters);
  if (syntax.returns) message.returns = ResolveFields(*syntax.returns);
  message.doc = syntax.doc;
  message.name_span = syntax.name.span;
  return message;
}

std::vector<Field> TypeResolver::ResolveFields(const std::vector<FieldSyntax>& fields) {
  std::vector<Field> resolved;
  for (const FieldSyntax& field : fields) {
    resolved.push_back({field.name.text, Resolve(field.type), field.doc, field.name.span});
  }
  return resolved;
}

Type TypeResolver::Resolve(const TypeSyntax& syntax) {
  Type type{ErrorType{}, syntax.span};
  if (!syntax.name.empty()) type.kind = ResolveName(syntax);
  if (std::holds_alternative<ErrorType>(type.kind)) return type;
  for (const Wrapper wrapper : syntax.wrappers) {
    auto inner = std::make_shared<const Type>(std::move(type));
    type = {wrapper == Wrapper::kArray ? Kind(ArrayOf{std::move(inner)})
                                       : Kind(OptionalOf{std::move(inner)}),
            syntax.span};
  }
  return type;
}

Kind TypeResolver::ResolveName(const TypeSyntax& syntax) {
  const SymbolTable& visible = scopes_.VisibleIn(syntax.span.file);
  if (const auto found = visible.find(syntax.name); found != visible.end()) {
    return UseSymbol(syntax, found->second);
  }
  if (const auto builtin = BuiltinFrom(syntax.name)) return UseBuiltin(syntax, *builtin);
  ReportUnknown(syntax);
  return ErrorType{};
}

Kind TypeResolver::UseSymbol(const TypeSyntax& syntax, const Symbol& symbol) {
  return std::visit(
      Overloaded{[](EnumId id) { return Kind(id); }, [](StructId id) { return Kind(id); },
                 [&](ProtocolId) {
                   diagnostics_.Report(kUnsupported, syntax.name_span,
                                       "an actor `" + syntax.name + "` as a value");
                   return Kind(ErrorType{});
                 },
                 [](UnsupportedSymbol) { return Kind(ErrorType{}); }},
      symbol.what);
}

Kind TypeResolver::UseBuiltin(const TypeSyntax& syntax, const Builtin& builtin) {
  return std::visit(Overloaded{[](const auto& known) { return Kind(known); },
                               [&](UnsupportedBuiltin) {
                                 diagnostics_.Report(kUnsupported, syntax.name_span,
                                                     "`" + syntax.name + "`");
                                 return Kind(ErrorType{});
                               }},
                    builtin);
}

// An include that was not found may have declared it: silence is better than a wrong guess.
void TypeResolver::ReportUnknown(const TypeSyntax& syntax) {
  const FileId file = syntax.span.file;
  if (!scopes_.IsComplete(file)) return;
  Diagnostic& problem = diagnostics_.Report(kUnknownType, syntax.name_span, syntax.name);
  for (const SymbolTable& own : scopes_.own) {
    const auto found = own.find(syntax.name);
    if (found == own.end()) continue;
    const Span where = found->second.name_span;
    problem.Because(kDeclaredElsewhere, where, sources_.file(where.file).path());
    return;
  }
  if (suggestions_left_ == 0) return;
  --suggestions_left_;
  std::vector<std::string> candidates = BuiltinNames();
  for (const auto& [name, symbol] : scopes_.VisibleIn(file)) {
    if (!std::holds_alternative<ProtocolId>(symbol.what)) candidates.push_back(name);
  }
  if (const auto meant = NearestName(syntax.name, candidates)) {
    problem.Suggest(syntax.name_span, *meant);
  }
}

}  // namespace

void ResolveTypes(const SourceMap& sources, const Scopes& scopes, Model& model,
                  Diagnostics& diagnostics) {
  TypeResolver(sources, scopes, model, diagnostics).Run();
}

}  // namespace batonc
