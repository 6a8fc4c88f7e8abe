#include "compiler/emit/emitters.h"

namespace batonc {
namespace {

void EmitSend(Printer& printer, const ProtocolPlan& protocol, const MessagePlan& message,
              const MessageSidePlan& side) {
  const std::string_view kind = message.virtual_send ? "virtual " : "";
  if (side.is_sent_from_source) {
    return printer.Emit({{"doc", message.doc},
                         {"note", message.note},
                         {"virtual", kind},
                         {"Name", message.name},
                         {"parameters", SentParameters(message, side)}},
                        R"(
      ${doc}
      ${note}
      ${virtual}baton::Result<void> Send${Name}(${parameters});

    )");
  }
  printer.Emit({{"doc", message.doc},
                {"note", message.note},
                {"virtual", kind},
                {"Name", message.name},
                {"How", message.role == MessageRole::kDestructor ? "SendDelete" : "SendMessage"},
                {"Protocol", protocol.name},
                {"constant", message.constant},
                {"parameters", side.sent},
                {"values", side.addresses}},
               R"(
    ${doc}
    ${note}
    ${virtual}baton::Result<void> Send${Name}(${parameters}) {
      return baton::Actor::${How}(${Protocol}::${constant}, ${values});
    }

  )");
}

// A template, because any completion token will do.
void EmitCall(Printer& printer, const ProtocolPlan& protocol, const MessagePlan& message,
              const MessageSidePlan& side) {
  printer.Emit({{"doc", message.doc},
                {"note", message.note},
                {"Name", message.name},
                {"Protocol", protocol.name},
                {"constant", message.constant},
                {"parameters", side.sent + (side.sent.empty() ? "" : ", ")},
                {"values", side.addresses},
                {"deadline", message.deadline.empty() ? "" : ", k" + message.name + "Deadline"}},
               R"(
    ${doc}
    ${note}
    template <class Token_>
    auto Send${Name}(${parameters}Token_&& token_) {
      return baton::SendCall<${Name}Reply>(*this, ${Protocol}::${constant}, ${values}, std::forward<Token_>(token_)${deadline});
    }

  )");
}

// What makes a managed actor, and what hears of it once it is there.
void EmitRecvConstructor(Printer& printer, const MessagePlan& message, const MessageSidePlan& side,
                         std::string_view side_name) {
  printer.Emit({{"doc", message.doc},
                {"note", message.note},
                {"Protocol", message.constructs},
                {"Side", side_name},
                {"Name", message.name},
                {"Result", message.is_sync ? SyncResult(message) : "baton::Result<void>"},
                {"pure", HasDefault(message, side) ? "" : " = 0"},
                {"Managed", side.managed},
                {"looked_at", side.looked_at},
                {"parameters", (side.received.empty() ? "" : ", ") + side.received}},
               R"(
    ${doc}
    ${note}
    virtual std::shared_ptr<${Managed}> Alloc${Protocol}${Side}(${looked_at}) = 0;
    virtual ${Result} Recv${Name}(${Managed}& actor_${parameters})${pure};

  )");
}

void EmitRecv(Printer& printer, const MessagePlan& message, const MessageSidePlan& side) {
  const bool is_call = message.reply.has_value() && !message.is_sync;
  std::string parameters = side.received;
  if (is_call) parameters += (parameters.empty() ? "" : ", ") + message.name + "Replier reply_";
  printer.Emit({{"doc", message.doc},
                {"note", message.note},
                {"Result", is_call           ? "void"
                           : message.is_sync ? SyncResult(message)
                                             : "baton::Result<void>"},
                {"Name", message.name},
                {"parameters", parameters},
                {"pure", HasDefault(message, side) ? "" : " = 0"}},
               R"(
    ${doc}
    ${note}
    virtual ${Result} Recv${Name}(${parameters})${pure};

  )");
}

std::string ReplierOf(const MessagePlan& message) {
  const ReplyPlan& reply = *message.reply;
  if (!reply.outcome) return "baton::Replier<" + reply.name + ">";
  return "baton::FallibleReplier<" + reply.name + ", " + reply.outcome->error + ">";
}

// Names of answers, and deadlines.
void EmitNames(Printer& printer, const ProtocolPlan& protocol, const SidePlan& side) {
  for (const MessagePlan& message : protocol.messages) {
    const MessageSidePlan& seen = message.*side.message;
    if (!message.deadline.empty() && seen.sends) {
      printer.Emit({{"Message", message.name}, {"deadline", message.deadline}},
                   "static constexpr std::chrono::microseconds k${Message}Deadline{${deadline}};");
    }
    if (!message.reply) continue;
    printer.Emit({{"Message", message.name}, {"Protocol", protocol.name}},
                 "using ${Message}Reply = ${Protocol}::${Message}Reply;");
    const std::optional<OutcomePlan>& outcome = message.reply->outcome;
    if (outcome) {
      printer.Emit({{"Message", message.name}, {"Protocol", protocol.name}},
                   "using ${Message}Answer = ${Protocol}::${Message}Answer;");
    }
    if (!seen.receives || message.is_sync) continue;
    printer.Emit({{"Message", message.name}, {"replier", ReplierOf(message)}},
                 "using ${Message}Replier = ${replier};");
  }
}

void EmitSends(Printer& printer, const ProtocolPlan& protocol, const SidePlan& side) {
  for (const MessagePlan& message : protocol.messages) {
    const MessageSidePlan& seen = message.*side.message;
    if (!seen.sends) continue;
    if (message.is_sync) {
      EmitSyncSend(printer, protocol, message, seen);
      continue;
    }
    message.reply ? EmitCall(printer, protocol, message, seen)
                  : EmitSend(printer, protocol, message, seen);
  }
}

// Of the tree: upwards, and downwards.
void EmitTree(Printer& printer, const ProtocolPlan& protocol, const SidePlan& side) {
  if (const std::string& manager = protocol.*side.manager; !manager.empty()) {
    printer.Emit({{"Manager", manager}}, R"(
      /// Null after the end.
      std::shared_ptr<${Manager}> Manager() const;

    )");
  }
  for (const ManagedPlan& managed : protocol.manages) {
    printer.Emit({{"Protocol", managed.name},
                  {"Side", side.name},
                  {"Mine", managed.*side.managed},
                  {"Other", managed.*side.other}},
                 R"(
      std::vector<std::shared_ptr<${Mine}>> Managed${Protocol}${Side}() const;
      baton::Result<baton::ManagedEndpoint<${Other}>> Open${Protocol}Endpoint(const std::shared_ptr<${Mine}>& actor_);
      baton::Result<void> Bind${Protocol}Endpoint(baton::ManagedEndpoint<${Mine}>&& endpoint_, const std::shared_ptr<${Mine}>& actor_);

    )");
  }
}

void EmitReceives(Printer& printer, const ProtocolPlan& protocol, const SidePlan& side) {
  for (const MessagePlan& message : protocol.messages) {
    const MessageSidePlan& seen = message.*side.message;
    if (!seen.receives) continue;
    message.role == MessageRole::kConstructor
        ? EmitRecvConstructor(printer, message, seen, side.name)
        : EmitRecv(printer, message, seen);
  }
}

void EmitActor(Printer& printer, const ProtocolPlan& protocol, const SidePlan& side) {
  const auto names = [&] { EmitNames(printer, protocol, side); };
  const auto sends = [&] { EmitSends(printer, protocol, side); };
  const auto tree = [&] { EmitTree(printer, protocol, side); };
  const auto receives = [&] { EmitReceives(printer, protocol, side); };
  printer.Emit({{"doc", protocol.doc},
                {"Protocol", protocol.name},
                {"Side", side.name},
                {"names", names},
                {"sends", sends},
                {"tree", tree},
                {"receives", receives}},
               R"(
    ${doc}
    class ${Protocol}${Side} : public baton::Actor {
     public:
      static constexpr const baton::wire::Protocol& kProtocol = ${Protocol}::kProtocol;
      static constexpr baton::Side kSide = baton::Side::k${Side};
      ${names}

      ${sends}

      ${tree}

     protected:
      ${Protocol}${Side}() : baton::Actor(kProtocol, kSide, &${Protocol}${Side}::Dispatch) {}

      ${receives}

     private:
      static baton::Result<void> Dispatch(baton::Actor* self_, baton::Incoming& incoming_);
    };

  )");
}

}  // namespace

// As in IPDL: who wants to know of a deletion without values has ActorDestroy.
bool HasDefault(const MessagePlan& message, const MessageSidePlan& side) {
  return (message.role == MessageRole::kConstructor && !message.reply) ||
         (message.role == MessageRole::kDestructor && side.received.empty());
}

std::string SentParameters(const MessagePlan& message, const MessageSidePlan& side) {
  if (message.role != MessageRole::kConstructor) return side.sent;
  return "const std::shared_ptr<" + side.managed + ">& actor_" + (side.sent.empty() ? "" : ", ") +
         side.sent;
}

std::string EmitActorHeader(const Plan& plan, const SidePlan& side) {
  Printer printer;
  const auto sections = [&] {
    EmitForwards(printer, plan.*side.forwards);
    for (const SectionPlan& section : plan.actors()) {
      if (section.protocols.empty()) continue;
      EmitNamespace(printer, section.cpp_namespace, [&] {
        for (const ProtocolPlan& protocol : section.protocols) EmitActor(printer, protocol, side);
      });
    }
  };
  printer.Emit({{"source", plan.source},
                {"note", plan.has_protocols ? "" : "// There is no protocol in it, only types."},
                {"sync", plan.has_sync ? "#include <baton/sync.h>" : ""},
                {"chrono", plan.has_deadlines ? "#include <chrono>" : ""},
                {"output", plan.output},
                {"sections", sections}},
               R"(
    // Generated by batonc from ${source}. Do not edit.
    ${note}
    #pragma once

    ${chrono}

    ${sync}

    #include "${output}.h"

    ${sections}
  )");
  return printer.Take();
}

}  // namespace batonc
