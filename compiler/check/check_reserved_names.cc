#include <variant>

#include "compiler/check/passes.h"
#include "compiler/check/reserved_names.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

class ReservedChecker {
 public:
  explicit ReservedChecker(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void CheckDeclaration(const DeclarationSyntax& declaration) {
    for (std::size_t i = 0; i < declaration.namespace_path.size(); ++i) {
      const Name& name = declaration.namespace_path[i];
      CheckWord(name);
      if (i > 0 || name.text == "std") CheckForeign(name);  // `baton::surface` is ours to declare
    }
    CheckWord(declaration.name);
    CheckForeign(declaration.name);
    std::visit([&](const auto& what) { CheckBody(what); }, declaration.what);
  }

 private:
  void CheckBody(const EnumSyntax& enumeration) {
    for (const EnumeratorSyntax& enumerator : enumeration.enumerators) CheckWord(enumerator.name);
  }
  void CheckBody(const StructSyntax& structure) { CheckFields(structure.fields); }
  void CheckBody(const UnsupportedSyntax&) {}

  // A message's own name never stands alone in C++: `delete` becomes `Senddelete`.
  void CheckBody(const ProtocolSyntax& protocol) {
    for (const MessageSyntax& message : protocol.messages) {
      CheckShape(message.name);
      CheckFields(message.parameters);
      if (message.returns) CheckFields(*message.returns);
    }
  }

  void CheckFields(const std::vector<FieldSyntax>& fields) {
    for (const FieldSyntax& field : fields) CheckWord(field.name);
  }

  void CheckWord(const Name& name) {
    if (IsCppWord(name.text)) diagnostics_.Report(kCppWord, name.span, name.text);
    CheckShape(name);
  }

  void CheckForeign(const Name& name) {
    if (IsForeignNamespace(name.text)) diagnostics_.Report(kCppWord, name.span, name.text);
  }

  void CheckShape(const Name& name) {
    const std::string_view shape = ReservedShape(name.text);
    if (!shape.empty()) diagnostics_.Report(kReservedShape, name.span, name.text, shape);
  }

  Diagnostics& diagnostics_;
};

}  // namespace

void CheckReservedNames(const std::vector<SyntaxTree>& trees, Diagnostics& diagnostics) {
  ReservedChecker checker(diagnostics);
  for (const SyntaxTree& tree : trees) {
    for (const DeclarationSyntax& declaration : tree.declarations) {
      checker.CheckDeclaration(declaration);
    }
  }
}

}  // namespace batonc
