// An endpoint is used once, by an actor of its own side.
#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <utility>

#include <baton/endpoint.h>
#include <baton/launch.h>

#include "echoChild.h"
#include "echoParent.h"

namespace testing {

using baton::Endpoint;
using baton::Result;

struct Sides {
  std::shared_ptr<PEchoParent> parent;
  std::shared_ptr<PEchoChild> child;
};

Result<void> Bind(Endpoint<PEchoParent> endpoint, const Sides& sides,
                  const boost::asio::any_io_executor& executor) {
#ifdef BIND_AN_LVALUE  // EXPECT: 'this' argument discards|member function for call to 'Bind'
  BATON_CHECKED(endpoint.Bind(sides.parent, executor));
#endif
#ifdef BIND_A_COPY  // EXPECT: deleted .*Endpoint<testing::PEchoParent>
  Endpoint<PEchoParent> copy = endpoint;
  BATON_CHECKED(std::move(copy).Bind(sides.parent, executor));
#endif
#ifdef BIND_THE_OTHER_SIDE  // EXPECT: PEchoChild>&, const|member function for call to 'Bind'
  BATON_CHECKED(std::move(endpoint).Bind(sides.child, executor));
#endif
#ifdef BIND_NULL  // EXPECT: deleted .*Bind\(std::nullptr_t|deleted member function 'Bind'
  BATON_CHECKED(std::move(endpoint).Bind(nullptr, executor));
#endif
  return std::move(endpoint).Bind(sides.parent, executor);
}

Result<void> Create() {
  BATON_TRY(const auto both, (baton::CreateEndpoints<PEchoParent, PEchoChild>()));
#ifdef SWAP_THE_SIDES  // EXPECT: CreateEndpoints takes PFooParent and PFooChild, in this order
  BATON_TRY(const auto swapped, (baton::CreateEndpoints<PEchoChild, PEchoParent>()));
#endif
  BATON_TRY(const auto inherited, baton::InheritedEndpoint<PEchoChild>());
#ifdef INHERIT_THE_OTHER_SIDE  // EXPECT: InheritedEndpoint takes the child's class
  BATON_TRY(const auto other, baton::InheritedEndpoint<PEchoParent>());
#endif
  return {};
}

}  // namespace testing
