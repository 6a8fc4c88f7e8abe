// An endpoint is sent once, to where one of its side is expected; managed actors have none.
#include <utility>

#include <baton/endpoint.h>
#include <baton/introduce.h>

#include "meetChild.h"
#include "meetParent.h"

namespace testing {

using baton::Endpoint;
using baton::Result;

Result<void> Create() {
#ifdef CREATE_MANAGED  // EXPECT: a managed actor has no channel of its own
  BATON_TRY(const auto managed, (baton::CreateEndpoints<PSeatParent, PSeatChild>()));
#endif
#ifdef CREATE_MANAGED_IN_PROCESS  // EXPECT: a managed actor has no channel of its own
  const auto in_process = baton::CreateInProcessEndpoints<PSeatParent, PSeatChild>();
#endif
  BATON_TRY(const auto both, (baton::CreateEndpoints<PTalkParent, PTalkChild>()));
  return {};
}

Result<void> Send(PHostParent& host, Endpoint<PTalkChild> talk, Endpoint<PTalkParent> other) {
#ifdef SEND_AN_LVALUE  // EXPECT: rvalue reference (of|to) type .*Endpoint<.* to lvalue of type
  BATON_CHECKED(host.SendKeep(talk));
#endif
#ifdef SEND_THE_OTHER_SIDE  // EXPECT: <testing::PTalkParent>.* to .*<testing::PTalkChild>
  BATON_CHECKED(host.SendKeep(std::move(other)));
#endif
#ifdef COPY_WHAT_HOLDS_ONE  // EXPECT: deleted .*Card
  const Card card = {"", std::move(talk)};
  Card copy = card;
#endif
  BATON_CHECKED(host.SendMeet("", std::move(other)));
  return host.SendKeep(std::move(talk));
}

#ifdef SWAP_THE_SIDES  // EXPECT: CreateEndpointsBetween takes PFooParent and PFooChild
Result<void> Introduce(const PHostParent& ann, const PHostParent& bob) {
  BATON_TRY(auto ends, (baton::CreateEndpointsBetween<PTalkChild, PTalkParent>(ann, bob)));
  return {};
}
#endif

}  // namespace testing
