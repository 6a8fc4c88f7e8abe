#include <baton/replier.h>

#include "runtime/channel/channel_looking.h"

namespace baton {
namespace internal {

AnyReplier& AnyReplier::operator=(AnyReplier&& other) noexcept {
  if (this != &other) {
    if (message_ != nullptr) Reject(Errc::kReplierDropped);
    channel_ = std::move(other.channel_);
    message_ = std::exchange(other.message_, nullptr);
    call_ = other.call_;
    actor_ = other.actor_;
  }
  return *this;
}

AnyReplier::~AnyReplier() {
  if (message_ != nullptr) Reject(Errc::kReplierDropped);
}

void AnyReplier::Answer(void* reply) {
  BATON_CHECK(message_ != nullptr);  // answered twice, or moved from
  const wire::Message& message = *std::exchange(message_, nullptr);
  if (const auto channel = channel_.lock()) channel->Answer(message, call_, reply, actor_);
}

void AnyReplier::Reject(std::error_code reason) {
  BATON_CHECK(message_ != nullptr);  // answered twice, or moved from
  const wire::Message& message = *std::exchange(message_, nullptr);
  if (const auto channel = channel_.lock()) channel->Reject(message, call_, reason, actor_);
}

}  // namespace internal

Result<void> Incoming::Take(const wire::Message& message, std::span<void* const> values) {
  known_ = &message;
  BATON_CHECKED(channel_.Take(frame_, message, values));
  taken_ = &message;
  channel_.HandlerBegins(frame_, message, values);
  return {};
}

internal::AnyReplier Incoming::TakeReplier() {
  BATON_CHECK(taken_ != nullptr);
  channel_.ExpectAnswer();
  return internal::AnyReplier(channel_.weak_from_this(), *taken_, QuestionOf(frame_.header),
                              AskerOf(frame_.header));
}

Incoming::SyncScope::SyncScope(Incoming& incoming)
    : channel_(incoming.channel_), before_(channel_.BeginSync(*incoming.taken_)) {}

Incoming::SyncScope::~SyncScope() {
  channel_.EndSync(before_);
}

bool Incoming::Construct(const std::shared_ptr<Actor>& actor) {
  return channel_.Constructed(*this, actor);
}

Result<void> Incoming::Unknown() {
  return channel_.UnknownMessage(message_, receiver_);
}

}  // namespace baton
