#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

// The sides of a tree of actors live in the processes that its top-level protocol names. While a
// side waits for the answer to a sync message, its process waits for the other one. Within one tree
// the rules of nesting break a circle (the child yields); between trees nothing does.
namespace batonc {
namespace {

// Those of which a run has one kind each; `any` and its like say nothing about who waits.
constexpr std::array<std::string_view, 11> kProcesses = {
    "Content", "ForkServer",          "GMPlugin", "GPU", "IPDLUnitTest", "Parent", "RDD",
    "Socket",  "RemoteSandboxBroker", "Utility",  "VR"};
constexpr std::size_t kCount = kProcesses.size();

std::optional<std::size_t> ProcessFrom(std::string_view name) {
  const auto found = std::ranges::find(kProcesses, name);
  if (found == kProcesses.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kProcesses.begin());
}

// A tree of actors, as far as waiting goes.
struct Tree {
  std::uint32_t root = 0;  // ProtocolId
  std::size_t parent = 0;  // processes
  std::size_t child = 0;
};

// One process waits for another because of a message.
struct Wait {
  const Protocol* protocol = nullptr;
  const Message* message = nullptr;
  std::uint32_t tree = 0;
};

using Circle = std::vector<std::size_t>;  // processes, the smallest first

class SyncCircleChecker {
 public:
  explicit SyncCircleChecker(CheckContext& context)
      : context_(context), trees_(context.model.protocols.size()) {}

  void Run() {
    SpreadTrees();
    for (std::size_t i = 0; i < trees_.size(); ++i) AddWaits(i);
    for (const Circle& circle : FindCircles()) Report(circle);
  }

 private:
  // Two waits of different trees are as good as all for finding a circle that is not broken.
  struct Waits {
    std::optional<Wait> first;
    std::optional<Wait> of_another_tree;
  };

  void SpreadTrees();
  bool AddTree(std::uint32_t protocol, const Tree& tree);
  void AddWaits(std::size_t protocol);
  void AddWait(std::size_t from, std::size_t to, const Wait& wait);
  std::set<Circle> FindCircles() const;
  std::optional<Circle> ShortestWay(std::size_t from, std::size_t to) const;
  std::vector<Wait> WaitsOf(const Circle& circle) const;
  void Report(const Circle& circle);

  const Waits& At(std::size_t from, std::size_t to) const { return waits_[from * kCount + to]; }
  bool Leads(std::size_t from, std::size_t to) const { return At(from, to).first.has_value(); }

