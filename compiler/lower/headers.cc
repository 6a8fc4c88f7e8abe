#include "compiler/lower/headers.h"

#include <algorithm>

#include "compiler/lower/dependency_groups.h"
#include "compiler/lower/reach.h"

namespace batonc {
namespace {

std::size_t IndexOf(FileId file) {
  return static_cast<std::size_t>(file);
}

template <class Visitor>
void ForEachField(const Message& message, const Visitor& visit) {
  for (const Field& field : message.parameters) visit(field.type);
  if (message.returns) {
    for (const Field& field : *message.returns) visit(field.type);
  }
  if (message.fails) visit(*message.fails);
}

// The files whose types `file` names, each once, without itself.
std::vector<FileId> NeededBy(const Model& model, const File& file) {
  std::vector<FileId> files;
  const auto add = [&](const Type& type) {
    ForEachMention(type, [&](const Mention& mention) {
      const FileId needed = HeadOf(model, mention.type).file;
      if (needed != file.id) files.push_back(needed);
    });
  };
  for (const Declaration& declaration : file.declarations) {
    std::visit(Overloaded{[&](StructId id) {
                            for (const Field& field : model.structure(id).fields) add(field.type);
                          },
                          [&](UnionId id) {
                            for (const UnionMember& member : model.union_of(id).members) {
                              add(member.type);
                            }
                          },
                          [&](ProtocolId id) {
                            for (const Message& message : model.protocol(id).messages) {
                              ForEachField(message, add);
                            }
                          },
                          [&](ConstantId id) { add(model.constant(id).type); }, [](const auto&) {}},
               declaration);
  }
  std::ranges::sort(files);
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

Graph GraphOf(const std::vector<std::vector<FileId>>& edges) {
  Graph graph(edges.size());
  for (std::size_t from = 0; from < edges.size(); ++from) {
    for (const FileId to : edges[from]) graph[from].push_back(IndexOf(to));
  }
  return graph;
}

std::vector<std::size_t> GroupNumbers(const std::vector<std::vector<std::size_t>>& groups,
                                      std::size_t nodes) {
  std::vector<std::size_t> numbers(nodes);
  for (std::size_t group = 0; group < groups.size(); ++group) {
    for (const std::size_t node : groups[group]) numbers[node] = group;
  }
  return numbers;
}

}  // namespace

Headers::Headers(const Model& model) : model_(model) {
  std::vector<std::vector<FileId>> includes;
  for (const File& file : model.files) {
    needed_.push_back(NeededBy(model, file));
    includes.push_back(file.includes);
  }
  circle_of_ = GroupNumbers(DependencyGroups(GraphOf(includes)), includes.size());
  const auto groups = DependencyGroups(GraphOf(needed_));
  group_of_ = GroupNumbers(groups, needed_.size());
  for (const std::vector<std::size_t>& group : groups) {
    std::vector<FileId>& files = together_.emplace_back();
    for (const std::size_t file : group) files.push_back(model.files[file].id);
    std::ranges::sort(files, {},
                      [&](FileId file) -> const std::string& { return model.file(file).output; });
  }
}

const std::vector<FileId>& Headers::Together(FileId file) const {
  return together_[group_of_[IndexOf(file)]];
}

std::vector<FileId> Headers::IncludedBy(FileId id) const {
  const std::vector<FileId>& together = Together(id);
  if (together.front() != id) return {together.front()};
  std::vector<FileId> included;
  const auto add = [&](FileId file) {
    if (group_of_[IndexOf(file)] == group_of_[IndexOf(id)]) return;
    if (std::ranges::find(included, file) == included.end()) included.push_back(file);
  };
  for (const FileId member : together) {
    for (const FileId file : model_.file(member).includes) {
      const bool leads_back = circle_of_[IndexOf(file)] == circle_of_[IndexOf(member)];
      const bool is_needed = std::ranges::binary_search(needed_[IndexOf(member)], file);
      const bool is_generated = !model_.file(file).is_prelude;
      if (is_needed || (is_generated && !leads_back)) add(file);
    }
    for (const FileId file : needed_[IndexOf(member)]) add(file);
  }
  return included;
}

}  // namespace batonc
