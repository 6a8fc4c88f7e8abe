#include <filesystem>
#include <map>

#include "compiler/check/message_id.h"
#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

class MessageChecker {
 public:
  MessageChecker(const SourceMap& sources, const Scopes& scopes, Diagnostics& diagnostics)
      : sources_(sources), scopes_(scopes), diagnostics_(diagnostics) {}

  void Check(const ProtocolSyntax& syntax, Protocol& protocol) {
    CheckName(protocol);
    for (const MessageSyntax& message : syntax.messages) {
      if (message.direction) continue;
      diagnostics_.Report(kNoDirection, message.name.span, message.name.text);
    }
    std::map<std::string_view, Span> names;
    std::map<std::uint32_t, const Message*> numbers;
    for (Message& message : protocol.messages) {
      message.id = MessageId(FullName(protocol) + "::" + message.name);
      const auto [first, is_new] = names.emplace(message.name, message.name_span);
      if (is_new) {
        CheckNumber(message, numbers);
        CheckNotType(message);
      } else {
        diagnostics_.Report(kMessageTwice, message.name_span, message.name)
            .Because(kFirstDeclaredHere, first->second);
      }
    }
  }

 private:
  void CheckName(const Protocol& protocol) {
    if (!protocol.name.starts_with('P')) {
      diagnostics_.Report(kNoLeadingP, protocol.name_span, protocol.name);
    }
    if (std::filesystem::path(sources_.file(protocol.file).path()).extension() == ".idlh") {
      diagnostics_.Report(kProtocolInHeader, protocol.name_span, protocol.name);
    }
  }

  void CheckNumber(const Message& message, std::map<std::uint32_t, const Message*>& numbers) {
    if (message.id == 0) diagnostics_.Report(kMessageIdZero, message.name_span, message.name);
    const auto [first, is_new] = numbers.emplace(message.id, &message);
    if (is_new) return;
    diagnostics_.Report(kMessageIdsCollide, message.name_span, first->second->name, message.name)
        .Because(kFirstDeclaredHere, first->second->name_span);
  }

  // A message with the name of a protocol constructs one.
  void CheckNotType(const Message& message) {
    const SymbolTable& visible = scopes_.VisibleIn(message.name_span.file);
    const auto symbol = visible.find(message.name);
    if (symbol == visible.end()) return;
    if (std::holds_alternative<ProtocolId>(symbol->second.what)) {
      diagnostics_.Report(kUnsupported, message.name_span, "a constructor");
    } else {
      diagnostics_.Report(kMessageNamedAsType, message.name_span, message.name)
          .Because(kFirstDeclaredHere, symbol->second.name_span);
    }
  }

  const SourceMap& sources_;
  const Scopes& scopes_;
  Diagnostics& diagnostics_;
};

}  // namespace

void CheckMessages(const SourceMap& sources, const Scopes& scopes, Model& model,
                   Diagnostics& diagnostics) {
  MessageChecker checker(sources, scopes, diagnostics);
  for (const Declared& declared : scopes.declared) {
    const auto* id = std::get_if<ProtocolId>(&declared.id);
    if (id == nullptr) continue;
    checker.Check(std::get<ProtocolSyntax>(declared.syntax->what),
                  model.protocols[static_cast<std::size_t>(*id)]);
  }
}

}  // namespace batonc
