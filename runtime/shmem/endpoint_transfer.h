// Endpoints on their way through a channel: what they are made of leaves with a message, and is
// looked at when it comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

#include "runtime/shmem/travelling.h"
#include "runtime/wire/shmem_slot.h"

namespace baton::internal {

// What the endpoints are called that come through a channel: what the peer says only where it is
// believed, so that nobody makes others more trusted than itself.
struct LabelRule {
  std::uint64_t of_peer = 0;
  bool is_believed = false;

  std::uint64_t For(std::uint64_t said) const { return is_believed && said != 0 ? said : of_peer; }
};

// All for a reference of Kind::kEndpoint.

// How many handles it takes along. Errors: kEmptyHandle, kInProcessOnly.
Result<std::size_t> CheckEndpoint(const wire::OutgoingShmem& outgoing);

// Writes into `message` what the receiver will be told, when `next` is the index of the first of
// these handles; returns the index behind them.
std::uint32_t DescribeEndpoint(const wire::OutgoingShmem& outgoing, std::uint32_t next,
                               std::span<std::byte> message);

// Takes the handles out, in that order; the endpoint is empty then.
void DepartEndpoint(const wire::OutgoingShmem& outgoing, std::vector<Travelling>& travelling);

// Makes an endpoint of its handles among `handles`; their indices have been checked. Errors:
// Rule::kHandleKind, when they are not what an endpoint is made of; the system's.
Result<void> ArriveEndpoint(const wire::IncomingShmem& incoming,
                            std::span<platform::Handle> handles, const LabelRule& rule);

}  // namespace baton::internal
