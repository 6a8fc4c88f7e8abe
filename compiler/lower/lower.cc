#include "compiler/lower/lower.h"

#include <algorithm>

#include "compiler/lower/forward_classes.h"
#include "compiler/lower/lower_fbs.h"
#include "compiler/lower/lower_protocol.h"
#include "compiler/lower/lower_types.h"
#include "compiler/lower/reach.h"

namespace batonc {
namespace {

// The last section if it has that namespace, else a new one.
SectionPlan& SectionFor(std::vector<SectionPlan>& sections,
                        const std::vector<std::string>& namespace_path) {
  if (sections.empty() || sections.back().namespace_path != namespace_path) {
    sections.push_back({namespace_path, CppNamespace(namespace_path), {}, {}, {}});
  }
  return sections.back();
}

// Calls `visit(id)` for each declaration of that kind, in order.
template <class Id, class Visitor>
void ForEach(const File& file, const Visitor& visit) {
  for (const Declaration& declaration : file.declarations) {
    if (const auto* id = std::get_if<Id>(&declaration)) visit(*id);
  }
}

void AddTypes(const Model& model, const std::vector<FileId>& files,
              std::vector<SectionPlan>& sections) {
  const auto is_ours = [&](NamedType type) {
    return std::ranges::find(files, HeadOf(model, type).file) != files.end();
  };
  Reach reach(model, is_ours);
  for (const FileId file : files) {
    for (const Declaration& declaration : model.file(file).declarations) {
      std::visit(Overloaded{[&](EnumId id) { reach.Add(id); }, [&](StructId id) { reach.Add(id); },
                            [&](UnionId id) { reach.Add(id); }, [](const auto&) {}},
                 declaration);
    }
  }
  for (const Reach::Found& found : reach.Types()) {
    auto& types = SectionFor(sections, HeadOf(model, found.type).namespace_path).types;
    std::visit(Overloaded{[&](EnumId id) { types.push_back(LowerEnum(model.enumeration(id))); },
                          [&](StructId) { types.push_back(LowerStruct(model, found)); },
                          [&](UnionId) { types.push_back(LowerUnion(model, found)); }},
               found.type);
  }
}

void AddConstants(const Model& model, const File& file, std::vector<SectionPlan>& sections) {
  ForEach<ConstantId>(file, [&](ConstantId id) {
    const Constant& constant = model.constant(id);
    SectionFor(sections, constant.namespace_path)
        .constants.push_back(LowerConstant(model, constant));
  });
}

void AddProtocols(const Model& model, const File& file, std::vector<SectionPlan>& sections) {
  ForEach<ProtocolId>(file, [&](ProtocolId id) {
    const Protocol& protocol = model.protocol(id);
    SectionFor(sections, protocol.namespace_path)
        .protocols.push_back(LowerProtocol(model, protocol));
  });
}

// The C++ headers of the `using` types that `file` declares or names, in that order, each once.
void AddCppHeaders(const Model& model, const File& file, std::vector<std::string>& headers) {
  const auto add = [&](const External& external) {
    if (std::ranges::find(headers, external.header) == headers.end()) {
      headers.push_back(external.header);
    }
  };
  const auto add_of = [&](const Type& type) {
    Contains(type, Overloaded{[&](const ExternalType& external) {
                                add(model.external(external.id));
                                return false;
                              },
                              [](const auto&) { return false; }});
  };
  const auto add_fields = [&](const std::vector<Field>& fields) {
    for (const Field& field : fields) add_of(field.type);
  };
  ForEach<ExternalId>(file, [&](ExternalId id) { add(model.external(id)); });
  ForEach<StructId>(file, [&](StructId id) { add_fields(model.structure(id).fields); });
  ForEach<UnionId>(file, [&](UnionId id) {
    for (const UnionMember& member : model.union_of(id).members) add_of(member.type);
  });
  ForEach<ProtocolId>(file, [&](ProtocolId id) {
    for (const Message& message : model.protocol(id).messages) {
      add_fields(message.parameters);
      if (message.returns) add_fields(*message.returns);
      if (message.fails) add_of(*message.fails);
    }
  });
}

std::string SourceOf(const File& file) {
  const std::size_t dot = file.path.rfind('.');
  return file.output + (dot == std::string::npos ? "" : file.path.substr(dot));
}

void AddHeaderContents(const Model& model, const std::vector<FileId>& files, Plan& plan) {
  AddTypes(model, files, plan.sections);
  for (const FileId file : files) {
    AddConstants(model, model.file(file), plan.sections);
    AddCppHeaders(model, model.file(file), plan.cpp_headers);
  }
  for (const FileId file : files) AddProtocols(model, model.file(file), plan.sections);
  plan.forwards_of_types = ForwardClassesOfTypes(model, files);
}

template <class Predicate>
bool HasMessage(const Model& model, const File& file, Predicate is_wanted) {
  bool found = false;
  ForEach<ProtocolId>(file, [&](ProtocolId id) {
    found = found || std::ranges::any_of(model.protocol(id).messages, is_wanted);
  });
  return found;
}

}  // namespace

Plan Lower(const Model& model, const Headers& headers, FileId id) {
  const File& file = model.file(id);
  Plan plan;
  plan.source = SourceOf(file);
  plan.output = file.output;
  plan.cpp_includes = file.cpp_headers;
  for (const FileId header : headers.IncludedBy(id)) {
    plan.headers.push_back(model.file(header).output + ".h");
  }
  const std::vector<FileId>& together = headers.Together(id);
  if (together.front() == id) AddHeaderContents(model, together, plan);
  if (together.size() > 1) AddProtocols(model, file, plan.own_protocols.emplace());
  plan.has_protocols = std::ranges::any_of(file.declarations, [](const Declaration& declaration) {
    return std::holds_alternative<ProtocolId>(declaration);
  });
  plan.has_deadlines = HasMessage(
      model, file, [](const Message& message) { return message.deadline_us.has_value(); });
  plan.has_sync = HasMessage(model, file, [](const Message& message) { return message.is_sync; });
  plan.class_outputs = OutputsOfClasses(model, file);
  plan.forwards_of_parent = ForwardClasses(model, file, Side::kParent);
  plan.forwards_of_child = ForwardClasses(model, file, Side::kChild);
  plan.fbs = LowerFbs(model, file);
  return plan;
}

}  // namespace batonc
