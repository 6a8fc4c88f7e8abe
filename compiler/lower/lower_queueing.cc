#include "compiler/lower/lower_queueing.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "compiler/lower/lower_message.h"

namespace batonc {
namespace {

std::string_view NameOf(Priority priority) {
  switch (priority) {
    case Priority::kNormal: return "kNormal";
    case Priority::kInput: return "kInput";
    case Priority::kVsync: return "kVsync";
    case Priority::kMediumHigh: return "kMediumHigh";
    case Priority::kControl: return "kControl";
  }
  return "";
}

std::string_view NameOf(Compress compress) {
  switch (compress) {
    case Compress::kNo: return "kNo";
    case Compress::kAdjacent: return "kAdjacent";
    case Compress::kAll: return "kAll";
  }
  return "";
}

// Nothing overtakes what makes or ends an actor, so that it overtakes nothing either.
bool IsOfTree(const Message& message) {
  return message.constructs.has_value() || message.is_destructor;
}

Priority PriorityOf(const Message& message) {
  return IsOfTree(message) ? Priority::kNormal : message.priority;
}

Priority ReplyPriorityOf(const Message& message) {
  if (!message.returns || message.is_sync) return Priority::kNormal;
  return message.reply_priority.value_or(message.priority);
}

bool LooksAhead(const Message& message, Side side) {
  const bool is_special =
      PriorityOf(message) != Priority::kNormal || message.compress != Compress::kNo;
  return (is_special && Receives(side, message.direction)) ||
         (ReplyPriorityOf(message) != Priority::kNormal && Sends(side, message.direction));
}

}  // namespace

std::string LowerQueueing(const Message& message) {
  const Priority priority = PriorityOf(message);
  const Priority reply_priority = ReplyPriorityOf(message);
  const bool is_default = priority == Priority::kNormal && reply_priority == Priority::kNormal &&
                          message.compress == Compress::kNo && !message.is_lazy;
  if (is_default) return {};
  return fmt::format(
      "{{baton::wire::Priority::{}, baton::wire::Priority::{}, baton::wire::Compress::{}, {}}}",
      NameOf(priority), NameOf(reply_priority), NameOf(message.compress), message.is_lazy);
}

std::string LowerLooksAhead(const Model& model, const Protocol& protocol) {
  std::vector<const Protocol*> tree = {&protocol};
  bool parent = false;
  bool child = false;
  for (std::size_t next = 0; next < tree.size(); ++next) {
    for (const Message& message : tree[next]->messages) {
      parent = parent || LooksAhead(message, Side::kParent);
      child = child || LooksAhead(message, Side::kChild);
    }
    for (const ProtocolId id : tree[next]->manages) {
      const Protocol* const managed = &model.protocol(id);
      if (std::ranges::find(tree, managed) == tree.end()) tree.push_back(managed);
    }
  }
  if (!parent && !child) return {};
  return fmt::format("{{{}, {}}}", parent, child);
}

}  // namespace batonc
