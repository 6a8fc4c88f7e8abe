#include "compiler/lower/lower.h"

#include <algorithm>
#include <set>

#include "compiler/lower/lower_fbs.h"
#include "compiler/lower/lower_protocol.h"
#include "compiler/lower/lower_types.h"
#include "compiler/lower/reach.h"

namespace batonc {
namespace {

const DeclarationHead& HeadOf(const Model& model, NamedType type) {
  return std::visit(
      Overloaded{[&](EnumId id) -> const DeclarationHead& { return model.enumeration(id); },
                 [&](StructId id) -> const DeclarationHead& { return model.structure(id); }},
      type);
}

// The last section if it has that namespace, else a new one.
SectionPlan& SectionFor(std::vector<SectionPlan>& sections,
                        const std::vector<std::string>& namespace_path) {
  if (sections.empty() || sections.back().namespace_path != namespace_path) {
    std::string cpp_namespace;
    for (const std::string& part : namespace_path) {
      cpp_namespace += (cpp_namespace.empty() ? "" : "::") + part;
    }
    sections.push_back({namespace_path, std::move(cpp_namespace), {}, {}});
  }
  return sections.back();
}

std::vector<SectionPlan> LowerSections(const Model& model, const File& file) {
  Reach reach(model);
  for (const Declaration& declaration : file.declarations) {
    std::visit(Overloaded{[](ProtocolId) {}, [&](auto id) { reach.Add(id); }}, declaration);
  }
  std::vector<SectionPlan> sections;
  for (const NamedType& type : reach.types()) {
    const DeclarationHead& head = HeadOf(model, type);
    if (head.file != file.id) continue;
    auto& types = SectionFor(sections, head.namespace_path).types;
    std::visit(
        Overloaded{[&](EnumId id) { types.push_back(LowerEnum(model.enumeration(id))); },
                   [&](StructId id) { types.push_back(LowerStruct(model, model.structure(id))); }},
        type);
  }
  for (const Declaration& declaration : file.declarations) {
    const auto* id = std::get_if<ProtocolId>(&declaration);
    if (id == nullptr) continue;
    const Protocol& protocol = model.protocol(*id);
    SectionFor(sections, protocol.namespace_path)
        .protocols.push_back(LowerProtocol(model, protocol));
  }
  return sections;
}

// The files whose types `file` uses, however indirectly.
std::set<FileId> FilesUsedBy(const Model& model, const File& file) {
  Reach reach(model);
  for (const Declaration& declaration : file.declarations) {
    std::visit(Overloaded{[&](ProtocolId id) {
                            for (const Message& message : model.protocol(id).messages) {
                              reach.Add(message);
                            }
                          },
                          [&](auto id) { reach.Add(id); }},
               declaration);
  }
  std::set<FileId> files;
  for (const NamedType& type : reach.types()) files.insert(HeadOf(model, type).file);
  return files;
}

bool Includes(const Model& model, FileId from, FileId to) {
  std::set<FileId> seen = {from};
  std::vector<FileId> open = {from};
  while (!open.empty()) {
    const FileId file = open.back();
    open.pop_back();
    for (const FileId included : model.file(file).includes) {
      if (included == to) return true;
      if (seen.insert(included).second) open.push_back(included);
    }
  }
  return false;
}

// Headers cannot include each other in a circle as .idl files may: of those that lead back here,
// only what is used is included.
std::vector<FileId> HeadersFor(const Model& model, const File& file) {
  const std::set<FileId> used = FilesUsedBy(model, file);
  std::vector<FileId> headers;
  for (const FileId id : file.includes) {
    if (used.contains(id) || !Includes(model, id, file.id)) headers.push_back(id);
  }
  for (const FileId id : used) {
    if (id != file.id && std::ranges::find(headers, id) == headers.end()) headers.push_back(id);
  }
  return headers;
}

std::string SourceOf(const File& file) {
  const std::size_t dot = file.path.rfind('.');
  return file.output + (dot == std::string::npos ? "" : file.path.substr(dot));
}

}  // namespace

Plan Lower(const Model& model, FileId id) {
  const File& file = model.file(id);
  Plan plan;
  plan.source = SourceOf(file);
  plan.output = file.output;
  for (const FileId header : HeadersFor(model, file)) {
    plan.headers.push_back(model.file(header).output + ".h");
  }
  for (const FileId included : file.includes) {
    plan.includes.push_back(SourceOf(model.file(included)));
  }
  plan.sections = LowerSections(model, file);
  plan.has_protocols = std::ranges::any_of(file.declarations, [](const Declaration& declaration) {
    return std::holds_alternative<ProtocolId>(declaration);
  });
  plan.fbs = LowerFbs(model, file);
  return plan;
}

}  // namespace batonc
