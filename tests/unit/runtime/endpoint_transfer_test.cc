// Endpoints that come through a channel: to whom what comes through them counts.
#include "runtime/shmem/endpoint_transfer.h"

#include <catch2/catch.hpp>
#include <utility>

#include <baton/endpoint_value.h>
#include <baton/platform/local_socket.h>
#include <baton/platform/received_handle.h>

#include "tests/support/leak_check.h"
#include "tests/support/must.h"

namespace baton::internal {
namespace {

using testing::LeakCheck;
using testing::Must;

platform::Handle ArrivedAs(platform::Handle socket, bool is_believed) {
  platform::Handle handles[] = {std::move(socket)};
  EndpointParts parts;
  const wire::IncomingShmem incoming = {
      .kind = wire::Kind::kEndpoint, .memory = &parts, .reference = {}, .endpoint = {.socket = 0}};
  Must(ArriveEndpoint(incoming, handles, {.of_peer = 1, .is_believed = is_believed}));
  return std::move(parts.socket);
}

platform::Handle ASocket() {
  return std::move(Must(platform::CreateSocketPair()).first);
}

// What becomes of a socket that `giver` has sent.
platform::Handle Arrived(platform::HandleSource giver, bool is_believed) {
  return ArrivedAs(platform::Handle::Foreign(ASocket().Release(), giver), is_believed);
}

TEST_CASE("an endpoint of whoever is not believed counts as its giver's, however many it makes") {
  const LeakCheck leak_check;
  const platform::HandleSource giver = platform::NewHandleSource();
  for (int n = 0; n < 3; ++n) {
    const platform::Handle arrived = Arrived(giver, false);
    CHECK(arrived.is_end());
    CHECK(arrived.source() == giver);
  }
  const platform::Handle of_friend = Arrived(giver, true);
  const platform::Handle another = Arrived(giver, true);
  CHECK(of_friend.is_end());
  CHECK(of_friend.source() != giver);
  CHECK(of_friend.source() != another.source());
}

TEST_CASE("an endpoint of a thread that is not believed is an end of this process") {
  const LeakCheck leak_check;
  const platform::Handle one = ArrivedAs(ASocket(), false);
  const platform::Handle other = ArrivedAs(ASocket(), false);
  CHECK(one.is_end());
  CHECK(platform::IsSourceOfThisProcess(one.source()));
  CHECK(one.source() != other.source());
}

}  // namespace
}  // namespace baton::internal
