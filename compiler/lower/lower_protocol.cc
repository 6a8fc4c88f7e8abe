#include "compiler/lower/lower_protocol.h"

#include <fmt/format.h>

#include "compiler/lower/cpp_types.h"
#include "compiler/lower/digest.h"
#include "compiler/lower/lower_types.h"

namespace batonc {
namespace {

std::string WordFor(Direction direction) {
  switch (direction) {
    case Direction::kToParent: return "parent";
    case Direction::kToChild: return "child";
    case Direction::kBoth: return "both";
  }
  return "";
}

// Three names in the namespace of a protocol belong to itself.
std::string ConstantOf(const std::string& message) {
  const bool taken = message == "Protocol" || message == "ToParent" || message == "ToChild";
  return "k" + message + (taken ? "_" : "");
}

ReplyPlan LowerReply(const Model& model, const Protocol& protocol, const CppScope& scope,
                     const Message& message) {
  const std::vector<Field>& fields = *message.returns;
  const bool single = fields.size() == 1;
  ReplyPlan plan;
  plan.name = message.name + "Reply";
  plan.wire_name = FullName(protocol) + "_" + message.name + "_Reply";
  plan.comparable = Comparable(model, fields);
  plan.fields = LowerFields(model, fields, single ? "" : plan.name, scope);
  if (single) plan.alias = plan.fields.front().cpp_type;
  return plan;
}

MessagePlan LowerMessage(const Model& model, const Protocol& protocol, const CppScope& scope,
                         const Message& message) {
  MessagePlan plan;
  plan.name = message.name;
  plan.protocol = protocol.name;
  plan.constant = ConstantOf(message.name);
  plan.full_name = FullName(protocol) + "::" + message.name;
  plan.doc = message.doc;
  plan.direction = message.direction;
  plan.direction_word = WordFor(message.direction);
  plan.id = message.id;
  plan.cpp_id = fmt::format("{:#010x}u", message.id);
  plan.parameter_wire_name = FullName(protocol) + "_" + message.name + "_Parameters";
  plan.parameters = LowerFields(model, message.parameters, "", scope);
  if (message.returns) plan.reply = LowerReply(model, protocol, scope, message);
  return plan;
}

ActorPlan LowerActor(const ProtocolPlan& protocol, const std::string& side, Direction receives) {
  ActorPlan plan;
  plan.name = protocol.name + side;
  plan.protocol = protocol.name;
  plan.doc = protocol.doc;
  plan.side = "k" + side;
  for (const MessagePlan& message : protocol.messages) {
    const bool received = message.direction == receives || message.direction == Direction::kBoth;
    const bool sent = message.direction != receives;
    if (sent) plan.sends.push_back(message);
    if (received) plan.receives.push_back(message);
    if (!message.reply) continue;
    plan.replies.push_back(message.name);
    if (received) plan.repliers.push_back(message.name);
  }
  return plan;
}

std::vector<std::string> ConstantsOf(const std::vector<MessagePlan>& messages) {
  std::vector<std::string> constants;
  for (const MessagePlan& message : messages) constants.push_back(message.constant);
  return constants;
}

}  // namespace

ProtocolPlan LowerProtocol(const Model& model, const Protocol& protocol) {
  ProtocolPlan plan;
  plan.name = protocol.name;
  plan.full_name = FullName(protocol);
  plan.doc = protocol.doc;
  plan.schema_hash = fmt::format("{:#018x}", SchemaHash(model, protocol));
  const CppScope scope = ScopeOf(protocol);
  for (const Message& message : protocol.messages) {
    plan.messages.push_back(LowerMessage(model, protocol, scope, message));
  }
  plan.parent = LowerActor(plan, "Parent", Direction::kToParent);
  plan.child = LowerActor(plan, "Child", Direction::kToChild);
  plan.to_parent = ConstantsOf(plan.parent.receives);
  plan.to_child = ConstantsOf(plan.child.receives);
  return plan;
}

}  // namespace batonc
