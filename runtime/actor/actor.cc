#include <baton/actor.h>

#include "runtime/channel/channel.h"

namespace baton {

Actor::~Actor() {
  if (channel_ != nullptr && place_.id == 0) channel_->Abandon();
}

Failure Actor::NoChannel() const {
  if (executor_ == nullptr) return Fail(Errc::kNotBound);
  return Fail(place_.id == 0 || ending_ != nullptr ? Errc::kClosed : Errc::kActorGone);
}

Result<Shmem> Actor::AllocShmem(std::uint64_t size, ShmemUse use) {
  if (channel_ == nullptr) return NoChannel();
  if (!channel_->is_open()) return Fail(Errc::kClosed);
  return channel_->AllocShmem(size, use);
}

Result<UnsafeShmem> Actor::AllocUnsafeShmem(std::uint64_t size) {
  if (channel_ == nullptr) return NoChannel();
  if (!channel_->is_open()) return Fail(Errc::kClosed);
  return channel_->AllocUnsafeShmem(size);
}

Result<void> Actor::DeallocShmem(Shmem& shmem) {
  if (channel_ == nullptr) return NoChannel();
  return channel_->memory().Deallocate(shmem);
}

Result<void> Actor::DeallocShmem(UnsafeShmem& shmem) {
  if (channel_ == nullptr) return NoChannel();
  return channel_->memory().Deallocate(shmem);
}

Result<void> Actor::Attach(Shmem& shmem) {
  if (channel_ == nullptr) return NoChannel();
  if (!channel_->is_open()) return Fail(Errc::kClosed);
  return channel_->memory().Attach(shmem);
}

Result<FrozenShmem> Actor::Freeze(Shmem&& shmem) {
  if (channel_ == nullptr) return NoChannel();
  return channel_->memory().Freeze(shmem);
}

void Actor::TrimShmem() {
  if (channel_ != nullptr) channel_->memory().Trim();
}

bool Actor::CanSend() const {
  return channel_ != nullptr && channel_->is_open();
}

std::string Actor::send_error_detail() const {
  return channel_ == nullptr ? std::string() : channel_->refused_field();
}

Traffic Actor::traffic() const {
  if (channel_ != nullptr) return channel_->traffic();
  return ending_ == nullptr ? Traffic() : ending_->traffic;
}

ChannelStatistics Actor::statistics() const {
  if (channel_ != nullptr) return channel_->statistics();
  return ending_ == nullptr ? ChannelStatistics() : ending_->statistics;
}

std::uint64_t Actor::trust_label() const {
  if (channel_ != nullptr) return channel_->trust_label();
  return ending_ == nullptr ? 0 : ending_->trust_label;
}

std::optional<platform::PeerIdentity> Actor::peer_identity() const {
  if (channel_ != nullptr) return channel_->peer_identity();
  return ending_ == nullptr ? std::nullopt : ending_->peer_identity;
}

std::error_code Actor::close_error() const {
  return ending_ == nullptr ? std::error_code() : ending_->error;
}

const std::string& Actor::close_detail() const {
  static const std::string none;
  return ending_ == nullptr ? none : ending_->detail;
}

void Actor::Close() {
  if (channel_ != nullptr) channel_->Close();
}

Failure Actor::PeerFault(std::string rule) {
  if (rule.empty()) rule = "no reason given";
  if (channel_ != nullptr) channel_->NoteHandlerFault(std::move(rule));
  return Fail(Errc::kPeerFault);
}

Result<void> Actor::SendMessage(const wire::Message& message, std::span<const void* const> values) {
  if (channel_ == nullptr) return NoChannel();
  return channel_->Send(message, values, nullptr, place_.id);
}

Result<void> Actor::SendConstructor(const wire::Message& message,
                                    const std::shared_ptr<Actor>& actor,
                                    std::initializer_list<const void*> values) {
  if (channel_ == nullptr) return NoChannel();
  BATON_CHECKED(channel_->Construct(message, values, *this, actor));
  return {};
}

Result<void> Actor::SendDelete(const wire::Message& message,
                               std::initializer_list<const void*> values) {
  if (channel_ == nullptr) return NoChannel();
  return std::shared_ptr(channel_)->Delete(message, values, *this);
}

Result<internal::AnyManagedEndpoint> Actor::OpenManaged(const std::shared_ptr<Actor>& actor) {
  if (channel_ == nullptr) return NoChannel();
  return channel_->OpenManaged(*this, actor);
}

Result<void> Actor::BindManaged(internal::AnyManagedEndpoint& endpoint,
                                const std::shared_ptr<Actor>& actor) {
  if (channel_ == nullptr) return NoChannel();
  return channel_->BindManaged(endpoint, *this, actor);
}

std::shared_ptr<Actor> Actor::ManagerActor() const {
  return place_.manager == nullptr ? nullptr : place_.manager->shared_from_this();
}

std::vector<std::shared_ptr<Actor>> Actor::ManagedActors(std::uint64_t protocol) const {
  std::vector<std::shared_ptr<Actor>> found;
  for (Actor* one = place_.first_managed; one != nullptr; one = one->place_.next) {
    if (one->protocol_.id == protocol) found.push_back(one->shared_from_this());
  }
  return found;
}

}  // namespace baton
