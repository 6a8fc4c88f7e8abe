#include <algorithm>

#include "compiler/emit/emitters.h"

namespace batonc {
namespace {

void EmitSend(Printer& printer, const ProtocolPlan& protocol, const SidePlan& side,
              const MessagePlan& message) {
  const MessageSidePlan& seen = message.*side.message;
  const bool constructs = message.role == MessageRole::kConstructor;
  const bool deletes = message.role == MessageRole::kDestructor;
  printer.Emit({{"Protocol", protocol.name},
                {"Side", side.name},
                {"Name", message.name},
                {"How", constructs ? "SendConstructor"
                        : deletes  ? "SendDelete"
                                   : "SendMessage"},
                {"constant", message.constant},
                {"actor", constructs ? "actor_, " : ""},
                {"parameters", SentParameters(message, seen)},
                {"values", seen.addresses}},
               R"(
    baton::Result<void> ${Protocol}${Side}::Send${Name}(${parameters}) {
      return baton::Actor::${How}(${Protocol}::${constant}, ${actor}${values});
    }

  )");
}

void EmitDefault(Printer& printer, const ProtocolPlan& protocol, const SidePlan& side,
                 const MessagePlan& message) {
  const MessageSidePlan& seen = message.*side.message;
  const bool constructs = message.role == MessageRole::kConstructor;
  std::string types = constructs ? seen.managed + "&" : std::string();
  types.append(types.empty() || seen.received_types.empty() ? "" : ", ")
      .append(seen.received_types);
  printer.Emit(
      {{"Protocol", protocol.name}, {"Side", side.name}, {"Name", message.name}, {"types", types}},
      R"(
    baton::Result<void> ${Protocol}${Side}::Recv${Name}(${types}) {
      return {};
    }

  )");
}

// The members that know other actors' classes.
void EmitMembers(Printer& printer, const ProtocolPlan& protocol, const SidePlan& side) {
  for (const MessagePlan& message : protocol.messages) {
    const MessageSidePlan& seen = message.*side.message;
    if (seen.sends && seen.is_sent_from_source) {
      message.is_sync ? EmitSyncSendInSource(printer, protocol, side, message)
                      : EmitSend(printer, protocol, side, message);
    }
    if (seen.receives && HasDefault(message, seen)) EmitDefault(printer, protocol, side, message);
  }
  if (const std::string& manager = protocol.*side.manager; !manager.empty()) {
    printer.Emit({{"Protocol", protocol.name}, {"Side", side.name}, {"Manager", manager}}, R"(
      std::shared_ptr<${Manager}> ${Protocol}${Side}::Manager() const {
        return std::static_pointer_cast<${Manager}>(baton::Actor::ManagerActor());
      }

    )");
  }
  for (const ManagedPlan& managed : protocol.manages) {
    printer.Emit({{"Protocol", protocol.name},
                  {"Side", side.name},
                  {"Name", managed.name},
                  {"Mine", managed.*side.managed},
                  {"Other", managed.*side.other}},
                 R"(
      std::vector<std::shared_ptr<${Mine}>> ${Protocol}${Side}::Managed${Name}${Side}() const {
        return baton::Actor::ManagedActorsOf<${Mine}>();
      }

      baton::Result<baton::ManagedEndpoint<${Other}>> ${Protocol}${Side}::Open${Name}Endpoint(const std::shared_ptr<${Mine}>& actor_) {
        BATON_TRY(auto endpoint_, baton::Actor::OpenManaged(actor_));
        return baton::ManagedEndpoint<${Other}>(std::move(endpoint_));
      }

      baton::Result<void> ${Protocol}${Side}::Bind${Name}Endpoint(baton::ManagedEndpoint<${Mine}>&& endpoint_, const std::shared_ptr<${Mine}>& actor_) {
        return baton::Actor::BindManaged(endpoint_.any(), actor_);
      }

    )");
  }
}

void EmitCase(Printer& printer, const ProtocolPlan& protocol, const SidePlan& side,
              const MessagePlan& message) {
  if (message.role == MessageRole::kConstructor) {
    return printer.Emit({{"Protocol", protocol.name},
                         {"Side", side.name},
                         {"constant", message.constant},
                         {"How", message.is_sync ? "DeliverSyncConstructor" : "DeliverConstructor"},
                         {"Managed", message.constructs},
                         {"Name", message.name}},
                        R"(
      case ${Protocol}::${constant}.id:
        return baton::${How}(incoming_, ${Protocol}::${constant}, actor_, &${Protocol}${Side}::Alloc${Managed}${Side}, &${Protocol}${Side}::Recv${Name});
    )");
  }
  printer.Emit({{"Protocol", protocol.name},
                {"Side", side.name},
                {"constant", message.constant},
                {"How", message.is_sync ? "DeliverSync" : "Deliver"},
                {"Name", message.name}},
               R"(
    case ${Protocol}::${constant}.id:
      return baton::${How}(incoming_, ${Protocol}::${constant}, actor_, &${Protocol}${Side}::Recv${Name});
  )");
}

void EmitDispatch(Printer& printer, const ProtocolPlan& protocol, const SidePlan& side) {
  const bool has_cases = std::ranges::any_of(protocol.messages, [&](const MessagePlan& message) {
    return (message.*side.message).receives;
  });
  const auto cases = [&] {
    for (const MessagePlan& message : protocol.messages) {
      if ((message.*side.message).receives) EmitCase(printer, protocol, side, message);
    }
  };
  const auto choice = [&] {
    if (!has_cases) return;
    printer.Emit({{"Protocol", protocol.name}, {"Side", side.name}, {"cases", cases}}, R"(
      auto* const actor_ = static_cast<${Protocol}${Side}*>(self_);
      switch (incoming_.message()) {
        ${cases}
      }
    )");
  };
  printer.Emit({{"Protocol", protocol.name},
                {"Side", side.name},
                {"self", has_cases ? " self_" : ""},
                {"choice", choice}},
               R"(
    baton::Result<void> ${Protocol}${Side}::Dispatch(baton::Actor*${self}, baton::Incoming& incoming_) {
      ${choice}
      return incoming_.Unknown();
    }

  )");
}

}  // namespace

std::string EmitActorSource(const Plan& plan, const SidePlan& side) {
  Printer printer;
  const auto includes = [&] {
    for (const std::string& output : plan.class_outputs) {
      printer.Emit({{"output", output}, {"Side", side.name}}, "#include \"${output}${Side}.h\"");
    }
    for (const std::string& header : plan.cpp_includes) {
      printer.Emit({{"header", header}}, "#include \"${header}\"");
    }
  };
  const auto sections = [&] {
    for (const SectionPlan& section : plan.actors()) {
      if (section.protocols.empty()) continue;
      EmitNamespace(printer, section.cpp_namespace, [&] {
        for (const ProtocolPlan& protocol : section.protocols) {
          EmitMembers(printer, protocol, side);
          EmitDispatch(printer, protocol, side);
        }
      });
    }
  };
  printer.Emit({{"source", plan.source},
                {"note", plan.has_protocols ? "" : "// There is no protocol in it, only types."},
                {"output", plan.output},
                {"Side", side.name},
                {"includes", includes},
                {"sections", sections}},
               R"(
    // Generated by batonc from ${source}. Do not edit.
    ${note}
    #include "${output}${Side}.h"

    ${includes}

    ${sections}
  )");
  return printer.Take();
}

}  // namespace batonc
