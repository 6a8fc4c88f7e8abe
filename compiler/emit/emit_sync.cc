// Sync messages: their SendX waits, and returns the answer.
#include "compiler/emit/emitters.h"

namespace batonc {
namespace {

// Those of SendX, with or without the deadline's default.
std::string ParametersOf(const MessagePlan& message, const MessageSidePlan& side,
                         bool has_default) {
  std::string list = SentParameters(message, side);
  list += list.empty() ? "" : ", ";
  list += "std::chrono::microseconds deadline_";
  if (!has_default) return list;
  const bool has_own = !message.deadline.empty();
  return list + " = " + (has_own ? "k" + message.name + "Deadline" : "baton::kSyncDeadline");
}

std::string_view ReplyOf(const MessagePlan& message, std::string& name) {
  name = message.reply ? message.name + "Reply" : "void";
  return name;
}

}  // namespace

std::string SyncResult(const MessagePlan& message) {
  std::string name;
  return "baton::Result<" + std::string(ReplyOf(message, name)) + ">";
}

void EmitSyncSend(Printer& printer, const ProtocolPlan& protocol, const MessagePlan& message,
                  const MessageSidePlan& side) {
  std::string reply;
  const std::string_view kind = message.virtual_send ? "virtual " : "";
  if (side.is_sent_from_source) {
    return printer.Emit({{"doc", message.doc},
                         {"note", message.note},
                         {"virtual", kind},
                         {"Result", SyncResult(message)},
                         {"Name", message.name},
                         {"parameters", ParametersOf(message, side, true)}},
                        R"(
      ${doc}
      ${note}
      ${virtual}${Result} Send${Name}(${parameters});

    )");
  }
  printer.Emit({{"doc", message.doc},
                {"note", message.note},
                {"virtual", kind},
                {"Result", SyncResult(message)},
                {"Name", message.name},
                {"Reply", ReplyOf(message, reply)},
                {"Protocol", protocol.name},
                {"constant", message.constant},
                {"parameters", ParametersOf(message, side, true)},
                {"values", side.addresses}},
               R"(
    ${doc}
    ${note}
    ${virtual}${Result} Send${Name}(${parameters}) {
      return baton::SendSync<${Reply}>(*this, ${Protocol}::${constant}, ${values}, deadline_);
    }

  )");
}

void EmitSyncSendInSource(Printer& printer, const ProtocolPlan& protocol, const SidePlan& side,
                          const MessagePlan& message) {
  const MessageSidePlan& seen = message.*side.message;
  std::string reply;
  const std::string scope = protocol.name + std::string(side.name);
  const std::string result = message.reply
                                 ? "baton::Result<" + scope + "::" + message.name + "Reply>"
                                 : SyncResult(message);
  const bool constructs = message.role == MessageRole::kConstructor;
  printer.Emit({{"Class", scope},
                {"How", constructs ? "SendSyncConstructor" : "SendSync"},
                {"actor", constructs ? "actor_, " : ""},
                {"Result", result},
                {"Name", message.name},
                {"Reply", ReplyOf(message, reply)},
                {"Protocol", protocol.name},
                {"constant", message.constant},
                {"parameters", ParametersOf(message, seen, false)},
                {"values", seen.addresses}},
               R"(
    ${Result} ${Class}::Send${Name}(${parameters}) {
      return baton::${How}<${Reply}>(*this, ${Protocol}::${constant}, ${actor}${values}, deadline_);
    }

  )");
}

}  // namespace batonc
