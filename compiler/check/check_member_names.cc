#include <map>
#include <string>
#include <vector>

#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

using Names = std::map<std::string_view, Span>;

class MemberChecker {
 public:
  MemberChecker(const Scopes& scopes, const Model& model, Diagnostics& diagnostics)
      : scopes_(scopes), model_(model), diagnostics_(diagnostics) {}

  void Run() {
    for (const Enum& enumeration : model_.enums) CheckEnum(enumeration);
    for (const Struct& structure : model_.structs) {
      Names names;
      CheckFields(structure.fields, kFieldTwice, {}, names);
    }
    for (const Protocol& protocol : model_.protocols) CheckProtocol(protocol);
  }

 private:
  // True when `name` was not there before.
  bool Enter(Names& names, const std::string& name, Span span, const Problem<Words>& twice) {
    const auto [first, is_new] = names.emplace(name, span);
    if (!is_new) {
      diagnostics_.Report(twice, span, name).Because(kFirstDeclaredHere, first->second);
    }
    return is_new;
  }

  void CheckEnum(const Enum& enumeration) {
    Names names;
    for (const Enumerator& enumerator : enumeration.enumerators) {
      Enter(names, enumerator.name, enumerator.name_span, kEnumeratorTwice);
    }
  }

  void CheckFields(const std::vector<Field>& fields, const Problem<Words>& twice,
                   const Names& around, Names& names) {
    for (const Field& field : fields) {
      if (!Enter(names, field.name, field.name_span, twice)) continue;
      const SymbolTable& visible = scopes_.VisibleIn(field.name_span.file);
      const auto symbol = visible.find(field.name);
      const auto message = around.find(field.name);
      if (symbol == visible.end() && message == around.end()) continue;
      diagnostics_.Report(kNameTaken, field.name_span, field.name)
          .Because(kFirstDeclaredHere,
                   symbol == visible.end() ? message->second : symbol->second.name_span);
    }
  }

  // Parameters and returns share a scope, inside that of the messages before them.
  void CheckProtocol(const Protocol& protocol) {
    Names earlier;
    for (const Message& message : protocol.messages) {
      Names names;
      CheckFields(message.parameters, kParameterTwice, earlier, names);
      if (message.returns) CheckFields(*message.returns, kParameterTwice, earlier, names);
      earlier.emplace(message.name, message.name_span);
    }
  }

  const Scopes& scopes_;
  const Model& model_;
  Diagnostics& diagnostics_;
};

}  // namespace

void CheckMemberNames(const Scopes& scopes, const Model& model, Diagnostics& diagnostics) {
  MemberChecker(scopes, model, diagnostics).Run();
}

}  // namespace batonc
