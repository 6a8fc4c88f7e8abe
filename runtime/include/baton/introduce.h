// Making two processes know each other: a channel between them, each end of which watches the
// process that holds the other one. So they notice each other's death although a grandchild, or we,
// still hold the socket; and they go on when we are gone.
//
//   BATON_TRY(auto ends, (CreateEndpointsBetween<PTalkParent, PTalkChild>(*ann, *bob)));
//   ends.second.set_trust_label(kGuest);                // what Bob is to call Ann
//   BATON_CHECKED(ann->SendTalk("Bob", std::move(ends.first)));
//   BATON_CHECKED(bob->SendTalk("Ann", std::move(ends.second)));
#pragma once

#include <utility>

#include <baton/base/result.h>
#include <baton/endpoint.h>
#include <baton/platform/handle.h>

namespace baton {

namespace platform {
class Process;
}

// The process that an end is made for.
class EndpointHolder {
 public:
  // The one at the other end of this actor's channel, as far as this side knows it: a child that
  // was launched, a process that was met by Listener or Connect, one that another introduction
  // named. Of others nothing is known, and nothing is watched; the
  // parent of a launched child is known once it has introduced itself.
  EndpointHolder(const Actor& actor);                // NOLINT(*-explicit-*): a name for it
  EndpointHolder(const platform::Process& process);  // NOLINT(*-explicit-*): the same
  // For an end that stays here.
  static EndpointHolder ThisProcess();

  // A handle that becomes readable when it has ended; empty where nothing is known. Once. Errors:
  // kNotBound, kClosed (the actor's channel has ended), those of the system.
  Result<platform::Handle> TakeDeath() { return std::move(death_); }

 private:
  explicit EndpointHolder(Result<platform::Handle> death) : death_(std::move(death)) {}

  Result<platform::Handle> death_;
};

namespace internal {

Result<std::pair<EndpointParts, EndpointParts>> CreatePartsBetween(EndpointHolder gets_parent,
                                                                   EndpointHolder gets_child);

}  // namespace internal

// Each end is for that process, which is to bind it: whoever sends it on is still the one that the
// other end watches. Errors: those of TakeDeath and CreateEndpoints; nothing was made then.
template <class Parent, class Child>
Result<std::pair<Endpoint<Parent>, Endpoint<Child>>> CreateEndpointsBetween(
    EndpointHolder gets_parent, EndpointHolder gets_child) {
  static_assert(Parent::kSide == Side::kParent && Child::kSide == Side::kChild,
                "CreateEndpointsBetween takes PFooParent and PFooChild, in this order");
  static_assert(&Parent::kProtocol == &Child::kProtocol, "two sides of one protocol");
  static_assert(!internal::kIsManaged<Parent>, "a managed actor has no channel of its own");
  BATON_TRY(auto parts,
            internal::CreatePartsBetween(std::move(gets_parent), std::move(gets_child)));
  return std::pair(Endpoint<Parent>(std::move(parts.first)),
                   Endpoint<Child>(std::move(parts.second)));
}

}  // namespace baton
