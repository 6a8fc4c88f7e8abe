// One end of a channel that no actor uses yet. <baton/endpoint.h> makes them, and has what Bind
// needs; this is as much as messages need to carry them.
//
// An endpoint may be sent on, in a message of any other channel, as long as nobody has bound it:
//
//   BATON_TRY(auto ends, (CreateEndpoints<PTalkParent, PTalkChild>()));
//   BATON_CHECKED(user->SendTalk(std::move(ends.second)));      // the other one is ours
//
// docs/endpoints.md tells what travels with it, and what its holder may believe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

namespace boost::asio {
class any_io_executor;
}

namespace baton {

class Actor;
struct ChannelOptions;

namespace internal {

class StreamSource;

// The untyped half of Endpoint.
struct EndpointParts {
  platform::Handle socket = {};
  platform::Handle peer_death = {};  // readable when the peer's process has ended; may be empty
  std::shared_ptr<StreamSource> source = {};  // what there is instead of a socket
  std::uint64_t trust_label = 0;              // of the peer; 0: nobody has said anything
  bool believes_labels = false;               // as with ChannelOptions::believe_labels
  bool was_launched = false;                  // the peer, by this process

  bool is_empty() const { return !socket && source == nullptr; }
};

Result<void> BindEndpoint(EndpointParts parts, const std::shared_ptr<Actor>& actor,
                          const boost::asio::any_io_executor& executor,
                          const ChannelOptions& options);
Result<void> BindEndpoint(EndpointParts parts, const std::shared_ptr<Actor>& actor,
                          const boost::asio::any_io_executor& executor);

// Managed actors live on the channel of their manager, and have none of their own.
template <class A>
inline constexpr bool kIsManaged = requires(const A& actor) {
  actor.Manager();
};

}  // namespace internal

// `A` is a generated class, PFooParent or PFooChild. Move-only; may be passed between threads.
// Dropping it unbound closes the channel, which the other end notices, wherever it was dropped: in
// this process, in a message that was refused or came too late, or in the queue of a channel that
// has ended.
template <class A>
class Endpoint {
 public:
  // Empty.
  Endpoint() = default;
  explicit Endpoint(internal::EndpointParts parts) : parts_(std::move(parts)) {}

  // False when it is default-made, moved from, sent or bound.
  explicit operator bool() const { return !parts_.is_empty(); }

  // Gives the channel to `actor`, which may send from now on, and whose handlers run on `executor`
  // (of a single-threaded io_context, or a strand): call this there, or before it runs. The
  // io_context outlives the actor, or takes the channel along. An actor is bound once.
  // Errors: kWrongActor (null), kEmptyHandle (this one is empty), and those of the system; the
  // endpoint is used up all the same.
  Result<void> Bind(const std::shared_ptr<A>& actor, const boost::asio::any_io_executor& executor,
                    const ChannelOptions& options) && {
    static_assert(!internal::kIsManaged<A>, "a managed actor has no channel of its own");
    return internal::BindEndpoint(std::move(parts_), actor, executor, options);
  }
  Result<void> Bind(const std::shared_ptr<A>& actor,
                    const boost::asio::any_io_executor& executor) && {
    static_assert(!internal::kIsManaged<A>, "a managed actor has no channel of its own");
    return internal::BindEndpoint(std::move(parts_), actor, executor);
  }
  Result<void> Bind(std::nullptr_t, const boost::asio::any_io_executor&,
                    const ChannelOptions&) && = delete;
  Result<void> Bind(std::nullptr_t, const boost::asio::any_io_executor&) && = delete;

  // Whom the other end belongs to, in the words of whoever gave us this one: never its own. 0 when
  // nothing was said. Becomes Actor::trust_label().
  std::uint64_t trust_label() const { return parts_.trust_label; }
  // For whoever makes it, before it is sent or bound.
  void set_trust_label(std::uint64_t label) { parts_.trust_label = label; }

 private:
  internal::EndpointParts parts_;  // and nothing else: the runtime decodes into it
};

}  // namespace baton
