// A process that has hardly a file left: whatever comes with one is refused, of every kind.
#include <catch2/catch.hpp>
#include <utility>

#include <baton/endpoint_value.h>
#include <baton/file_descriptor.h>
#include <baton/platform/local_socket.h>

#include "tests/support/descriptor_limit.h"
#include "tests/support/guarded.h"
#include "tests/support/sanitizer.h"
#include "tests/support/skip.h"
#include "tests/support/skip_without_seals.h"
#include "tests/support/two_sides.h"

namespace baton::internal {
namespace {

using testing::DescriptorLimit;
using testing::Guarded;
using testing::IsSanitized;
using testing::Must;

// So many files that `handle` is the last one, or is far from that.
int LimitFor(const platform::Handle& handle, bool is_short) {
  constexpr int kRoomForMore = 500;
  return handle.get() + (is_short ? 1 : kRoomForMore);
}

void CheckArrival(const Result<void>& arrived, bool is_short) {
  CHECK(arrived.has_value() == !is_short);
  if (!arrived) CHECK(arrived.error() == std::errc::too_many_files_open);
}

template <class AnyShmem>
void CheckArrives(TwoSides& sides, AnyShmem shmem, bool is_short) {
  InTransit transit = Must(Send(*sides.parent, shmem));
  REQUIRE(transit.handles.size() == 1);
  const DescriptorLimit limit(LimitFor(transit.handles.front(), is_short));
  AnyShmem arrived;
  CheckArrival(Receive(*sides.child, std::move(transit), arrived), is_short);
}

TEST_CASE("the last files are kept to receive with: memory is refused before") {
  if (IsSanitized()) SKIP_TEST("a sanitizer needs files to look whether memory is mapped");
  const Guarded guarded;
  const bool is_short = GENERATE(false, true);
  TwoSides sides;
  CheckArrives(sides, Must(sides.parent->Allocate(4096)), is_short);
  CheckArrives(sides, Must(sides.parent->AllocateUnsafe(4096)), is_short);
}

TEST_CASE("the last files are kept to receive with: frozen memory is refused before") {
  SKIP_WITHOUT_SEALS("it cannot be frozen");
  if (IsSanitized()) SKIP_TEST("a sanitizer needs files to look whether memory is mapped");
  const Guarded guarded;
  const bool is_short = GENERATE(false, true);
  TwoSides sides;
  Shmem made = Must(sides.parent->Allocate(4096));
  CheckArrives(sides, Must(sides.parent->Freeze(made)), is_short);
}

TEST_CASE("the last files are kept to receive with: endpoints and files are refused before") {
  if (IsSanitized()) SKIP_TEST("a sanitizer needs files to look whether memory is mapped");
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
    const DescriptorLimit limit(LimitFor(handles.front(), is_short));
    CheckArrival(sides.child->Arrive(std::span(&incoming, 1), std::move(handles)), is_short);
  }
}

}  // namespace
}  // namespace baton::internal
