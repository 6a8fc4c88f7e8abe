#include "compiler/lower/lower_message.h"

#include <fmt/format.h>

#include "compiler/lower/lower_queueing.h"
#include "compiler/lower/lower_types.h"

namespace batonc {
namespace {

// Three names in the namespace of a protocol belong to itself.
std::string ConstantOf(const std::string& message) {
  const bool taken = message == "Protocol" || message == "ToParent" || message == "ToChild";
  return "k" + message + (taken ? "_" : "");
}

// What a message says that does not change how it travels, and that the runtime ignores so far.
std::string NoteOf(const Message& message) {
  std::string words;
  const auto add = [&](std::string_view word) {
    words.append(words.empty() ? "" : ", ").append(word);
  };
  if (message.nesting == Nesting::kInsideCpow) add("Nested=inside_cpow");
  return words.empty() ? words : "// Not acted on yet: " + words + ".";
}

// A bound or an enum already says which values there are.
bool IsTainted(const Protocol& protocol, const Message& message, const Field& field,
               Side receiver) {
  // That they are of this tree and of that protocol has been checked.
  const bool is_actor = std::holds_alternative<ActorType>(field.type.kind) ||
                        std::holds_alternative<EndpointType>(field.type.kind);
  if (is_actor) return false;
  if (!message.is_tainted || field.no_taint != NoTaint::kNone) return false;
  if (!protocol.trusts) return true;
  if (message.direction == Direction::kBoth && receiver != *protocol.trusts) return false;
  return field.bounds.empty() && !std::holds_alternative<EnumId>(field.type.kind);
}

void Append(std::string& list, const std::string& part) {
  list.append(list.empty() ? "" : ", ").append(part);
}

// Where the runtime finds each value: an actor behind a pointer to its base.
void LowerSent(const CppTypes& types, const Message& message, Side side, MessageSidePlan& plan) {
  plan.is_sent_from_source = message.constructs.has_value();
  const bool is_template = message.returns && !message.is_sync;
  for (const Field& field : message.parameters) {
    Append(plan.sent, types.Sent(field.type, field.name, side));
    if (!std::holds_alternative<ActorType>(field.type.kind)) {
      Append(plan.addresses, "&" + field.name);
      continue;
    }
    const std::string address =
        is_template ? "baton::internal::ActorAddressIn<Token_>(" : "baton::internal::ActorAddress(";
    Append(plan.addresses, address + field.name + ")");
    plan.is_sent_from_source = !is_template;
  }
  plan.addresses = "{" + plan.addresses + "}";
}

void LowerReceived(const Protocol& protocol, const CppTypes& types, const Message& message,
                   Side side, MessageSidePlan& plan) {
  for (const Field& field : message.parameters) {
    const bool is_tainted = IsTainted(protocol, message, field, side);
    const std::string name = types.ParameterName(field.type, side);
    const std::string type = is_tainted ? "baton::Tainted<" + name + ">" : name;
    Append(plan.received, type + " " + field.name);
    Append(plan.received_types, type);
    const bool is_plain = !is_tainted && IsPlain(field.type);
    Append(plan.looked_at, (is_plain ? type : "const " + type + "&") + " " + field.name);
  }
}

MessageSidePlan LowerSide(const Model& model, const Protocol& protocol, const CppScope& scope,
                          const Message& message, Side side) {
  MessageSidePlan plan;
  plan.sends = Sends(side, message.direction);
  plan.receives = Receives(side, message.direction);
  const CppTypes types(model, scope);
  if (message.constructs) plan.managed = types.NameOfClass(*message.constructs, side);
  if (plan.sends) LowerSent(types, message, side, plan);
  if (plan.receives) LowerReceived(protocol, types, message, side, plan);
  return plan;
}

bool Comparable(const Model& model, const std::vector<Field>& fields) {
  for (const Field& field : fields) {
    if (!TraitsOf(model, field.type).is_comparable) return false;
  }
  return true;
}

std::string NameOf(const Message& message) {
  return message.name + (message.constructs ? "Constructor" : "");
}

OutcomePlan LowerOutcome(const CppTypes& types, const Message& message,
                         const std::string& wire_name) {
  OutcomePlan plan;
  plan.name = NameOf(message) + "Reply";
  plan.error = types.Name(*message.fails);
  plan.error_wire_type = types.WireType(*message.fails);
  plan.union_stem = "k" + NameOf(message) + "Outcome";
  plan.union_constant = plan.union_stem + "_";
  plan.union_wire_name = wire_name + "Outcome";
  plan.table = {"k" + plan.name + "_", "k" + plan.name, wire_name + "Reply", {}};
  RowPlan& row = plan.table.rows.emplace_back();
  row.name = "outcome";
  row.offset = "0";
  row.wire_type = "baton::wire::kUnionOf<" + plan.name + ", " + plan.union_constant + ">";
  return plan;
}

ReplyPlan LowerReply(const Model& model, const Protocol& protocol, const CppTypes& types,
                     const Message& message) {
  const std::vector<Field>& fields = *message.returns;
  const bool single = fields.size() == 1;
  const std::string wire_name = FullName(protocol) + "_" + message.name + "_";
  const std::string kind = message.fails ? "Answer" : "Reply";
  ReplyPlan plan;
  plan.name = NameOf(message) + kind;
  plan.table = LowerTable(model, fields, single ? "" : plan.name, types,
                          {"k" + plan.name + "_", "k" + plan.name, wire_name + kind});
  if (message.fails) plan.outcome = LowerOutcome(types, message, wire_name);
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
  plan.name = NameOf(message);
  plan.doc = DocLines(message.doc);
  plan.note = NoteOf(message);
  plan.parent = LowerSide(model, protocol, scope, message, Side::kParent);
  plan.child = LowerSide(model, protocol, scope, message, Side::kChild);
  if (message.deadline_us) plan.deadline = std::to_string(*message.deadline_us);
  plan.constant = ConstantOf(plan.name);
  plan.full_name = FullName(protocol) + "::" + message.name;
  plan.cpp_id = fmt::format("{:#010x}u", message.id);
  plan.virtual_send = message.has_virtual_send;
  plan.queueing = LowerQueueing(message);
  plan.is_sync = message.is_sync;
  plan.is_nested = message.nesting == Nesting::kInsideSync;
  plan.lifetime = message.lifetime;
  if (message.is_destructor) plan.role = MessageRole::kDestructor;
  if (message.constructs) {
    plan.role = MessageRole::kConstructor;
    plan.constructs = model.protocol(*message.constructs).name;
  }
  plan.parameters = LowerTable(model, message.parameters, "", types,
                               {"k" + plan.name + "Parameters_", "k" + plan.name + "Parameter",
                                FullName(protocol) + "_" + message.name + "_Parameters"});
  if (message.returns) plan.reply = LowerReply(model, protocol, types, message);
  return plan;
}

}  // namespace batonc
