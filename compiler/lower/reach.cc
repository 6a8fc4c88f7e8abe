#include "compiler/lower/reach.h"

#include <algorithm>

#include "compiler/lower/dependency_groups.h"

namespace batonc {
namespace {

std::uint64_t KeyOf(NamedType type) {
  const auto id = std::visit([](auto named) { return static_cast<std::uint32_t>(named); }, type);
  return (std::uint64_t{type.index()} << 32) | id;
}

}  // namespace

const DeclarationHead& HeadOf(const Model& model, NamedType type) {
  return std::visit(
      Overloaded{[&](EnumId id) -> const DeclarationHead& { return model.enumeration(id); },
                 [&](StructId id) -> const DeclarationHead& { return model.structure(id); },
                 [&](UnionId id) -> const DeclarationHead& { return model.union_of(id); }},
      type);
}

bool IsMemory(const Type& type) {
  return Contains(type,
                  Overloaded{[](const MemoryType&) { return true; }, [](SliceType) { return true; },
                             [](const auto&) { return false; }});
}

bool IsSlice(const Type& type) {
  return Contains(type,
                  Overloaded{[](SliceType) { return true; }, [](const auto&) { return false; }});
}

bool IsEndpoint(const Type& type) {
  return Contains(type, Overloaded{[](EndpointType endpoint) { return !endpoint.is_managed; },
                                   [](const auto&) { return false; }});
}

void Reach::NoteReferences(const Type& type) {
  has_memory_ = has_memory_ || IsMemory(type);
  has_slices_ = has_slices_ || IsSlice(type);
  has_endpoints_ = has_endpoints_ || IsEndpoint(type);
}

void Reach::Add(const Type& type) {
  NoteReferences(type);
  ForEachMention(type, [&](const Mention& mention) { Add(mention.type); });
}

void Reach::Add(const std::vector<Field>& fields) {
  for (const Field& field : fields) {
    if (!version_ || ExistsIn(*version_, field.lifetime)) Add(field.type);
  }
}

void Reach::Add(const Message& message) {
  Add(message.parameters);
  if (message.returns) Add(*message.returns);
  if (message.fails) Add(*message.fails);
}

void Reach::Add(NamedType type) {
  if (wanted_ && !wanted_(type)) return;
  std::size_t next = found_.size();
  IndexOf(type);
  for (; next < found_.size(); ++next) AddParts(next);
}

std::size_t Reach::IndexOf(NamedType type) {
  const auto [place, is_new] = indices_.emplace(KeyOf(type), found_.size());
  if (is_new) {
    found_.push_back(type);
    parts_.emplace_back();
    held_.emplace_back();
  }
  return place->second;
}

void Reach::AddPart(std::size_t whole, const Type& type, bool boxed) {
  NoteReferences(type);
  ForEachMention(type, [&](const Mention& mention) {
    if (wanted_ && !wanted_(mention.type)) return;
    const std::size_t part = IndexOf(mention.type);
    parts_[whole].push_back(part);
    if (mention.held && !boxed) held_[whole].push_back(part);
  });
}

void Reach::AddParts(std::size_t index) {
  std::visit(Overloaded{[](EnumId) {},
                        [&](StructId id) {
                          for (const Field& field : model_.structure(id).fields) {
                            if (version_ && !ExistsIn(*version_, field.lifetime)) continue;
                            AddPart(index, field.type);
                          }
                        },
                        [&](UnionId id) {
                          for (const UnionMember& member : model_.union_of(id).members) {
                            AddPart(index, member.type, member.is_boxed);
                          }
                        }},
             found_[index]);
}

std::vector<Reach::Found> Reach::Types() const {
  std::vector<Found> types;
  types.reserve(found_.size());
  for (const std::vector<std::size_t>& component : DependencyGroups(parts_)) {
    if (component.size() > 1) {
      AppendCircle(component, types);
      continue;
    }
    const std::size_t index = component.front();
    types.push_back(
        {found_[index], std::ranges::find(parts_[index], index) != parts_[index].end(), false});
  }
  return types;
}

// Within a circle only what is held must come first.
void Reach::AppendCircle(const std::vector<std::size_t>& members, std::vector<Found>& types) const {
  std::unordered_map<std::size_t, std::size_t> places;
  for (const std::size_t member : members) places.emplace(member, places.size());
  Graph graph(members.size());
  for (const std::size_t member : members) {
    for (const std::size_t part : held_[member]) {
      const auto place = places.find(part);
      if (place != places.end()) graph[places[member]].push_back(place->second);
    }
  }
  for (const std::vector<std::size_t>& component : DependencyGroups(graph)) {
    for (const std::size_t place : component) types.push_back({found_[members[place]], true, true});
  }
}

}  // namespace batonc
