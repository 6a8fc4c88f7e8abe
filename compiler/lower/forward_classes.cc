#include "compiler/lower/forward_classes.h"

#include <map>
#include <set>
#include <string>

#include "compiler/lower/carried.h"
#include "compiler/lower/cpp_types.h"
#include "compiler/lower/reach.h"

namespace batonc {
namespace {

class Collector {
 public:
  Collector(const Model& model, Side side) : model_(model), side_(side) {}

  void Add(const Protocol& protocol) {
    for (const ProtocolId id : protocol.manages) {
      AddClass(id, Side::kParent);
      AddClass(id, Side::kChild);
    }
    for (const Message& message : protocol.messages) {
      if (message.constructs) AddClass(*message.constructs, side_);
      for (const Field& field : message.parameters) Add(field.type);
      if (message.returns) {
        for (const Field& field : *message.returns) Add(field.type);
      }
      if (message.fails) Add(*message.fails);
    }
  }

  std::vector<ForwardPlan> Take() && {
    std::vector<ForwardPlan> plans;
    for (const auto& [name, classes] : found_) {
      plans.push_back({name, {classes.begin(), classes.end()}});
    }
    return plans;
  }

 private:
  void Add(const Type& type) {
    Contains(type, Overloaded{[&](ActorType actor) {
                                AddClass(actor.protocol, side_);
                                return false;
                              },
                              [&](EndpointType endpoint) {
                                AddClass(endpoint.protocol, endpoint.side);
                                return false;
                              },
                              [](const auto&) { return false; }});
    ForEachMention(type, [&](const Mention& mention) { AddUndefined(mention.type); });
  }

  void AddUndefined(NamedType type) {
    if (IsCarried(model_, type)) return;
    const DeclarationHead& head = HeadOf(model_, type);
    const bool is_struct = std::holds_alternative<StructId>(type);
    found_[CppNamespace(head.namespace_path)].insert((is_struct ? "struct " : "class ") +
                                                     head.name);
  }

  void AddClass(ProtocolId id, Side side) {
    const Protocol& protocol = model_.protocol(id);
    found_[CppNamespace(protocol.namespace_path)].insert("class " + protocol.name +
                                                         std::string(NameOf(side)));
  }

  const Model& model_;
  Side side_;
  std::map<std::string, std::set<std::string>> found_;
};

}  // namespace

std::vector<ForwardPlan> ForwardClasses(const Model& model, const File& file, Side side) {
  Collector collector(model, side);
  for (const Declaration& declaration : file.declarations) {
    if (const auto* id = std::get_if<ProtocolId>(&declaration)) collector.Add(model.protocol(*id));
  }
  return std::move(collector).Take();
}

}  // namespace batonc
