#include <string>
#include <unordered_map>

#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

// As generated code calls it.
std::string Called(const Message& message) {
  return message.name + (message.constructs ? "Constructor" : "");
}

class GeneratedChecker {
 public:
  explicit GeneratedChecker(CheckContext& context) : context_(context) {}

  void Run() {
    const Model& model = context_.model;
    for (const Enum& enumeration : model.enums) CheckNamespaces(enumeration);
    for (const Struct& structure : model.structs) CheckNamespaces(structure);
    for (const Constant& constant : model.constants) CheckNamespaces(constant);
    for (const Union& one : model.unions) {
      CheckNamespaces(one);
      CheckVisible(one.name + "_Value", "union `" + one.name + "`", one.name_span);
    }
    for (const Protocol& protocol : model.protocols) {
      CheckNamespaces(protocol);
      CheckProtocol(protocol);
    }
  }

 private:
  using Members = std::unordered_map<std::string, const Message*>;

  // Nothing visible in the file may be called like a namespace around one of its declarations.
  void CheckNamespaces(const DeclarationHead& head) {
    for (const std::string& name : head.namespace_path) {
      const Symbol* symbol = context_.scopes.Find(head.file, name);
      if (symbol != nullptr) context_.Report(kNamespaceTaken, symbol->name_span, name);
    }
  }

  // `name` is generated because of what stands at `origin`.
  void CheckVisible(const std::string& name, const std::string& origin_words, Span origin) {
    const Symbol* symbol = context_.scopes.Find(origin.file, name);
    if (symbol == nullptr) return;
    context_.Report(kGeneratedClash, symbol->name_span, name, origin_words)
        .Because(kGeneratedForThis, origin);
  }

  void CheckProtocol(const Protocol& protocol) {
    const std::string words = "protocol `" + protocol.name + "`";
    CheckVisible(protocol.name + "Parent", words, protocol.name_span);
    CheckVisible(protocol.name + "Child", words, protocol.name_span);
    Members members;
    for (const Message& message : protocol.messages) CheckMessage(protocol, message, members);
  }

  void CheckMessage(const Protocol& protocol, const Message& message, Members& members);

  CheckContext& context_;
};

void GeneratedChecker::CheckMessage(const Protocol& protocol, const Message& message,
                                    Members& members) {
  const std::string words = "message `" + message.name + "`";
  const std::string called = Called(message);
  const auto member = [&](const std::string& name) {
    const auto [other, is_new] = members.emplace(name, &message);
    if (is_new || Called(*other->second) == called) return;  // twice: said elsewhere
    context_.Report(kGeneratedClash, message.name_span, name, words)
        .Because(kGeneratedForThis, other->second->name_span);
  };
  const std::string tables = protocol.name + "_" + message.name;
  member("Send" + called);
  member("Recv" + called);
  CheckVisible(tables + "_Parameters", words, message.name_span);
  if (!message.returns && !message.is_sync) return;
  member(called + "Replier");
  CheckVisible(called + "Replier", words, message.name_span);
  CheckVisible(tables + "_Reply", words, message.name_span);
  member(called + "Reply");
  if (message.fails && message.returns) {
    CheckVisible(tables + "_Answer", words, message.name_span);
    CheckVisible(tables + "_Outcome", words, message.name_span);
    CheckVisible(tables + "_Outcome_Value", words, message.name_span);
    CheckVisible(called + "Reply", words, message.name_span);
    member(called + "Answer");
    if (message.returns->size() != 1) CheckVisible(called + "Answer", words, message.name_span);
    return;
  }
  // Of one value it is another name for that value's type.
  if (message.returns && message.returns->size() == 1) return;
  CheckVisible(called + "Reply", words, message.name_span);
}

}  // namespace

void CheckGeneratedNames(CheckContext& context) {
  GeneratedChecker(context).Run();
}

}  // namespace batonc
