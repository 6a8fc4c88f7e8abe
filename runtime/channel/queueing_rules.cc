#include "runtime/channel/queueing_rules.h"

namespace baton::internal {
namespace {

bool IsSpecial(const wire::Message& message) {
  return message.queueing.priority != wire::Priority::kNormal ||
         message.queueing.compress != wire::Compress::kNo ||
         message.role == wire::MessageRole::kDestructor;
}

}  // namespace

const QueueingRules::Special& QueueingRules::SpecialOf(
    std::span<const wire::Message* const> received) {
  const auto [found, is_new] = protocols_.try_emplace(received.data());
  if (!is_new) return found->second;
  for (const wire::Message* const message : received) {
    if (IsSpecial(*message)) found->second.push_back(message);
  }
  return found->second;
}

}  // namespace baton::internal
