#include "compiler/lower/lower_protocol.h"

#include <fmt/format.h>

#include "compiler/lower/cpp_types.h"
#include "compiler/lower/digest.h"
#include "compiler/lower/lower_message.h"
#include "compiler/lower/lower_queueing.h"
#include "compiler/lower/lower_types.h"

namespace batonc {
namespace {

std::string HashText(std::uint64_t hash) {
  return fmt::format("{:#018x}", hash);
}

std::string ManagerOf(const CppTypes& types, const Protocol& protocol, Side side) {
  if (protocol.managers.empty()) return {};
  if (protocol.managers.size() > 1) return "baton::Actor";
  return types.NameOfClass(protocol.managers.front(), side);
}

}  // namespace

ProtocolPlan LowerProtocol(const Model& model, const Protocol& protocol) {
  ProtocolPlan plan;
  plan.name = protocol.name;
  plan.full_name = FullName(protocol);
  plan.doc = DocLines(protocol.doc);
  plan.version = protocol.version;
  plan.looks_ahead = LowerLooksAhead(model, protocol);
  plan.schema_hash = HashText(SchemaHash(model, protocol, protocol.version));
  for (std::uint32_t version = 1; version < protocol.version; ++version) {
    plan.older_hashes.push_back(HashText(SchemaHash(model, protocol, version)));
  }
  const CppScope scope = ScopeOf(protocol);
  plan.messages.reserve(protocol.messages.size());
  for (const Message& message : protocol.messages) {
    plan.messages.push_back(LowerMessage(model, protocol, scope, message));
  }
  const CppTypes types(model, scope);
  plan.manager_of_parent = ManagerOf(types, protocol, Side::kParent);
  plan.manager_of_child = ManagerOf(types, protocol, Side::kChild);
  for (const ProtocolId id : protocol.manages) {
    plan.manages.push_back({model.protocol(id).name, types.NameOfClass(id, Side::kParent),
                            types.NameOfClass(id, Side::kChild)});
  }
  return plan;
}

}  // namespace batonc
