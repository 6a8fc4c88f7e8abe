#include "runtime/shmem/endpoint_transfer.h"

#include <cstring>
#include <utility>

#include <baton/endpoint_value.h>
#include <baton/platform/local_socket.h>
#include <baton/platform/received_handle.h>
#include <baton/platform/state_point.h>

namespace baton::internal {
namespace {

static_assert(sizeof(EndpointParts) <= 64);  // wire::kEndpointOf

// What is sent was given as an rvalue, so it is ours to change.
EndpointParts& PartsOf(const wire::OutgoingShmem& outgoing) {
  return *const_cast<EndpointParts*>(static_cast<const EndpointParts*>(outgoing.memory));
}

}  // namespace

Result<std::size_t> CheckEndpoint(const wire::OutgoingShmem& outgoing) {
  const EndpointParts& parts = PartsOf(outgoing);
  if (parts.source != nullptr) return Fail(Errc::kInProcessOnly);
  if (!parts.socket) return Fail(Errc::kEmptyHandle);
  return std::size_t{parts.peer_death ? 2u : 1u};
}

std::uint32_t DescribeEndpoint(const wire::OutgoingShmem& outgoing, std::uint32_t next,
                               std::span<std::byte> message) {
  const EndpointParts& parts = PartsOf(outgoing);
  wire::EndpointReference reference;
  std::byte* const place = message.data() + outgoing.position;
  std::memcpy(&reference, place, sizeof(reference));  // the class stands there already
  reference.label = parts.trust_label;
  reference.socket = next++;
  reference.process = parts.peer_death ? next++ : wire::EndpointReference::kNoIndex;
  std::memcpy(place, &reference, sizeof(reference));
  return next;
}

void DepartEndpoint(const wire::OutgoingShmem& outgoing, std::vector<Travelling>& travelling) {
  EndpointParts parts = std::exchange(PartsOf(outgoing), {});
  travelling.emplace_back(std::move(parts.socket));
  if (parts.peer_death) travelling.emplace_back(std::move(parts.peer_death));
  platform::StatePoint("endpoint.departed");
}

Result<void> ArriveEndpoint(const wire::IncomingShmem& incoming,
                            std::span<platform::Handle> handles, const LabelRule& rule) {
  const wire::EndpointReference& reference = incoming.endpoint;
  EndpointParts parts;
  parts.socket = std::move(handles[reference.socket]);
  BATON_CHECKED(platform::AdoptReceivedSocket(parts.socket));
  // Of a giver who is not believed: whatever comes through its ends counts as its own, so that it
  // has one share of what may stay open, however many it makes. What this process itself has given
  // (a channel between threads) is nobody's yet.
  const bool is_givers = !rule.is_believed && parts.socket.is_foreign();
  const auto source = is_givers ? parts.socket.source() : platform::NewHandleSource();
  parts.socket = platform::TakeEnd(std::move(parts.socket), source);
  if (reference.process != wire::EndpointReference::kNoIndex) {
    parts.peer_death = std::move(handles[reference.process]);
    BATON_CHECKED(platform::CheckReceivedProcess(parts.peer_death));
    parts.peer_death.Accept();
  }
  parts.trust_label = rule.For(reference.label);
  *static_cast<EndpointParts*>(incoming.memory) = std::move(parts);
  platform::StatePoint("endpoint.arrived");
  return {};
}

}  // namespace baton::internal
