#include <fmt/format.h>

#include <set>
#include <unordered_map>

#include "compiler/diag/problems.h"
#include "compiler/diff/comparison.h"
#include "compiler/spell/spell.h"

namespace batonc {
namespace {

using ByName = std::unordered_map<std::string_view, const Message*>;

ByName MessagesByName(const Protocol& protocol) {
  ByName messages;
  for (const Message& message : protocol.messages) messages.emplace(message.name, &message);
  return messages;
}

std::set<std::string> ManagersOf(const Model& model, const Protocol& protocol) {
  std::set<std::string> names;
  for (const ProtocolId id : protocol.managers) names.insert(FullName(model.protocol(id)));
  return names;
}

class ProtocolComparison {
 public:
  ProtocolComparison(Comparison& comparison, const Protocol& older, const Protocol& newer)
      : comparison_(comparison),
        changes_(comparison.changes),
        older_(older),
        newer_(newer),
        what_("protocol `" + FullName(newer) + "`") {}

  void Compare() {
    CompareManagers();
    CompareUse();
    const ByName before = MessagesByName(older_);
    const ByName now = MessagesByName(newer_);
    for (const Message& message : older_.messages) {
      const auto found = now.find(message.name);
      if (found == now.end()) {
        ReportGone(message);
      } else {
        CompareMessages(comparison_, older_, message, *found->second);
      }
    }
    for (const Message& message : newer_.messages) {
      if (!before.contains(message.name)) ReportNew(message);
    }
  }

 private:
  ChangePlace Before() const { return Older(older_.name_span); }
  ChangePlace Now() const { return Newer(newer_.name_span); }

  std::string Phrase(const Message& message) const {
    return PhraseOf("message", message.name, "`" + FullName(newer_) + "`");
  }

  void CompareManagers() {
    const std::set<std::string> before = ManagersOf(comparison_.older, older_);
    const std::set<std::string> now = ManagersOf(comparison_.newer, newer_);
    for (const std::string& name : before) {
      if (!now.contains(name)) changes_.Report(kWireManagerGone, Now(), Before(), what_, name);
    }
    for (const std::string& name : now) {
      if (before.contains(name)) continue;
      if (before.empty()) {
        changes_.Report(kWireMessageChanged, Now(), Before(), what_,
                        fmt::format("is managed by `{}`", name), "had a channel of its own");
      } else {
        changes_.Report(kCompatibleNew, Now(), Before(),
                        fmt::format("manager `{}` of {}", name, what_));
      }
    }
  }

  void CompareUse() {
    const std::string was = Use(older_);
    const std::string is = Use(newer_);
    if (was != is) {
      changes_.Report(kSourceUseChanged, Now(), Before(), what_, "has " + is, "had " + was);
    }
  }

  // What decides how the user's classes look.
  static std::string Use(const Protocol& protocol) {
    Protocol use;
    use.parent_class = protocol.parent_class;
    use.child_class = protocol.child_class;
    use.needs_other_pid = protocol.needs_other_pid;
    use.is_manually_deallocated = protocol.is_manually_deallocated;
    const auto attributes = SpellAttributes(use);
    if (attributes.empty()) return "no attributes";
    return fmt::format("`[{}]`", fmt::join(attributes, ", "));
  }

  // What was removed before, neither of the two sends.
  void ReportGone(const Message& message) {
    const ChangePlace place = Older(message.name_span);
    if (message.lifetime.removed > 0) {
      changes_.Report(kSourceGone, place, Now(), Phrase(message));
    } else {
      changes_.Report(kWireMessageGone, place, Now(), Phrase(message));
    }
  }

  // What a class has to have that may receive the message.
  static std::string Handler(const Message& message) {
    if (!message.constructs) return "Recv" + message.name;
    const std::string alloc = "Alloc" + message.name;
    switch (message.direction) {
      case Direction::kToParent: return alloc + "Parent";
      case Direction::kToChild: return alloc + "Child";
      case Direction::kBoth: break;
    }
    return alloc + "Parent` and `" + alloc + "Child";
  }

  void ReportNew(const Message& message) {
    const std::string what = Phrase(message);
    if (!HasSince(comparison_, what, message.name_span, message.lifetime, older_.version)) return;
    changes_.Report(kSourceNewHandler, Newer(message.name_span), Before(), what, Handler(message));
  }

  Comparison& comparison_;
  Changes& changes_;
  const Protocol& older_;
  const Protocol& newer_;
  std::string what_;
};

}  // namespace

void CompareProtocols(Comparison& comparison, const Protocol& older, const Protocol& newer) {
  ProtocolComparison(comparison, older, newer).Compare();
}

}  // namespace batonc
