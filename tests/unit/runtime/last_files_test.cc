// A process that has hardly a file left: whatever comes with one is refused, of every kind.
#include <catch2/catch.hpp>
#include <utility>

#include <baton/endpoint_value.h>
#include <baton/file_descriptor.h>
#include <baton/platform/local_socket.h>

#include "tests/support/descriptor_limit.h"
#include "tests/support/guarded.h"
#include "tests/support/two_sides.h"

namespace baton::internal {
namespace {

using testing::DescriptorLimit;
using testing::Guarded;
using testing::LowestFreeDescriptor;
using testing::Must;

constexpr int kRoomForMore = 1000;

// How many files this process may have, from here on.
int Limit(bool is_short) {
  return LowestFreeDescriptor() + (is_short ? 1 : kRoomForMore);
}

std::error_code Expected(bool is_short) {
  return is_short ? make_error_code(std::errc::too_many_files_open) : std::error_code();
}

std::error_code ErrorOf(const Result<void>& result) {
  return result ? std::error_code() : result.error();
}

TEST_CASE("the last files are kept to receive with: memory of any kind is refused before") {
  const Guarded guarded;
  const bool is_short = GENERATE(false, true);
  TwoSides sides;
  Shmem safe = Must(sides.parent->Allocate(4096));
  Shmem to_freeze = Must(sides.parent->Allocate(4096));
  FrozenShmem frozen = Must(sides.parent->Freeze(to_freeze));
  UnsafeShmem unsafe = Must(sides.parent->AllocateUnsafe(4096));
  const auto arrives = [&](auto& shmem) {
    InTransit transit = Must(Send(*sides.parent, shmem));
    REQUIRE(transit.handles.size() == 1);
    const DescriptorLimit limit(Limit(is_short));
    std::remove_reference_t<decltype(shmem)> arrived;
    return ErrorOf(Receive(*sides.child, std::move(transit), arrived));
  };
  CHECK(arrives(safe) == Expected(is_short));
  CHECK(arrives(frozen) == Expected(is_short));
  CHECK(arrives(unsafe) == Expected(is_short));
}

TEST_CASE("the last files are kept to receive with: endpoints and files are refused before") {
  const Guarded guarded;
  const bool is_short = GENERATE(false, true);
  const TwoSides sides;
  EndpointParts parts;
  FileDescriptor file;
  const wire::IncomingShmem endpoint = {
      .kind = wire::Kind::kEndpoint, .memory = &parts, .reference = {}, .endpoint = {.socket = 0}};
  const wire::IncomingShmem descriptor = {
      .kind = wire::Kind::kFileDescriptor, .memory = &file, .reference = {.handle = 0}};
  for (const wire::IncomingShmem& incoming : {endpoint, descriptor}) {
    std::vector<platform::Handle> handles;
    handles.push_back(std::move(Must(platform::CreateSocketPair()).first));
    const DescriptorLimit limit(Limit(is_short));
    const auto arrived = sides.child->Arrive(std::span(&incoming, 1), std::move(handles));
    CHECK(ErrorOf(arrived) == Expected(is_short));
  }
}

}  // namespace
}  // namespace baton::internal
