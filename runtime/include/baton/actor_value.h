// An actor inside of a value: `PFoo` as a member of a struct or union, an element of an array, an
// answer. Both sides' programs share those types, so this holds the one class or the other. (As a
// parameter of its own an actor is simply a std::shared_ptr<PFooParent>, or Child.)
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include <baton/actor.h>

namespace baton {

template <class Parent, class Child>
class ActorValue {
 public:
  ActorValue() = default;
  ActorValue(std::nullptr_t) {}  // NOLINT(*-explicit-*): as a pointer has it

  template <class A>
  requires(std::convertible_to<A*, Parent*> || std::convertible_to<A*, Child*>)
      ActorValue(std::shared_ptr<A> actor)  // NOLINT(*-explicit-*): as a pointer has it
      : actor_(std::move(actor)) {}

  // The actor, seen from the side that this program is; null when there is none, or when it is one
  // of the other side's.
  std::shared_ptr<Parent> parent() const { return Get<Parent>(); }
  std::shared_ptr<Child> child() const { return Get<Child>(); }

  explicit operator bool() const { return actor_ != nullptr; }
  bool operator==(const ActorValue&) const = default;
  bool operator==(std::nullptr_t) const { return actor_ == nullptr; }

 private:
  template <class A>
  std::shared_ptr<A> Get() const {
    if (actor_ == nullptr || actor_->side() != A::kSide) return nullptr;
    return std::static_pointer_cast<A>(actor_);
  }

  std::shared_ptr<Actor> actor_;  // and nothing else: the runtime decodes into it
};

namespace internal {

// Where the runtime finds an actor that is sent: at a std::shared_ptr<Actor>, made of a pointer to
// the class for as long as the call takes. `Later` makes a template wait until the class is known.
inline const void* ActorAddress(const std::shared_ptr<Actor>& actor) {
  return &actor;
}
template <class Later>
const void* ActorAddressIn(const std::shared_ptr<Actor>& actor) {
  return &actor;
}

}  // namespace internal
}  // namespace baton
