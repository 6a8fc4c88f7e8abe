#include <map>
#include <string>

#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

class GeneratedChecker {
 public:
  GeneratedChecker(const Scopes& scopes, const Model& model, Diagnostics& diagnostics)
      : scopes_(scopes), model_(model), diagnostics_(diagnostics) {}

  void Run() {
    for (const Enum& enumeration : model_.enums) CheckNamespaces(enumeration);
    for (const Struct& structure : model_.structs) CheckNamespaces(structure);
    for (const Protocol& protocol : model_.protocols) {
      CheckNamespaces(protocol);
      CheckProtocol(protocol);
    }
  }

 private:
  using Members = std::map<std::string, const Message*>;

  // Nothing visible in the file may be called like a namespace around one of its declarations.
  void CheckNamespaces(const DeclarationHead& head) {
    const SymbolTable& visible = scopes_.VisibleIn(head.file);
    for (const std::string& name : head.namespace_path) {
      const auto symbol = visible.find(name);
      if (symbol == visible.end()) continue;
      diagnostics_.Report(kNamespaceTaken, symbol->second.name_span, name);
    }
  }

  // `name` is generated because of what stands at `origin`.
  void CheckVisible(const std::string& name, const std::string& origin_words, Span origin) {
    const SymbolTable& visible = scopes_.VisibleIn(origin.file);
    const auto symbol = visible.find(name);
    if (symbol == visible.end()) return;
    diagnostics_.Report(kGeneratedClash, symbol->second.name_span, name, origin_words)
        .Because(kGeneratedForThis, origin);
  }

  void CheckProtocol(const Protocol& protocol) {
    const std::string words = "protocol `" + protocol.name + "`";
    CheckVisible(protocol.name + "Parent", words, protocol.name_span);
    CheckVisible(protocol.name + "Child", words, protocol.name_span);
    Members members;
    for (const Message& message : protocol.messages) CheckMessage(protocol, message, members);
  }

  void CheckMessage(const Protocol& protocol, const Message& message, Members& members) {
    const std::string words = "message `" + message.name + "`";
    const auto member = [&](const std::string& name) {
      const auto [other, is_new] = members.emplace(name, &message);
      if (is_new || other->second->name == message.name) return;  // twice: said elsewhere
      diagnostics_.Report(kGeneratedClash, message.name_span, name, words)
          .Because(kGeneratedForThis, other->second->name_span);
    };
    member("Send" + message.name);
    member("Recv" + message.name);
    CheckVisible(protocol.name + "_" + message.name + "_Parameters", words, message.name_span);
    if (!message.returns) return;
    member(message.name + "Replier");
    CheckVisible(message.name + "Replier", words, message.name_span);
    CheckVisible(protocol.name + "_" + message.name + "_Reply", words, message.name_span);
    member(message.name + "Reply");
    if (message.returns->size() == 1) return;  // another name for the type of the one value
    CheckVisible(message.name + "Reply", words, message.name_span);
  }

  const Scopes& scopes_;
  const Model& model_;
  Diagnostics& diagnostics_;
};

}  // namespace

void CheckGeneratedNames(const Scopes& scopes, const Model& model, Diagnostics& diagnostics) {
  GeneratedChecker(scopes, model, diagnostics).Run();
}

}  // namespace batonc
