#include <algorithm>
#include <string>
#include <utility>

#include "compiler/check/flat_name.h"
#include "compiler/check/passes.h"
#include "compiler/check/type_resolver.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

class BodyResolver {
 public:
  explicit BodyResolver(CheckContext& context) : context_(context), resolver_(context) {}

  void Run() {
    context_.ForEach<StructId>([&](const DeclarationSyntax& syntax, Struct& structure) {
      const auto& written = std::get<StructSyntax>(syntax.what);
      structure.is_resource = written.is_resource;
      structure.fields = ResolveFields(written.fields);
    });
    context_.ForEach<UnionId>([&](const DeclarationSyntax& syntax, Union& one) {
      ResolveUnion(std::get<UnionSyntax>(syntax.what), one);
    });
    context_.ForEach<ExternalId>([&](const DeclarationSyntax& syntax, External& external) {
      ResolveExternal(std::get<UsingSyntax>(syntax.what), external);
    });
    context_.ForEach<ProtocolId>([&](const DeclarationSyntax& syntax, Protocol& protocol) {
      ResolveProtocol(std::get<ProtocolSyntax>(syntax.what), protocol);
    });
    if (const auto& use = resolver_.prelude_use()) {
      context_.Report(kImpliedPrelude, use->span, use->name);
    }
  }

 private:
  void ResolveUnion(const UnionSyntax& syntax, Union& one);
  void ResolveExternal(const UsingSyntax& syntax, External& external);
  void ResolveProtocol(const ProtocolSyntax& syntax, Protocol& protocol);
  bool IsNoAnswer(const MessageSyntax& syntax) const;
  Message ResolveMessage(const MessageSyntax& syntax);
  Span TypeSpan(const MessageSyntax& syntax) const;
  std::vector<Field> ResolveFields(const std::vector<FieldSyntax>& fields);

  CheckContext& context_;
  TypeResolver resolver_;
};

void BodyResolver::ResolveUnion(const UnionSyntax& syntax, Union& one) {
  one.is_resource = syntax.is_resource;
  one.members.reserve(syntax.members.size());
  for (const UnionMemberSyntax& member : syntax.members) {
    one.members.push_back({FlatName(member.type), resolver_.Resolve(member.type), member.doc});
  }
}

void BodyResolver::ResolveExternal(const UsingSyntax& syntax, External& external) {
  external.qualified_name = syntax.qualified_name;
  external.header = syntax.header;
  external.keyword = syntax.kind == UsingSyntax::Kind::kClass    ? External::Keyword::kClass
                     : syntax.kind == UsingSyntax::Kind::kStruct ? External::Keyword::kStruct
                                                                 : External::Keyword::kNone;
}

void BodyResolver::ResolveProtocol(const ProtocolSyntax& syntax, Protocol& protocol) {
  protocol.is_sync = syntax.is_sync.value_or(false);
  protocol.messages.reserve(syntax.messages.size());
  for (const MessageSyntax& message : syntax.messages) {
    protocol.messages.push_back(ResolveMessage(message));
  }
}

// To IPDL an empty `returns ()` of an async message says nothing; to us it asks for an answer.
bool BodyResolver::IsNoAnswer(const MessageSyntax& syntax) const {
  return context_.IsIpdl(syntax.name.span.file) && !syntax.is_sync && syntax.returns->empty();
}

Message BodyResolver::ResolveMessage(const MessageSyntax& syntax) {
  Message message;
  message.name = syntax.name.text;
  message.direction = syntax.direction.value_or(Direction::kToParent);
  message.parameters = ResolveFields(syntax.parameters);
  if (syntax.returns && !IsNoAnswer(syntax)) message.returns = ResolveFields(*syntax.returns);
  if (syntax.fails) message.fails = resolver_.Resolve(*syntax.fails);
  message.doc = syntax.doc;
  message.name_span = syntax.name.span;
  message.type_span = TypeSpan(syntax);
  message.is_sync = syntax.is_sync;
  message.is_destructor = syntax.name.text == "__delete__";
  const Symbol* symbol = context_.scopes.Find(syntax.name.span.file, syntax.name.text);
  if (symbol != nullptr && symbol->IsProtocol()) {
    message.constructs = std::get<ProtocolId>(symbol->what);
  }
  return message;
}

// To the last thing in it that has a place, and what closes it.
Span BodyResolver::TypeSpan(const MessageSyntax& syntax) const {
  Span span = syntax.word_span.begin < syntax.word_span.end ? syntax.word_span : syntax.name.span;
  span.end = syntax.name.span.end;
  const auto include = [&](const std::vector<FieldSyntax>& fields) {
    if (!fields.empty()) span.end = std::max(span.end, fields.back().name.span.end);
  };
  include(syntax.parameters);
  if (syntax.returns) include(*syntax.returns);
  if (syntax.fails) span.end = std::max(span.end, syntax.fails->span.end);
  const std::string_view text = context_.sources.file(span.file).text();
  const std::size_t end = text.find_first_of(";\n", span.end);
  if (end != text.npos) span.end = static_cast<std::uint32_t>(end);
  return span;
}

std::vector<Field> BodyResolver::ResolveFields(const std::vector<FieldSyntax>& fields) {
  std::vector<Field> resolved;
  resolved.reserve(fields.size());
  for (const FieldSyntax& syntax : fields) {
    Field& field = resolved.emplace_back();
    field.name = syntax.name.text;
    field.type = resolver_.Resolve(syntax.type);
    field.doc = syntax.doc;
    field.name_span = syntax.name.span;
  }
  return resolved;
}

}  // namespace

void ResolveTypes(CheckContext& context) {
  BodyResolver(context).Run();
}

}  // namespace batonc
