#include <string>
#include <vector>

#include "compiler/check/attribute_list.h"
#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

class MessageAttributeChecker {
 public:
  explicit MessageAttributeChecker(CheckContext& context) : context_(context) {}

  void Check(const Protocol& protocol, const MessageSyntax& syntax, const Message& message) {
    CheckPower(protocol, syntax, message);
    CheckNesting(syntax, message);
    if (message.constructs) CheckConstructor(syntax, message);
    if (message.is_destructor) CheckDestructor(syntax, message);
    CheckQueue(syntax, message);
    CheckAnswer(syntax, message);
    CheckTaint(syntax.parameters, message);
    if (syntax.returns) CheckTaint(*syntax.returns, message);
  }

 private:
  void CheckPower(const Protocol& protocol, const MessageSyntax& syntax, const Message& message);
  void CheckNesting(const MessageSyntax& syntax, const Message& message);
  void CheckConstructor(const MessageSyntax& syntax, const Message& message);
  void CheckDestructor(const MessageSyntax& syntax, const Message& message);
  void CheckQueue(const MessageSyntax& syntax, const Message& message);
  void CheckAnswer(const MessageSyntax& syntax, const Message& message);
  void CheckTaint(const std::vector<FieldSyntax>& fields, const Message& message);

  CheckContext& context_;
};

// Of the attribute, which is there.
Span SpanOf(const MessageSyntax& syntax, std::string_view name) {
  return FindAttribute(syntax.attributes, name)->span;
}

// R24.
void MessageAttributeChecker::CheckPower(const Protocol& protocol, const MessageSyntax& syntax,
                                         const Message& message) {
  if (message.is_sync && !protocol.is_sync) {
    context_.Report(kSyncInAsync, syntax.word_span, message.name, protocol.name)
        .Because(kOtherProtocolHere, protocol.name_span);
  }
  if (message.nesting > protocol.nested_up_to) {
    context_.Report(kNestedBeyond, SpanOf(syntax, "Nested"), message.name, protocol.name)
        .Because(kOtherProtocolHere, protocol.name_span);
  }
}

// R25 to R27.
void MessageAttributeChecker::CheckNesting(const MessageSyntax& syntax, const Message& message) {
  const bool to_child = syntax.direction && message.direction != Direction::kToParent;
  if (message.is_sync && to_child && message.nesting != Nesting::kInsideSync) {
    context_.Report(kSyncToChild, syntax.word_span, message.name);
  }
  if (message.nesting == Nesting::kInsideSync && !message.is_sync) {
    context_.Report(kNestedAsync, SpanOf(syntax, "Nested"), message.name);
  }
  if (message.nesting != Nesting::kInsideCpow) return;
  const Span span = SpanOf(syntax, "Nested");
  if (to_child) context_.Report(kCpowToChild, span, message.name);
  if (!context_.IsIpdl(span.file)) context_.Report(kCpowDeprecated, span, message.name);
}

// R29.
void MessageAttributeChecker::CheckConstructor(const MessageSyntax& syntax,
                                               const Message& message) {
  if (message.is_sync || !syntax.returns) return;
  context_.Report(kConstructorReturns, message.name_span, message.name);
}

// R30.
void MessageAttributeChecker::CheckDestructor(const MessageSyntax& syntax, const Message& message) {
  if (message.is_sync) context_.Report(kSyncDestructor, syntax.word_span);
  if (syntax.returns) context_.Report(kDestructorReturns, message.name_span);
}

// R32, R33.
void MessageAttributeChecker::CheckQueue(const MessageSyntax& syntax, const Message& message) {
  if (message.compress != Compress::kNo) {
    const std::string_view wrong = message.is_sync         ? "sync"
                                   : message.constructs    ? "constructs an actor"
                                   : message.is_destructor ? "ends its actor"
                                                           : "";
    if (!wrong.empty()) {
      context_.Report(kCompressMisplaced, SpanOf(syntax, "Compress"), message.name, wrong);
    }
  }
  if (message.is_lazy && message.is_sync) {
    context_.Report(kLazySync, SpanOf(syntax, "LazySend"), message.name);
  }
}

// R34, and what is ours.
void MessageAttributeChecker::CheckAnswer(const MessageSyntax& syntax, const Message& message) {
  if (message.reply_priority && (message.is_sync || !message.returns)) {
    context_.Report(kReplyPriorityMisplaced, SpanOf(syntax, "ReplyPriority"), message.name,
                    message.is_sync ? "is sync" : "has no `returns`");
  }
  if (message.deadline_us && !message.is_sync && !message.returns) {
    context_.Report(kDeadlineMisplaced, SpanOf(syntax, "Deadline"), message.name);
  }
  if (message.has_virtual_send && !message.is_sync && message.returns) {
    context_.Report(kVirtualTemplate, SpanOf(syntax, "VirtualSendImpl"), message.name);
  }
  if (!message.because.empty() && !message.is_sync) {
    context_.Report(kReasonMisplaced, SpanOf(syntax, "Because"), message.name);
  }
  if (!message.fails) return;
  const auto& kind = message.fails->kind;
  const bool can_fail =
      std::holds_alternative<ErrorType>(kind) || std::holds_alternative<EnumId>(kind) ||
      std::holds_alternative<StructId>(kind) || std::holds_alternative<UnionId>(kind);
  if (can_fail) return;
  context_.Report(kFailsType, message.fails->span, context_.sources.Text(message.fails->span));
}

// R35.
void MessageAttributeChecker::CheckTaint(const std::vector<FieldSyntax>& fields,
                                         const Message& message) {
  if (message.is_tainted) return;
  for (const FieldSyntax& field : fields) {
    const AttributeSyntax* attribute = FindAttribute(field.attributes, "NoTaint");
    if (attribute == nullptr) continue;
    context_.Report(kNoTaintMisplaced, attribute->span, field.name.text);
  }
}

// What comes from the side that is not trusted. Of a message to both sides one receiver may be
// the trusted side, whose handler gets tainted values as well: the class decides once.
void Distrust(Protocol& protocol) {
  if (!protocol.trusts) return;
  const Direction to_trusted =
      *protocol.trusts == Side::kParent ? Direction::kToParent : Direction::kToChild;
  for (Message& message : protocol.messages) {
    const bool comes_from_other =
        message.direction == to_trusted || message.direction == Direction::kBoth;
    if (comes_from_other) message.is_tainted = true;
  }
}

}  // namespace

void CheckMessageAttributes(CheckContext& context) {
  MessageAttributeChecker checker(context);
  context.ForEach<ProtocolId>([&](const DeclarationSyntax& syntax, Protocol& protocol) {
    Distrust(protocol);
    const auto& written = std::get<ProtocolSyntax>(syntax.what).messages;
    for (std::size_t i = 0; i < written.size(); ++i) {
      checker.Check(protocol, written[i], protocol.messages[i]);
    }
  });
}

}  // namespace batonc
