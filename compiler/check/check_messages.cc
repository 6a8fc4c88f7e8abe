#include <string>
#include <unordered_map>
#include <unordered_set>

#include "compiler/check/builtin_types.h"
#include "compiler/check/message_id.h"
#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

class MessageChecker {
 public:
  explicit MessageChecker(CheckContext& context) : context_(context) {}

  void Check(const ProtocolSyntax& syntax, Protocol& protocol);

 private:
  using Numbers = std::unordered_map<std::uint32_t, const Message*>;

  void CheckNumber(const Message& message, Numbers& numbers);
  void CheckName(const Protocol& protocol, const Message& message,
                 const std::unordered_set<std::uint32_t>& managees);

  CheckContext& context_;
};

void MessageChecker::Check(const ProtocolSyntax& syntax, Protocol& protocol) {
  for (const MessageSyntax& message : syntax.messages) {
    if (message.direction) continue;
    context_.Report(kNoDirection, message.name.span, message.name.text);
  }
  std::unordered_map<std::string, Span> names;
  Numbers numbers;
  std::unordered_set<std::uint32_t> managees;
  for (const ProtocolId id : protocol.manages) managees.insert(static_cast<std::uint32_t>(id));
  const std::string prefix = FullName(protocol) + "::";
  for (Message& message : protocol.messages) {
    const std::string name = message.name + (message.constructs ? "Constructor" : "");
    message.id = MessageId(prefix + message.name);
    const auto [first, is_new] = names.emplace(name, message.name_span);
    if (is_new) {
      CheckNumber(message, numbers);
      CheckName(protocol, message, managees);
    } else {
      context_.Report(kMessageTwice, message.name_span, name)
          .Because(kFirstDeclaredHere, first->second);
    }
  }
}

void MessageChecker::CheckNumber(const Message& message, Numbers& numbers) {
  if (message.id == 0) context_.Report(kMessageIdZero, message.name_span, message.name);
  const auto [first, is_new] = numbers.emplace(message.id, &message);
  if (is_new) return;
  context_.Report(kMessageIdsCollide, message.name_span, first->second->name, message.name)
      .Because(kFirstDeclaredHere, first->second->name_span);
}

// A message with the name of a protocol constructs one.
void MessageChecker::CheckName(const Protocol& protocol, const Message& message,
                               const std::unordered_set<std::uint32_t>& managees) {
  const FileId file = message.name_span.file;
  if (message.constructs) {
    if (managees.contains(static_cast<std::uint32_t>(*message.constructs))) return;
    context_.Report(kNotManagedHere, message.name_span, message.name, protocol.name)
        .Because(kFirstDeclaredHere, context_.model.protocol(*message.constructs).name_span);
    return;
  }
  if (const Symbol* symbol = context_.scopes.Find(file, message.name)) {
    context_.Report(kMessageNamedAsType, message.name_span, message.name)
        .Because(kFirstDeclaredHere, symbol->name_span);
  } else if (context_.IsIpdl(file) &&
             (IsBuiltinOfIpdl(message.name) || context_.Find(file, message.name) != nullptr)) {
    context_.Report(kMessageNamedAsType, message.name_span, message.name);
  }
}

}  // namespace

void CheckMessages(CheckContext& context) {
  MessageChecker checker(context);
  context.ForEach<ProtocolId>([&](const DeclarationSyntax& syntax, Protocol& protocol) {
    checker.Check(std::get<ProtocolSyntax>(syntax.what), protocol);
  });
}

}  // namespace batonc
