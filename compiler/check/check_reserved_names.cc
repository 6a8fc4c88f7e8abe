#include <variant>

#include "compiler/check/passes.h"
#include "compiler/check/reserved_names.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

class ReservedChecker {
 public:
  explicit ReservedChecker(CheckContext& context) : context_(context) {}

  void CheckDeclaration(const DeclarationSyntax& declaration) {
    for (std::size_t i = 0; i < declaration.namespace_path.size(); ++i) {
      const Name& name = declaration.namespace_path[i];
      CheckWord(name);
      if (i > 0 || name.text == "std") CheckForeign(name);  // `baton::surface` is ours to declare
    }
    // A `using` declares nothing in C++.
    if (!std::holds_alternative<UsingSyntax>(declaration.what)) {
      CheckWord(declaration.name);
      CheckForeign(declaration.name);
    }
    std::visit([&](const auto& what) { CheckBody(what); }, declaration.what);
  }

 private:
  void CheckBody(const EnumSyntax& enumeration) {
    for (const EnumeratorSyntax& enumerator : enumeration.enumerators) CheckWord(enumerator.name);
  }
  void CheckBody(const StructSyntax& structure) { CheckFields(structure.fields); }
  void CheckBody(const UnionSyntax&) {}
  void CheckBody(const UsingSyntax&) {}
  void CheckBody(const ConstantSyntax&) {}

  // A message's own name never stands alone in C++: `delete` becomes `Senddelete`.
  void CheckBody(const ProtocolSyntax& protocol) {
    for (const MessageSyntax& message : protocol.messages) {
      if (message.name.text != "__delete__") CheckShape(message.name);
      CheckFields(message.parameters);
      if (message.returns) CheckFields(*message.returns);
    }
  }

  void CheckFields(const std::vector<FieldSyntax>& fields) {
    for (const FieldSyntax& field : fields) CheckWord(field.name);
  }

  void CheckWord(const Name& name) {
    if (IsCppWord(name.text)) context_.Report(kCppWord, name.span, name.text);
    CheckShape(name);
  }

  void CheckForeign(const Name& name) {
    if (IsForeignNamespace(name.text)) context_.Report(kCppWord, name.span, name.text);
  }

  void CheckShape(const Name& name) {
    const std::string_view shape = ReservedShape(name.text);
    if (!shape.empty()) context_.Report(kReservedShape, name.span, name.text, shape);
  }

  CheckContext& context_;
};

}  // namespace

void CheckReservedNames(CheckContext& context) {
  ReservedChecker checker(context);
  for (const Declared& declared : context.scopes.declared) {
    checker.CheckDeclaration(*declared.syntax);
  }
}

}  // namespace batonc
