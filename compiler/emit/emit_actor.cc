#include <algorithm>

#include "compiler/emit/emitters.h"

namespace batonc {
namespace {

bool IsCarried(const MessagePlan& message) {
  return message.missing.empty();
}

void EmitSend(Printer& printer, const ProtocolPlan& protocol, const MessagePlan& message) {
  printer.Emit({{"doc", message.doc},
                {"note", message.note},
                {"virtual", message.virtual_send ? "virtual " : ""},
                {"Name", message.name},
                {"Protocol", protocol.name},
                {"constant", message.constant},
                {"parameters", message.sent},
                {"values", message.addresses}},
               R"(
    ${doc}
    ${note}
    ${virtual}baton::Result<void> Send${Name}(${parameters}) {
      return baton::Actor::SendMessage(${Protocol}::${constant}, ${values});
    }

  )");
}

// A template, because any completion token will do.
void EmitCall(Printer& printer, const ProtocolPlan& protocol, const MessagePlan& message) {
  printer.Emit({{"doc", message.doc},
                {"note", message.note},
                {"Name", message.name},
                {"Protocol", protocol.name},
                {"constant", message.constant},
                {"parameters", message.sent + (message.sent.empty() ? "" : ", ")},
                {"values", message.addresses}},
               R"(
    ${doc}
    ${note}
    template <class Token_>
    auto Send${Name}(${parameters}Token_&& token_) {
      return baton::SendCall<${Name}Reply>(*this, ${Protocol}::${constant}, ${values}, std::forward<Token_>(token_));
    }

  )");
}

void EmitRecv(Printer& printer, const MessagePlan& message, const MessageSidePlan& side) {
  const bool is_call = message.reply.has_value();
  std::string parameters = side.received;
  if (is_call) parameters += (parameters.empty() ? "" : ", ") + message.name + "Replier reply_";
  printer.Emit({{"doc", message.doc},
                {"note", message.note},
                {"Result", is_call ? "void" : "baton::Result<void>"},
                {"Name", message.name},
                {"parameters", parameters}},
               R"(
    ${doc}
    ${note}
    virtual ${Result} Recv${Name}(${parameters}) = 0;

  )");
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
    if (!seen.receives) continue;
    printer.Emit({{"Message", message.name}},
                 "using ${Message}Replier = baton::Replier<${Message}Reply>;");
  }
}

void EmitSends(Printer& printer, const ProtocolPlan& protocol, const SidePlan& side) {
  for (const MessagePlan& message : protocol.messages) {
    if (!(message.*side.message).sends || !IsCarried(message)) continue;
    message.reply ? EmitCall(printer, protocol, message) : EmitSend(printer, protocol, message);
  }
}

// What the runtime cannot carry yet, in its shape of one day.
void EmitMissing(Printer& printer, const ProtocolPlan& protocol, const SidePlan& side) {
  const auto emit = [&](std::string_view doc, std::string_view reason,
                        const std::vector<std::string>& members) {
    if (members.empty()) return;
    const auto declarations = [&] {
      for (const std::string& member : members) printer.Emit({{"member", member}}, "${member};");
    };
    printer.Emit({{"doc", doc}, {"reason", reason}, {"members", declarations}}, R"(
      ${doc}
      // Not in the runtime yet: ${reason}.
      ${members}

    )");
  };
  for (const MessagePlan& message : protocol.messages) {
    emit(message.doc, message.missing, (message.*side.message).deleted);
  }
  emit("", "managed actors", protocol.*side.deleted);
}

void EmitReceives(Printer& printer, const ProtocolPlan& protocol, const SidePlan& side) {
  for (const MessagePlan& message : protocol.messages) {
    const MessageSidePlan& seen = message.*side.message;
    if (seen.receives && IsCarried(message)) EmitRecv(printer, message, seen);
  }
}

void EmitActor(Printer& printer, const ProtocolPlan& protocol, const SidePlan& side) {
  const auto names = [&] { EmitNames(printer, protocol, side); };
  const auto sends = [&] { EmitSends(printer, protocol, side); };
  const auto missing = [&] { EmitMissing(printer, protocol, side); };
  const auto receives = [&] { EmitReceives(printer, protocol, side); };
  printer.Emit({{"doc", protocol.doc},
                {"Protocol", protocol.name},
                {"Side", side.name},
                {"names", names},
                {"sends", sends},
                {"missing", missing},
                {"receives", receives}},
               R"(
    ${doc}
    class ${Protocol}${Side} : public baton::Actor {
     public:
      static constexpr const baton::wire::Protocol& kProtocol = ${Protocol}::kProtocol;
      static constexpr baton::Side kSide = baton::Side::k${Side};
      ${names}

      ${sends}

      ${missing}

     protected:
      ${Protocol}${Side}() : baton::Actor(kProtocol, kSide) {}

      ${receives}

     private:
      baton::Result<void> Dispatch(baton::Incoming& incoming_) final;
    };

  )");
}

void EmitForwards(Printer& printer, const std::vector<ForwardPlan>& forwards) {
  for (const ForwardPlan& forward : forwards) {
    EmitNamespace(printer, forward.cpp_namespace, [&] {
      for (const std::string& name : forward.classes) {
        printer.Emit({{"name", name}}, "${name};");
      }
    });
    printer.Emit("\n\n");
  }
}

}  // namespace

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
                {"chrono", plan.has_deadlines ? "#include <chrono>" : ""},
                {"output", plan.output},
                {"sections", sections}},
               R"(
    // Generated by batonc from ${source}. Do not edit.
    ${note}
    #pragma once

    ${chrono}

    #include "${output}.h"

    ${sections}
  )");
  return printer.Take();
}

}  // namespace batonc
