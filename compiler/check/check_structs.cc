#include <algorithm>
#include <optional>
#include <vector>

#include "compiler/check/graph.h"
#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

// What a reader follows, docs/wire-format.md section 3; the parameters of a message are a table
// too.
constexpr int kMaxTables = 64;
// Notes that explain one circle; longer ones are understood by then.
constexpr std::size_t kMaxNotes = 8;

// The declaration at the bottom of a type, whatever is around it.
const Type& BaseOf(const Type& type) {
  const Type* base = &type;
  while (true) {
    if (const auto* array = std::get_if<ArrayOf>(&base->kind)) {
      base = array->element.get();
    } else if (const auto* optional = std::get_if<OptionalOf>(&base->kind)) {
      base = optional->value.get();
    } else {
      return *base;
    }
  }
}

bool HasArray(const Type& type) {
  const Type* at = &type;
  while (const auto* optional = std::get_if<OptionalOf>(&at->kind)) at = optional->value.get();
  return std::holds_alternative<ArrayOf>(at->kind);
}

std::optional<std::size_t> StructIn(const Type& type) {
  const auto* id = std::get_if<StructId>(&BaseOf(type).kind);
  return id == nullptr ? std::nullopt : std::optional(static_cast<std::size_t>(*id));
}

std::optional<FileId> FileOf(const Model& model, const Type& type) {
  const Type& base = BaseOf(type);
  if (const auto* id = std::get_if<StructId>(&base.kind)) return model.structure(*id).file;
  if (const auto* id = std::get_if<EnumId>(&base.kind)) return model.enumeration(*id).file;
  return std::nullopt;
}

// From a struct to the structs that are part of its own bytes: an array ends it, an optional does
// not, since its value lives inside.
Graph PartsGraph(const Model& model) {
  Graph graph(model.structs.size());
  for (std::size_t i = 0; i < graph.size(); ++i) {
    for (const Field& field : model.structs[i].fields) {
      const auto part = StructIn(field.type);
      if (part && !HasArray(field.type)) graph[i].push_back(*part);
    }
  }
  return graph;
}

void FindMemory(Model& model) {
  Graph users(model.structs.size());
  std::vector<std::size_t> carriers;
  for (std::size_t i = 0; i < users.size(); ++i) {
    for (const Field& field : model.structs[i].fields) {
      if (const auto part = StructIn(field.type)) users[*part].push_back(i);
      if (std::holds_alternative<MemoryKind>(BaseOf(field.type).kind)) carriers.push_back(i);
    }
  }
  while (!carriers.empty()) {
    Struct& carrier = model.structs[carriers.back()];
    const std::vector<std::size_t>& users_of_it = users[carriers.back()];
    carriers.pop_back();
    if (carrier.carries_memory) continue;
    carrier.carries_memory = true;
    carriers.insert(carriers.end(), users_of_it.begin(), users_of_it.end());
  }
}

const Field& FieldTo(const Struct& from, std::size_t target) {
  return *std::ranges::find_if(from.fields, [&](const Field& field) {
    return StructIn(field.type) == target && !HasArray(field.type);
  });
}

void CheckEnd(const Model& model, const Graph& parts, Diagnostics& diagnostics) {
  for (const std::vector<std::size_t>& circle : Circles(parts)) {
    const Struct& first = model.structs[circle.front()];
    Diagnostic& problem = diagnostics.Report(kEndlessStruct, first.name_span, first.name);
    for (std::size_t i = 0; i < std::min(circle.size(), kMaxNotes); ++i) {
      const Struct& from = model.structs[circle[i]];
      const Field& field = FieldTo(from, circle[(i + 1) % circle.size()]);
      problem.Because(kContains, field.type.span, field.name, from.name);
    }
  }
}

// Only what is on the wire in any case counts; `parts` has no circles.
void CheckDepth(const Model& model, const Graph& parts, Diagnostics& diagnostics) {
  std::vector<int> tables(parts.size(), 1);
  for (const std::size_t i : DependenciesFirst(parts)) {
    for (const std::size_t part : parts[i]) tables[i] = std::max(tables[i], tables[part] + 1);
    if (tables[i] != kMaxTables) continue;
    const Struct& structure = model.structs[i];
    diagnostics.Report(kMessageTooDeep, structure.name_span, structure.name, kMaxTables - 1);
  }
}

// Their headers would have to include each other.
void CheckHeaders(const SourceMap& sources, const Model& model, Diagnostics& diagnostics) {
  Graph graph(model.files.size());
  std::vector<std::vector<const Field*>> needs(model.files.size());  // beside graph's edges
  const auto add = [&](FileId from, const std::vector<Field>& fields) {
    for (const Field& field : fields) {
      const auto to = FileOf(model, field.type);
      if (!to || *to == from) continue;
      graph[static_cast<std::size_t>(from)].push_back(static_cast<std::size_t>(*to));
      needs[static_cast<std::size_t>(from)].push_back(&field);
    }
  };
  for (const Struct& structure : model.structs) add(structure.file, structure.fields);
  for (const Protocol& protocol : model.protocols) {
    for (const Message& message : protocol.messages) {
      if (message.returns) add(protocol.file, *message.returns);  // replies are structs as well
    }
  }
  const auto need = [&](std::size_t from, std::size_t to) {
    const auto edge = std::ranges::find(graph[from], to) - graph[from].begin();
    return needs[from][static_cast<std::size_t>(edge)]->type.span;
  };
  for (const std::vector<std::size_t>& circle : Circles(graph)) {
    const Span here = need(circle[0], circle[1]);
    const Span back = need(circle.back(), circle[0]);
    diagnostics.Report(kHeadersInCircle, here, sources.file(model.files[circle[1]].id).path())
        .Because(kNeededBack, back, sources.Text(back));
  }
}

}  // namespace

void CheckStructs(const SourceMap& sources, Model& model, Diagnostics& diagnostics) {
  FindMemory(model);
  const Graph parts = PartsGraph(model);
  const bool ends = Circles(parts).empty();
  if (ends) {
    CheckDepth(model, parts, diagnostics);
  } else {
    CheckEnd(model, parts, diagnostics);
  }
  CheckHeaders(sources, model, diagnostics);
}

}  // namespace batonc
