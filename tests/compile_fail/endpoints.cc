// An endpoint is used once, by an actor of its own side.
#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <utility>

#include <baton/endpoint.h>
#include <baton/introduce.h>
#include <baton/launch.h>

#include "echoChild.h"
#include "echoParent.h"
#include "meetChild.h"
#include "meetParent.h"
#include "treeChild.h"
#include "treeParent.h"

namespace testing {

using baton::Endpoint;
using baton::Result;

struct Sides {
  std::shared_ptr<PEchoParent> parent;
  std::shared_ptr<PEchoChild> child;
};

Result<void> Bind(Endpoint<PEchoParent> endpoint, const Sides& sides,
                  const boost::asio::any_io_executor& executor) {
#ifdef BIND_AN_LVALUE  // EXPECT: 'this' argument
  BATON_CHECKED(endpoint.Bind(sides.parent, executor));
#endif
#ifdef BIND_A_COPY  // EXPECT: deleted .*Endpoint<testing::PEchoParent>
  Endpoint<PEchoParent> copy = endpoint;
  BATON_CHECKED(std::move(copy).Bind(sides.parent, executor));
#endif
#ifdef BIND_THE_OTHER_SIDE  // EXPECT: shared_ptr<testing::PEchoChild>
  BATON_CHECKED(std::move(endpoint).Bind(sides.child, executor));
#endif
#ifdef BIND_NULL  // EXPECT: deleted
  BATON_CHECKED(std::move(endpoint).Bind(nullptr, executor));
#endif
  return std::move(endpoint).Bind(sides.parent, executor);
}

Result<void> Create() {
  BATON_TRY(const auto both, (baton::CreateEndpoints<PEchoParent, PEchoChild>()));
#ifdef SWAP_THE_SIDES  // EXPECT: CreateEndpoints takes PFooParent and PFooChild, in this order
  BATON_TRY(const auto swapped, (baton::CreateEndpoints<PEchoChild, PEchoParent>()));
#endif
#ifdef CREATE_MANAGED  // EXPECT: a managed actor has no channel of its own
  BATON_TRY(const auto managed, (baton::CreateEndpoints<PTabParent, PTabChild>()));
#endif
#ifdef CREATE_MANAGED_IN_PROCESS  // EXPECT: a managed actor has no channel of its own
  const auto in_process = baton::CreateInProcessEndpoints<PTabParent, PTabChild>();
#endif
  BATON_TRY(const auto inherited, baton::InheritedEndpoint<PEchoChild>());
#ifdef INHERIT_THE_OTHER_SIDE  // EXPECT: InheritedEndpoint takes the child's class
  BATON_TRY(const auto other, baton::InheritedEndpoint<PEchoParent>());
#endif
  return {};
}

Result<void> Send(PHostParent& host, Endpoint<PTalkChild> talk, Endpoint<PTalkParent> other) {
#ifdef SEND_AN_LVALUE  // EXPECT: cannot bind|no matching|rvalue reference
  BATON_CHECKED(host.SendKeep(talk));
#endif
#ifdef SEND_THE_OTHER_SIDE  // EXPECT: Endpoint<testing::PTalkParent>
  BATON_CHECKED(host.SendKeep(std::move(other)));
#endif
#ifdef COPY_WHAT_HOLDS_ONE  // EXPECT: deleted .*Card
  const Card card = {"", std::move(talk)};
  Card copy = card;
#endif
  BATON_CHECKED(host.SendMeet("", std::move(other)));
  return host.SendKeep(std::move(talk));
}

#ifdef INTRODUCE_THE_WRONG_WAY_ROUND  // EXPECT: CreateEndpointsBetween takes PFooParent and
                                      // PFooChild
Result<void> Introduce(const PHostParent& ann, const PHostParent& bob) {
  BATON_TRY(auto ends, (baton::CreateEndpointsBetween<PTalkChild, PTalkParent>(ann, bob)));
  return {};
}
#endif

}  // namespace testing
