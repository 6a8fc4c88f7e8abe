#include "compiler/lower/lower_message.h"

#include <fmt/format.h>

#include "compiler/lower/carried.h"
#include "compiler/lower/lower_types.h"

namespace batonc {
namespace {

// Three names in the namespace of a protocol belong to itself.
std::string ConstantOf(const std::string& message) {
  const bool taken = message == "Protocol" || message == "ToParent" || message == "ToChild";
  return "k" + message + (taken ? "_" : "");
}

std::string_view WordFor(Priority priority) {
  switch (priority) {
    case Priority::kNormal: return "normal";
    case Priority::kInput: return "input";
    case Priority::kVsync: return "vsync";
    case Priority::kMediumHigh: return "mediumhigh";
    case Priority::kControl: return "control";
  }
  return "";
}

// What a message says that does not change how it travels, and that the runtime ignores so far.
std::string NoteOf(const Message& message) {
  std::string words;
  const auto add = [&](std::string_view word) {
    words.append(words.empty() ? "" : ", ").append(word);
  };
  if (message.compress == Compress::kAdjacent) add("Compress");
  if (message.compress == Compress::kAll) add("Compress=all");
  if (message.priority != Priority::kNormal) {
    add("Priority=" + std::string(WordFor(message.priority)));
  }
  if (message.reply_priority) {
    add("ReplyPriority=" + std::string(WordFor(*message.reply_priority)));
  }
  if (message.nesting == Nesting::kInsideSync) add("Nested=inside_sync");
  if (message.nesting == Nesting::kInsideCpow) add("Nested=inside_cpow");
  if (message.is_lazy) add("LazySend");
  return words.empty() ? words : "// Not acted on yet: " + words + ".";
}

// A bound or an enum already says which values there are.
bool IsTainted(const Protocol& protocol, const Message& message, const Field& field,
               Side receiver) {
  if (!message.is_tainted || field.no_taint != NoTaint::kNone) return false;
  if (!protocol.trusts) return true;
  if (message.direction == Direction::kBoth && receiver != *protocol.trusts) return false;
  return field.bounds.empty() && !std::holds_alternative<EnumId>(field.type.kind);
}

MessageSidePlan LowerSide(const Model& model, const Protocol& protocol, const CppScope& scope,
                          const Message& message, bool is_missing, Side side) {
  MessageSidePlan plan;
  plan.sends = Sends(side, message.direction);
  plan.receives = Receives(side, message.direction);
  if (is_missing) {
    plan.deleted = DeletedMembers(model, scope, message, side);
    return plan;
  }
  if (!plan.receives) return plan;
  const CppTypes types(model, scope);
  for (const Field& field : message.parameters) {
    const std::string type = types.Name(field.type);
    if (!plan.received.empty()) plan.received += ", ";
    plan.received +=
        IsTainted(protocol, message, field, side) ? "baton::Tainted<" + type + ">" : type;
    plan.received += " " + field.name;
  }
  return plan;
}

bool Comparable(const Model& model, const std::vector<Field>& fields) {
  for (const Field& field : fields) {
    if (!TraitsOf(model, field.type).is_comparable) return false;
  }
  return true;
}

ReplyPlan LowerReply(const Model& model, const Protocol& protocol, const CppTypes& types,
                     const Message& message) {
  const std::vector<Field>& fields = *message.returns;
  const bool single = fields.size() == 1;
  ReplyPlan plan;
  plan.name = message.name + "Reply";
  plan.table = LowerTable(model, fields, single ? "" : plan.name, types,
                          {"k" + message.name + "Reply_", "k" + message.name + "Reply",
                           FullName(protocol) + "_" + message.name + "_Reply"});
  if (single) {
    plan.alias = types.Name(fields.front().type);
    plan.doc = DocLines(fields.front().doc);
    plan.value = fields.front().name;
    return plan;
  }
  plan.comparable = Comparable(model, fields);
  plan.members = LowerMembers(fields, types);
  return plan;
}

}  // namespace

bool Receives(Side side, Direction direction) {
  return direction == Direction::kBoth ||
         direction == (side == Side::kParent ? Direction::kToParent : Direction::kToChild);
}

bool Sends(Side side, Direction direction) {
  return Receives(side == Side::kParent ? Side::kChild : Side::kParent, direction);
}

MessagePlan LowerMessage(const Model& model, const Protocol& protocol, const CppScope& scope,
                         const Message& message) {
  const CppTypes types(model, scope);
  MessagePlan plan;
  plan.name = message.name;
  plan.doc = DocLines(message.doc);
  plan.note = NoteOf(message);
  for (const std::string_view reason : MissingFor(model, message)) {
    plan.missing.append(plan.missing.empty() ? "" : ", ").append(reason);
  }
  const bool is_missing = !plan.missing.empty();
  plan.parent = LowerSide(model, protocol, scope, message, is_missing, Side::kParent);
  plan.child = LowerSide(model, protocol, scope, message, is_missing, Side::kChild);
  if (message.deadline_us) plan.deadline = std::to_string(*message.deadline_us);
  if (is_missing) return plan;

  plan.constant = ConstantOf(message.name);
  plan.full_name = FullName(protocol) + "::" + message.name;
  plan.cpp_id = fmt::format("{:#010x}u", message.id);
  plan.virtual_send = message.has_virtual_send;
  plan.lifetime = message.lifetime;
  plan.addresses = "{";
  for (const Field& field : message.parameters) {
    if (!plan.sent.empty()) plan.sent += ", ";
    plan.sent += types.Sent(field.type, field.name);
    plan.addresses += (plan.addresses.size() == 1 ? "&" : ", &") + field.name;
  }
  plan.addresses += "}";
  plan.parameters =
      LowerTable(model, message.parameters, "", types,
                 {"k" + message.name + "Parameters_", "k" + message.name + "Parameter",
                  FullName(protocol) + "_" + message.name + "_Parameters"});
  if (message.returns) plan.reply = LowerReply(model, protocol, types, message);
  return plan;
}

}  // namespace batonc
