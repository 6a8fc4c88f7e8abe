#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

#include "compiler/check/attribute_list.h"
#include "compiler/check/edit_distance.h"
#include "compiler/check/graph.h"
#include "compiler/check/passes.h"
#include "compiler/check/suggest_type.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

class ManagerChecker {
 public:
  explicit ManagerChecker(CheckContext& context)
      : context_(context), declarations_(context.model.protocols.size()) {}

  void Run() {
    context_.ForEach<ProtocolId>([&](const DeclarationSyntax& syntax, Protocol& protocol) {
      const auto i = static_cast<std::size_t>(&protocol - context_.model.protocols.data());
      declarations_[i] = &syntax;
      Resolve(SyntaxOf(i), protocol);
      for (const ProtocolId manager : protocol.managers) managed_.insert(Edge(manager, i));
      for (const ProtocolId managee : protocol.manages) manages_.insert(Edge(managee, i));
    });
    for (std::size_t i = 0; i < declarations_.size(); ++i) CheckProtocol(i);
    CheckCircles();
  }

 private:
  void Resolve(const ProtocolSyntax& syntax, Protocol& protocol);
  std::vector<ProtocolId> ResolveNames(const std::vector<Name>& names, const Problem<Words>& twice);
  void CheckProtocol(std::size_t i);
  void CheckAgreement(std::size_t i);
  void CheckManaged(std::size_t i);
  void CheckTopLevel(std::size_t i);
  void CheckPower(const Protocol& protocol, const Protocol& manager, const ProtocolSyntax& syntax);
  void CheckCircles();

  std::vector<bool> FindReachable(const Graph& graph) const;

  static std::uint64_t Edge(ProtocolId from, std::size_t to) {
    return (static_cast<std::uint64_t>(from) << 32) | to;
  }
  const ProtocolSyntax& SyntaxOf(std::size_t i) const {
    return std::get<ProtocolSyntax>(declarations_[i]->what);
  }
  const Protocol& ProtocolAt(std::size_t i) const { return context_.model.protocols[i]; }
  // Names that were not understood are missing in the model: then nothing is sure.
  bool IsManaged(std::size_t i) const { return !SyntaxOf(i).managers.empty(); }

  CheckContext& context_;
  std::vector<const DeclarationSyntax*> declarations_;  // by ProtocolId
  std::unordered_set<std::uint64_t> managed_;           // (manager, this) as this protocol says it
  std::unordered_set<std::uint64_t> manages_;           // (managee, this)
};

void ManagerChecker::Resolve(const ProtocolSyntax& syntax, Protocol& protocol) {
  protocol.managers = ResolveNames(syntax.managers, kManagerTwice);
  protocol.manages = ResolveNames(syntax.manages, kManageeTwice);
}

std::vector<ProtocolId> ManagerChecker::ResolveNames(const std::vector<Name>& names,
                                                     const Problem<Words>& twice) {
  std::vector<ProtocolId> resolved;
  std::unordered_set<std::string_view> seen;
  for (const Name& name : names) {
    if (!seen.insert(name.text).second) {
      context_.Report(twice, name.span, name.text);
      continue;
    }
    const FileId file = name.span.file;
    const Symbol* symbol = context_.Find(file, name.text);
    if (symbol != nullptr && symbol->IsProtocol()) {
      resolved.push_back(std::get<ProtocolId>(symbol->what));
    } else if (symbol != nullptr) {
      context_.Report(kNotAProtocol, name.span, name.text)
          .Because(kFirstDeclaredHere, symbol->name_span);
    } else if (context_.scopes.IsComplete(file) && !name.text.empty()) {
      Diagnostic& problem = context_.Report(kUnknownProtocol, name.span, name.text);
      const auto meant = NearestName(name.text, VisibleProtocols(context_, file));
      if (meant) problem.Suggest(name.span, *meant);
    }
  }
  return resolved;
}

void ManagerChecker::CheckProtocol(std::size_t i) {
  CheckAgreement(i);
  if (IsManaged(i)) {
    CheckManaged(i);
  } else {
    CheckTopLevel(i);
  }
  const Protocol& protocol = ProtocolAt(i);
  if (protocol.is_manually_deallocated && !SyntaxOf(i).manages.empty()) {
    context_.Report(kManualManager, protocol.name_span, protocol.name);
  }
}

Span SpanOf(const std::vector<Name>& names, const std::string& name) {
  return std::ranges::find(names, name, &Name::text)->span;
}

