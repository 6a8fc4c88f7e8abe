#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "compiler/check/compounds.h"
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

class RecursionChecker {
 public:
  explicit RecursionChecker(CheckContext& context)
      : context_(context), compounds_(context.model), inside_(compounds_.size()) {
    for (std::size_t node = 0; node < compounds_.size(); ++node) {
      compounds_.ForEachPart(node, [&](const Type& type, const std::string&) {
        const Type* inside = InsideOf(type);
        const auto part = inside == nullptr ? std::nullopt : compounds_.NodeOf(*inside);
        if (part) inside_[node].push_back(*part);
      });
    }
  }

  void Run() {
    const Graph structs = StructsOnly();
    const auto circles = Circles(structs);
    std::vector<bool> is_reported(compounds_.size(), false);
    for (const auto& circle : circles) {
      ReportEndless(circle, InsideOf);
      for (const std::size_t node : circle) is_reported[node] = true;
    }
    CheckDefined(is_reported);
    if (circles.empty()) CheckDepth(structs);
    BoxMembers();
  }

 private:
  using Step = const Type* (*)(const Type&);

  Graph StructsOnly() const;
  std::optional<std::size_t> NeededFor(std::size_t node, const Type& type) const;
  std::vector<bool> FindDefined() const;
  void CheckDefined(const std::vector<bool>& is_reported);
  void ReportEndless(const std::vector<std::size_t>& circle, Step step);
  void CheckDepth(const Graph& structs);
  void BoxMembers();

  CheckContext& context_;
  Compounds compounds_;
  Graph inside_;  // whose bytes are part of whose
};

// Through a union a struct may contain itself: what recurs there is boxed.
Graph RecursionChecker::StructsOnly() const {
  Graph graph(compounds_.size());
  for (std::size_t node = 0; node < context_.model.structs.size(); ++node) {
    for (const std::size_t part : inside_[node]) {
      if (compounds_.IsStruct(part)) graph[node].push_back(part);
    }
  }
  return graph;
}

const Type* AnyInnermost(const Type& type) {
  return &Innermost(type);
}

// The struct or union without a value of which there is none of `type`. IPDL looks through all
// wrappers, although an empty array would end the search.
std::optional<std::size_t> RecursionChecker::NeededFor(std::size_t node, const Type& type) const {
  const bool is_ipdl = context_.IsIpdl(compounds_.HeadOf(node).file);
  const Type* needed = is_ipdl ? AnyInnermost(type) : InsideOf(type);
  return needed == nullptr ? std::nullopt : compounds_.NodeOf(*needed);
}

// A struct has values if all its fields have, a union if one member has.
std::vector<bool> RecursionChecker::FindDefined() const {
  Graph users(compounds_.size());
  std::vector<std::size_t> missing(compounds_.size(), 0), found;
  std::vector<bool> defined(compounds_.size(), false);
  const auto define = [&](std::size_t node) {
    if (!defined[node]) found.push_back(node);
    defined[node] = true;
  };
  for (std::size_t node = 0; node < compounds_.size(); ++node) {
    compounds_.ForEachPart(node, [&](const Type& type, const std::string&) {
      if (const auto part = NeededFor(node, type)) {
        users[*part].push_back(node);
        ++missing[node];
      } else if (!compounds_.IsStruct(node)) {
        define(node);
      }
    });
    if (missing[node] == 0) define(node);
  }
  while (!found.empty()) {
    const std::size_t part = found.back();
    found.pop_back();
    for (const std::size_t user : users[part]) {
      if (!compounds_.IsStruct(user) || --missing[user] == 0) define(user);
    }
  }
  return defined;
}

// All that is undefined leads to a circle of what is; circles that hang together are one mistake.
void RecursionChecker::CheckDefined(const std::vector<bool>& is_reported) {
  const std::vector<bool> defined = FindDefined();
  Graph graph(compounds_.size());
  for (std::size_t node = 0; node < compounds_.size(); ++node) {
    if (defined[node] || is_reported[node]) continue;
    compounds_.ForEachPart(node, [&](const Type& type, const std::string&) {
      const auto part = NeededFor(node, type);
      if (part && !defined[*part] && !is_reported[*part]) graph[node].push_back(*part);
    });
  }
  const std::vector<std::size_t> component = Components(graph);
  std::vector<bool> is_said(graph.size(), false);
  for (const auto& circle : Circles(graph)) {
    if (is_said[component[circle.front()]]) continue;
    is_said[component[circle.front()]] = true;
    ReportEndless(circle, AnyInnermost);
  }
}

void RecursionChecker::ReportEndless(const std::vector<std::size_t>& circle, Step step) {
  const DeclarationHead& first = compounds_.HeadOf(circle.front());
  const Problem<Words>& endless =
      compounds_.IsStruct(circle.front()) ? kEndlessStruct : kEndlessUnion;
  Diagnostic& problem = context_.Report(endless, first.name_span, first.name);
  for (std::size_t i = 0; i < std::min(circle.size(), kMaxNotes); ++i) {
    const std::size_t target = circle[(i + 1) % circle.size()];
    const std::string& from = compounds_.HeadOf(circle[i]).name;
    bool is_found = false;
    compounds_.ForEachPart(circle[i], [&](const Type& type, const std::string& name) {
      const Type* inside = step(type);
      if (is_found || inside == nullptr || compounds_.NodeOf(*inside) != target) return;
      is_found = true;
      problem.Because(kContains, type.span, name, from);
    });
  }
}

// Only what is on the wire in any case counts; `structs` has no circles.
void RecursionChecker::CheckDepth(const Graph& structs) {
  std::vector<int> tables(structs.size(), 1);
  for (const std::size_t node : DependenciesFirst(structs)) {
    for (const std::size_t part : structs[node]) {
      tables[node] = std::max(tables[node], tables[part] + 1);
    }
    if (tables[node] != kMaxTables) continue;
    const DeclarationHead& head = compounds_.HeadOf(node);
    context_.Report(kMessageTooDeep, head.name_span, head.name, kMaxTables - 1);
  }
}

void RecursionChecker::BoxMembers() {
  const std::vector<std::size_t> component = Components(inside_);
  for (std::size_t i = 0; i < context_.model.unions.size(); ++i) {
    const std::size_t node = context_.model.structs.size() + i;
    for (UnionMember& member : context_.model.unions[i].members) {
      const Type* inside = InsideOf(member.type);
      const auto part = inside == nullptr ? std::nullopt : compounds_.NodeOf(*inside);
      member.is_boxed = part && component[*part] == component[node];
    }
  }
}

}  // namespace

void CheckRecursion(CheckContext& context) {
  RecursionChecker(context).Run();
}

}  // namespace batonc
