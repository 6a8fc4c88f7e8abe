#include "compiler/lower/forward_classes.h"

#include <map>
#include <set>
#include <string>

#include "compiler/lower/cpp_types.h"
#include "compiler/lower/reach.h"

namespace batonc {
namespace {

class Collector {
 public:
  Collector(const Model& model, Side side) : model_(model), side_(side) {}

  void Add(const Protocol& protocol) {
    if (protocol.managers.size() == 1) AddClass(protocol.managers.front(), side_);
    for (const ProtocolId id : protocol.manages) {
      AddClass(id, Side::kParent);
      AddClass(id, Side::kChild);
    }
    for (const Message& message : protocol.messages) {
      if (message.constructs) AddClass(*message.constructs, side_);
      for (const Field& field : message.parameters) AddParameter(field.type);
      if (message.returns) {
        for (const Field& field : *message.returns) Add(field.type);
      }
      if (message.fails) Add(*message.fails);
    }
  }

  // What the types' header names.
  void AddValuesOf(const Protocol& protocol) {
    for (const Message& message : protocol.messages) {
      for (const Field& field : message.parameters) {
        if (!std::holds_alternative<ActorType>(field.type.kind)) Add(field.type);
      }
      if (!message.returns) continue;
      for (const Field& field : *message.returns) Add(field.type);
    }
  }
  void AddValuesOf(const Struct& structure) {
    for (const Field& field : structure.fields) Add(field.type);
  }
  void AddValuesOf(const Union& one) {
    for (const UnionMember& member : one.members) Add(member.type);
  }

  std::vector<ForwardPlan> Take() && {
    std::vector<ForwardPlan> plans;
    for (const auto& [name, classes] : found_) {
      plans.push_back({name, {classes.begin(), classes.end()}});
    }
    return plans;
  }

 private:
  void AddParameter(const Type& type) {
    const auto* actor = std::get_if<ActorType>(&type.kind);
    actor != nullptr ? AddClass(actor->protocol, side_) : Add(type);
  }

  void Add(const Type& type) {
    Contains(type, Overloaded{[&](ActorType actor) {
                                AddClass(actor.protocol, Side::kParent);
                                AddClass(actor.protocol, Side::kChild);
                                return false;
                              },
                              [&](EndpointType endpoint) {
                                AddClass(endpoint.protocol, endpoint.side);
                                return false;
                              },
                              [](const auto&) { return false; }});
  }

  void AddClass(ProtocolId id, Side side) {
    const Protocol& protocol = model_.protocol(id);
    found_[CppNamespace(protocol.namespace_path)].insert(protocol.name + std::string(NameOf(side)));
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

std::vector<ForwardPlan> ForwardClassesOfTypes(const Model& model,
                                               const std::vector<FileId>& files) {
  Collector collector(model, Side::kParent);
  for (const FileId file : files) {
    for (const Declaration& declaration : model.file(file).declarations) {
      std::visit(Overloaded{[&](ProtocolId id) { collector.AddValuesOf(model.protocol(id)); },
                            [&](StructId id) { collector.AddValuesOf(model.structure(id)); },
                            [&](UnionId id) { collector.AddValuesOf(model.union_of(id)); },
                            [](const auto&) {}},
                 declaration);
    }
  }
  return std::move(collector).Take();
}

std::vector<std::string> OutputsOfClasses(const Model& model, const File& file) {
  std::set<std::string> outputs;
  const auto add = [&](ProtocolId id) {
    const FileId declared_in = model.protocol(id).file;
    if (declared_in != file.id) outputs.insert(model.file(declared_in).output);
  };
  const auto add_of = [&](const Type& type) {
    if (const auto* actor = std::get_if<ActorType>(&type.kind)) add(actor->protocol);
  };
  for (const Declaration& declaration : file.declarations) {
    const auto* id = std::get_if<ProtocolId>(&declaration);
    if (id == nullptr) continue;
    const Protocol& protocol = model.protocol(*id);
    for (const ProtocolId managed : protocol.manages) add(managed);
    if (protocol.managers.size() == 1) add(protocol.managers.front());
    for (const Message& message : protocol.messages) {
      for (const Field& field : message.parameters) add_of(field.type);
    }
  }
  return {outputs.begin(), outputs.end()};
}

}  // namespace batonc