  CheckContext& context_;
  std::vector<std::vector<Tree>> trees_;  // by ProtocolId: those that it is part of
  std::array<Waits, kCount * kCount> waits_;
};

std::optional<Tree> TreeOf(const Protocol& protocol, std::uint32_t id) {
  if (!protocol.managers.empty() || protocol.child_process.empty()) return std::nullopt;
  const auto child = ProcessFrom(protocol.child_process);
  const auto parent =
      ProcessFrom(protocol.parent_process.empty() ? "Parent" : protocol.parent_process);
  if (!child || !parent || *child == *parent) return std::nullopt;
  return Tree{id, *parent, *child};
}

// False when it adds nothing: a protocol needs two trees between any two processes, not more.
bool SyncCircleChecker::AddTree(std::uint32_t protocol, const Tree& tree) {
  std::vector<Tree>& trees = trees_[protocol];
  std::size_t alike = 0;
  for (const Tree& other : trees) {
    if (other.root == tree.root) return false;
    if (other.parent == tree.parent && other.child == tree.child) ++alike;
  }
  if (alike >= 2) return false;
  trees.push_back(tree);
  return true;
}

void SyncCircleChecker::SpreadTrees() {
  const std::vector<Protocol>& protocols = context_.model.protocols;
  std::vector<std::pair<std::uint32_t, Tree>> added;
  for (std::uint32_t i = 0; i < protocols.size(); ++i) {
    if (const auto tree = TreeOf(protocols[i], i)) added.emplace_back(i, *tree);
  }
  while (!added.empty()) {
    const auto [protocol, tree] = added.back();
    added.pop_back();
    if (!AddTree(protocol, tree)) continue;
    for (const ProtocolId managee : protocols[protocol].manages) {
      added.emplace_back(static_cast<std::uint32_t>(managee), tree);
    }
  }
}

void SyncCircleChecker::AddWaits(std::size_t protocol) {
  if (trees_[protocol].empty()) return;
  const Protocol& waiting = context_.model.protocols[protocol];
  for (const Message& message : waiting.messages) {
    if (!message.is_sync) continue;
    for (const Tree& tree : trees_[protocol]) {
      const Wait wait{&waiting, &message, tree.root};
      if (message.direction != Direction::kToChild) AddWait(tree.child, tree.parent, wait);
      if (message.direction != Direction::kToParent) AddWait(tree.parent, tree.child, wait);
    }
  }
}

void SyncCircleChecker::AddWait(std::size_t from, std::size_t to, const Wait& wait) {
  Waits& waits = waits_[from * kCount + to];
  const auto place = [&](const Wait& one) {
    return std::make_tuple(std::string_view(context_.model.file(one.protocol->file).path),
                           one.message->name_span.begin);
  };
  if (!waits.first) {
    waits.first = wait;
  } else if (place(wait) < place(*waits.first)) {
    if (waits.first->tree != wait.tree) waits.of_another_tree = waits.first;
    waits.first = wait;
  } else if (wait.tree != waits.first->tree &&
             (!waits.of_another_tree || place(wait) < place(*waits.of_another_tree))) {
    waits.of_another_tree = wait;
  }
}

// For each wait, the shortest circle that it closes: of two processes if it is not broken, and of
// more.
std::set<Circle> SyncCircleChecker::FindCircles() const {
  std::set<Circle> circles;
  for (std::size_t from = 0; from < kCount; ++from) {
    for (std::size_t to = 0; to < kCount; ++to) {
      if (!Leads(from, to)) continue;
      if (from < to && !WaitsOf({from, to}).empty()) circles.insert({from, to});
      std::optional<Circle> circle = ShortestWay(to, from);
      if (!circle) continue;
      std::rotate(circle->begin(), std::ranges::min_element(*circle), circle->end());
      circles.insert(std::move(*circle));
    }
  }
  return circles;
}

// With at least one process in between; both ends included.
std::optional<Circle> SyncCircleChecker::ShortestWay(std::size_t from, std::size_t to) const {
  std::array<std::size_t, kCount> before;
  before.fill(kCount);
  Circle queue = {from};
  for (std::size_t next = 0; next < queue.size(); ++next) {
    const std::size_t at = queue[next];
    for (std::size_t target = 0; target < kCount; ++target) {
      const bool is_direct = at == from && target == to;
      if (!Leads(at, target) || is_direct || target == from || before[target] != kCount) continue;
      before[target] = at;
      queue.push_back(target);
    }
  }
  if (before[to] == kCount) return std::nullopt;
  Circle way;
  for (std::size_t at = to; at != from; at = before[at]) way.push_back(at);
  way.push_back(from);
  std::ranges::reverse(way);
  return way;
}

// One for each step; empty when there is no such circle, or only one that is broken.
std::vector<Wait> SyncCircleChecker::WaitsOf(const Circle& circle) const {
  std::vector<Wait> waits;
  for (std::size_t i = 0; i < circle.size(); ++i) {
    const Waits& step = At(circle[i], circle[(i + 1) % circle.size()]);
    if (!step.first) return {};
    waits.push_back(*step.first);
  }
  if (circle.size() != 2 || waits[0].tree != waits[1].tree) return waits;
  if (const auto& other = At(circle[1], circle[0]).of_another_tree) {
    waits[1] = *other;
  } else if (const auto& another = At(circle[0], circle[1]).of_another_tree) {
    waits[0] = *another;
  } else {
    return {};
  }
  return waits;
}

// At a place of ours if there is one: it is an error there.
void SyncCircleChecker::Report(const Circle& circle) {
  const std::vector<Wait> waits = WaitsOf(circle);
  const auto ours = std::ranges::find_if(
      waits, [&](const Wait& wait) { return !context_.IsIpdl(wait.protocol->file); });
  const Wait& culprit = ours == waits.end() ? waits.front() : *ours;
  std::string way;
  for (const std::size_t process : circle) way.append("`").append(kProcesses[process]) += "`, ";
  way.append("`").append(kProcesses[circle.front()]) += "`";
  Diagnostic& problem = context_.Report(kSyncCircle, culprit.message->name_span, way);
  for (std::size_t i = 0; i < waits.size(); ++i) {
    problem.Because(kWaitsHere, waits[i].message->name_span, kProcesses[circle[i]],
                    kProcesses[circle[(i + 1) % circle.size()]],
                    waits[i].protocol->name + "::" + waits[i].message->name);
  }
}

}  // namespace

void CheckSyncCircles(CheckContext& context) {
  SyncCircleChecker(context).Run();
}

}  // namespace batonc
