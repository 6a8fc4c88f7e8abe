#include <algorithm>
#include <optional>
#include <vector>

#include "compiler/check/graph.h"
#include "compiler/check/innermost.h"
#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

std::optional<FileId> FileOf(const Model& model, const Type& type) {
  return std::visit(Overloaded{[&](StructId id) { return std::optional(model.structure(id).file); },
                               [&](UnionId id) { return std::optional(model.union_of(id).file); },
                               [&](EnumId id) { return std::optional(model.enumeration(id).file); },
                               [](const auto&) { return std::optional<FileId>(); }},
                    type.kind);
}

// Which generated header must be read before which, and why.
class HeaderGraph {
 public:
  explicit HeaderGraph(CheckContext& context)
      : context_(context), graph_(context.model.files.size()), needs_(graph_.size()) {
    const Model& model = context.model;
    for (const Struct& structure : model.structs) {
      for (const Field& field : structure.fields) Add(structure.file, field.type);
    }
    for (const Union& one : model.unions) {
      for (const UnionMember& member : one.members) Add(one.file, member.type);
    }
    for (const Protocol& protocol : model.protocols) {
      for (const Message& message : protocol.messages) AddReply(protocol.file, message);
    }
  }

  void Check() {
    for (const std::vector<std::size_t>& circle : Circles(graph_)) {
      const Span here = NeedOf(circle[0], circle[1]);
      const Span back = NeedOf(circle.back(), circle[0]);
      context_.Report(kHeadersInCircle, here, context_.model.files[circle[1]].path)
          .Because(kNeededBack, back, context_.sources.Text(back));
    }
  }

 private:
  void Add(FileId from, const Type& type) {
    ForEachInnermost(type, [&](const Type& innermost) {
      const auto to = FileOf(context_.model, innermost);
      if (!to || *to == from) return;
      graph_[static_cast<std::size_t>(from)].push_back(static_cast<std::size_t>(*to));
      needs_[static_cast<std::size_t>(from)].push_back(type.span);
    });
  }

  // Replies are structs as well.
  void AddReply(FileId from, const Message& message) {
    if (message.returns) {
      for (const Field& field : *message.returns) Add(from, field.type);
    }
    if (message.fails) Add(from, *message.fails);
  }

  Span NeedOf(std::size_t from, std::size_t to) const {
    const auto edge = std::ranges::find(graph_[from], to) - graph_[from].begin();
    return needs_[from][static_cast<std::size_t>(edge)];
  }

  CheckContext& context_;
  Graph graph_;                           // by FileId
  std::vector<std::vector<Span>> needs_;  // beside its edges: the type that needs the other file
};

}  // namespace

void CheckHeaders(CheckContext& context) {
  HeaderGraph(context).Check();
}

}  // namespace batonc
