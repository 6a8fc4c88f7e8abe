#include "compiler/lower/lower_protocol.h"

#include <fmt/format.h>

#include "compiler/lower/cpp_types.h"
#include "compiler/lower/digest.h"
#include "compiler/lower/lower_message.h"
#include "compiler/lower/lower_types.h"

namespace batonc {
namespace {

std::string HashText(std::uint64_t hash) {
  return fmt::format("{:#018x}", hash);
}

// Endpoints of managed actors, as IPDL has them.
std::vector<std::string> EndpointMembers(const Model& model, const CppScope& scope,
                                         const Protocol& protocol, Side side) {
  const Side other = side == Side::kParent ? Side::kChild : Side::kParent;
  const CppTypes types(model, scope);
  std::vector<std::string> members;
  for (const ProtocolId id : protocol.manages) {
    const std::string& name = model.protocol(id).name;
    const std::string actor =
        "const " + types.Name(Type{ActorType{id, false}, {}}, side) + "& actor_) = delete";
    const auto endpoint = [&](Side of) { return types.Name(Type{EndpointType{id, of, true}, {}}); };
    members.push_back(endpoint(other) + " Open" + name + "Endpoint(" + actor);
    members.push_back("baton::Result<void> Bind" + name + "Endpoint(" + endpoint(side) +
                      " endpoint_, " + actor);
  }
  return members;
}

}  // namespace

ProtocolPlan LowerProtocol(const Model& model, const Protocol& protocol) {
  ProtocolPlan plan;
  plan.name = protocol.name;
  plan.full_name = FullName(protocol);
  plan.doc = DocLines(protocol.doc);
  plan.version = protocol.version;
  plan.schema_hash = HashText(SchemaHash(model, protocol, protocol.version));
  for (std::uint32_t version = 1; version < protocol.version; ++version) {
    plan.older_hashes.push_back(HashText(SchemaHash(model, protocol, version)));
  }
  const CppScope scope = ScopeOf(protocol);
  plan.messages.reserve(protocol.messages.size());
  for (const Message& message : protocol.messages) {
    plan.messages.push_back(LowerMessage(model, protocol, scope, message));
  }
  plan.deleted_of_parent = EndpointMembers(model, scope, protocol, Side::kParent);
  plan.deleted_of_child = EndpointMembers(model, scope, protocol, Side::kChild);
  return plan;
}

}  // namespace batonc
