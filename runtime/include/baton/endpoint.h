// Both ends of a new channel, made in this process. <baton/endpoint_value.h> says what an end is.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <utility>

#include <baton/actor.h>
#include <baton/base/result.h>
#include <baton/channel_options.h>
#include <baton/endpoint_value.h>

namespace baton {

namespace internal {

Result<std::pair<EndpointParts, EndpointParts>> CreateEndpointParts();
std::pair<EndpointParts, EndpointParts> CreateInProcessParts();

}  // namespace internal

// For two threads or two actors of one, or to be sent to other processes. Whoever gets one of them
// notices the death of the other's holder by the end of the socket; CreateEndpointsBetween
// (<baton/introduce.h>) has them notice it whoever else holds the socket.
template <class Parent, class Child>
Result<std::pair<Endpoint<Parent>, Endpoint<Child>>> CreateEndpoints() {
  static_assert(Parent::kSide == Side::kParent && Child::kSide == Side::kChild,
                "CreateEndpoints takes PFooParent and PFooChild, in this order");
  static_assert(&Parent::kProtocol == &Child::kProtocol, "two sides of one protocol");
  static_assert(!internal::kIsManaged<Parent>, "a managed actor has no channel of its own");
  BATON_TRY(auto parts, internal::CreateEndpointParts());
  return std::pair(Endpoint<Parent>(std::move(parts.first)),
                   Endpoint<Child>(std::move(parts.second)));
}

// The same for two threads, without a socket: the ends cannot be sent (Errc::kInProcessOnly), but
// moved from thread to thread. Messages go through rings as between processes; what wakes an idle
// thread is its executor.
template <class Parent, class Child>
std::pair<Endpoint<Parent>, Endpoint<Child>> CreateInProcessEndpoints() {
  static_assert(Parent::kSide == Side::kParent && Child::kSide == Side::kChild,
                "CreateInProcessEndpoints takes PFooParent and PFooChild, in this order");
  static_assert(&Parent::kProtocol == &Child::kProtocol, "two sides of one protocol");
  static_assert(!internal::kIsManaged<Parent>, "a managed actor has no channel of its own");
  auto parts = internal::CreateInProcessParts();
  return {Endpoint<Parent>(std::move(parts.first)), Endpoint<Child>(std::move(parts.second))};
}

}  // namespace baton
