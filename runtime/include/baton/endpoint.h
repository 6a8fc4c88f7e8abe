// One end of a channel that no actor uses yet.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include <baton/actor.h>
#include <baton/base/result.h>
#include <baton/channel_options.h>
#include <baton/platform/handle.h>

namespace baton {

namespace internal {

class StreamSource;

// The untyped half of Endpoint.
struct EndpointParts {
  platform::Handle socket;
  platform::Handle peer_death = {};  // readable when the peer's process has ended; may be empty
  std::shared_ptr<StreamSource> source = {};  // what there is instead of a socket
};

Result<void> BindEndpoint(EndpointParts parts, const std::shared_ptr<Actor>& actor,
                          const boost::asio::any_io_executor& executor,
                          const ChannelOptions& options);
Result<std::pair<EndpointParts, EndpointParts>> CreateEndpointParts();
std::pair<EndpointParts, EndpointParts> CreateInProcessParts();

}  // namespace internal

// `A` is a generated class, PFooParent or PFooChild. Move-only; may be passed between threads.
// Dropping it unbound closes the channel, which the other end notices.
template <class A>
class Endpoint {
 public:
  explicit Endpoint(internal::EndpointParts parts) : parts_(std::move(parts)) {}

  // Gives the channel to `actor`, which may send from now on, and whose handlers run on `executor`
  // (of a single-threaded io_context, or a strand): call this there, or before it runs. The
  // io_context outlives the actor, or takes the channel along. An actor is bound once.
  // Errors: kWrongActor (null), and those of the system; the endpoint is used up all the same.
  Result<void> Bind(const std::shared_ptr<A>& actor, const boost::asio::any_io_executor& executor,
                    const ChannelOptions& options = {}) && {
    return internal::BindEndpoint(std::move(parts_), actor, executor, options);
  }
  Result<void> Bind(std::nullptr_t, const boost::asio::any_io_executor&,
                    const ChannelOptions& = {}) && = delete;

 private:
  internal::EndpointParts parts_;
};

// Both ends of a new channel within this process, for two threads or two actors of one.
template <class Parent, class Child>
Result<std::pair<Endpoint<Parent>, Endpoint<Child>>> CreateEndpoints() {
  static_assert(Parent::kSide == Side::kParent && Child::kSide == Side::kChild,
                "CreateEndpoints takes PFooParent and PFooChild, in this order");
  static_assert(&Parent::kProtocol == &Child::kProtocol, "two sides of one protocol");
  BATON_TRY(auto parts, internal::CreateEndpointParts());
  return std::pair(Endpoint<Parent>(std::move(parts.first)),
                   Endpoint<Child>(std::move(parts.second)));
}

// The same for two threads, without a socket: the ends cannot leave this process. Messages go
// through rings as between processes; what wakes an idle thread is its executor.
template <class Parent, class Child>
std::pair<Endpoint<Parent>, Endpoint<Child>> CreateInProcessEndpoints() {
  static_assert(Parent::kSide == Side::kParent && Child::kSide == Side::kChild,
                "CreateInProcessEndpoints takes PFooParent and PFooChild, in this order");
  static_assert(&Parent::kProtocol == &Child::kProtocol, "two sides of one protocol");
  auto parts = internal::CreateInProcessParts();
  return {Endpoint<Parent>(std::move(parts.first)), Endpoint<Child>(std::move(parts.second))};
}

}  // namespace baton
