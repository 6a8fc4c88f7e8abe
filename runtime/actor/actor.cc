#include <baton/actor.h>

#include "runtime/channel/channel.h"

namespace baton {

Actor::~Actor() {
  if (channel_ != nullptr) channel_->Abandon();
}

Result<Shmem> Actor::AllocShmem(std::uint64_t size) {
  if (channel_ == nullptr) return NoChannel();
  if (!channel_->is_open()) return Fail(Errc::kClosed);
  return channel_->memory().Allocate(size);
}

Result<UnsafeShmem> Actor::AllocUnsafeShmem(std::uint64_t size) {
  if (channel_ == nullptr) return NoChannel();
  if (!channel_->is_open()) return Fail(Errc::kClosed);
  return channel_->memory().AllocateUnsafe(size);
}

Result<void> Actor::DeallocShmem(Shmem& shmem) {
  if (channel_ == nullptr) return NoChannel();
  return channel_->memory().Deallocate(shmem);
}

Result<void> Actor::DeallocShmem(UnsafeShmem& shmem) {
  if (channel_ == nullptr) return NoChannel();
  return channel_->memory().Deallocate(shmem);
}

bool Actor::CanSend() const {
  return channel_ != nullptr && channel_->is_open();
}

std::string Actor::send_error_detail() const {
  return channel_ == nullptr ? std::string() : channel_->refused_field();
}

Traffic Actor::traffic() const {
  return channel_ == nullptr ? final_traffic_ : channel_->traffic();
}

ChannelStatistics Actor::statistics() const {
  return channel_ == nullptr ? final_statistics_ : channel_->statistics();
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
  return channel_->Send(message, values, nullptr);
}

}  // namespace baton
