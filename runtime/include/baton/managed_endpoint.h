// One end of a managed actor that does not exist yet. The other end does: OpenPFooEndpoint of its
// manager made it. The endpoint travels in a message of the same tree, once, and whoever receives
// it binds an actor to it with BindPFooEndpoint of the same manager.
//
//   auto endpoint = window->OpenPTabEndpoint(tab);       // tab may send from now on
//   window->SendTake(std::move(*endpoint));
//   ...
//   Result<void> RecvTake(ManagedEndpoint<PTabChild> endpoint) override {
//     return BindPTabEndpoint(std::move(endpoint), std::make_shared<Tab>());
//   }
//
// Dropped unbound, on either side, it ends the other end with kManagedEndpointDropped.
// Threads: on the executor of the tree.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace baton {

class Actor;

namespace internal {
class Channel;

// The untyped half of ManagedEndpoint. Move-only.
class AnyManagedEndpoint {
 public:
  AnyManagedEndpoint() = default;
  AnyManagedEndpoint(std::weak_ptr<Channel> channel, std::uint32_t id)
      : channel_(std::move(channel)), id_(id) {}
  AnyManagedEndpoint(AnyManagedEndpoint&& other) noexcept
      : channel_(std::move(other.channel_)), id_(std::exchange(other.id_, 0)) {}
  AnyManagedEndpoint& operator=(AnyManagedEndpoint&& other) noexcept {
    if (this != &other) {
      Drop();
      channel_ = std::move(other.channel_);
      id_ = std::exchange(other.id_, 0);
    }
    return *this;
  }
  ~AnyManagedEndpoint() { Drop(); }

  std::uint32_t id() const { return id_; }  // 0: empty
  bool IsOf(const Channel& channel) const { return id_ != 0 && channel_.lock().get() == &channel; }
  // It has been sent, or bound.
  void Forget() { id_ = 0; }

 private:
  void Drop();

  std::weak_ptr<Channel> channel_;
  std::uint32_t id_ = 0;
};

}  // namespace internal

// `A` is the class that can be bound to it, PFooParent or PFooChild.
template <class A>
class ManagedEndpoint {
 public:
  ManagedEndpoint() = default;
  explicit ManagedEndpoint(internal::AnyManagedEndpoint any) : any_(std::move(any)) {}

  // False when it is default-made, moved from, sent or bound.
  explicit operator bool() const { return any_.id() != 0; }

  // For generated code.
  internal::AnyManagedEndpoint& any() { return any_; }

 private:
  internal::AnyManagedEndpoint any_;  // and nothing else: the runtime decodes into it
};

static_assert(sizeof(internal::AnyManagedEndpoint) <= 24);

}  // namespace baton