// Both sides of a tree's edge say the same.
void ManagerChecker::CheckAgreement(std::size_t i) {
  const Protocol& protocol = ProtocolAt(i);
  const ProtocolId id{static_cast<std::uint32_t>(i)};
  for (const ProtocolId managee : protocol.manages) {
    if (managed_.contains(Edge(id, static_cast<std::size_t>(managee)))) continue;
    const Protocol& other = context_.model.protocol(managee);
    context_
        .Report(kManageeDisagrees, SpanOf(SyntaxOf(i).manages, other.name), other.name,
                protocol.name)
        .Because(kOtherProtocolHere, other.name_span);
  }
  for (const ProtocolId manager : protocol.managers) {
    if (manages_.contains(Edge(id, static_cast<std::size_t>(manager)))) continue;
    const Protocol& other = context_.model.protocol(manager);
    context_
        .Report(kManagerDisagrees, SpanOf(SyntaxOf(i).managers, other.name), other.name,
                protocol.name)
        .Because(kOtherProtocolHere, other.name_span);
  }
}

void ManagerChecker::CheckManaged(std::size_t i) {
  const Protocol& protocol = ProtocolAt(i);
  const ProtocolSyntax& syntax = SyntaxOf(i);
  if (std::ranges::none_of(protocol.messages, &Message::is_destructor)) {
    context_.Report(kNoDestructor, protocol.name_span, protocol.name);
  }
  if (protocol.needs_other_pid) {
    context_.Report(kOtherPidOfManaged, protocol.name_span, protocol.name);
  }
  if (protocol.managers.size() == 1 && syntax.managers.size() == 1 &&
      static_cast<std::size_t>(protocol.managers.front()) == i) {
    context_.Report(kManagesOnlyItself, syntax.managers.front().span, protocol.name);
  }
  for (const ProtocolId manager : protocol.managers) {
    CheckPower(protocol, context_.model.protocol(manager), syntax);
  }
}

// What is said wrongly is not missing.
void ManagerChecker::CheckTopLevel(std::size_t i) {
  const Protocol& protocol = ProtocolAt(i);
  if (FindAttribute(declarations_[i]->attributes, "ChildProc") == nullptr &&
      context_.IsIpdl(protocol.file)) {
    context_.Report(kNoChildProc, protocol.name_span, protocol.name);
  }
  if (protocol.is_manually_deallocated) {
    context_.Report(kManualTopLevel, protocol.name_span, protocol.name);
  }
}

void ManagerChecker::CheckPower(const Protocol& protocol, const Protocol& manager,
                                const ProtocolSyntax& syntax) {
  if (protocol.is_sync && !manager.is_sync) {
    const Span span = SpanOf(syntax.managers, manager.name);
    context_.Report(kSyncManagee, span, protocol.name, manager.name)
        .Because(kOtherProtocolHere, manager.name_span);
  }
  if (protocol.nested_up_to > manager.nested_up_to) {
    const Span span = SpanOf(syntax.managers, manager.name);
    context_.Report(kNestedManagee, span, protocol.name, manager.name)
        .Because(kOtherProtocolHere, manager.name_span);
  }
}

// A protocol may be below itself directly, as long as it has another manager. IPDL looks only at
// what is below a top-level protocol.
void ManagerChecker::CheckCircles() {
  const std::vector<Protocol>& protocols = context_.model.protocols;
  Graph graph(protocols.size());
  for (std::size_t i = 0; i < graph.size(); ++i) {
    for (const ProtocolId managee : protocols[i].manages) {
      const auto target = static_cast<std::size_t>(managee);
      if (target != i) graph[i].push_back(target);
    }
  }
  const std::vector<bool> reachable = FindReachable(graph);
  for (const std::vector<std::size_t>& circle : Circles(graph)) {
    const Protocol& first = protocols[circle.front()];
    const bool is_seen = reachable[circle.front()] || !context_.IsIpdl(first.file);
    Diagnostic& problem =
        context_.diagnostics.ReportAs(is_seen ? Severity::kError : Severity::kWarning,
                                      kManagersInCircle, first.name_span, first.name);
    for (std::size_t i = 0; i < circle.size(); ++i) {
      const Protocol& target = protocols[circle[(i + 1) % circle.size()]];
      problem.Because(kManagesHere, SpanOf(SyntaxOf(circle[i]).manages, target.name),
                      protocols[circle[i]].name, target.name);
    }
  }
}

// What a top-level protocol manages, however far below it.
std::vector<bool> ManagerChecker::FindReachable(const Graph& graph) const {
  std::vector<bool> reachable(graph.size(), false);
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < graph.size(); ++i) {
    if (!IsManaged(i)) found.push_back(i);
  }
  while (!found.empty()) {
    const std::size_t at = found.back();
    found.pop_back();
    if (reachable[at]) continue;
    reachable[at] = true;
    found.insert(found.end(), graph[at].begin(), graph[at].end());
  }
  return reachable;
}

}  // namespace

void CheckManagers(CheckContext& context) {
  ManagerChecker(context).Run();
}

}  // namespace batonc
