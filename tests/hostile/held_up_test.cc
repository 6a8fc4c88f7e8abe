// A file whose server never answers to its being closed: whoever closes it cannot even be killed.
// It must not be a thread that anybody needs.
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>
#include <vector>

#include <baton/platform/local_socket.h>
#include <baton/platform/received_handle.h>
#include "tests/hostile/places_of_memory.h"
#include "tests/hostile/slow_file.h"
#include "tests/support/guarded.h"
#include "tests/support/skip.h"
#include "tests/support/skip_without_seals.h"

namespace baton::testing {
namespace {

using platform::Handle;

std::optional<SlowFile> MountHeldUp(std::string& why) {
  return SlowFile::Mount(why, SlowFile::Closing::kHeldUp);
}

template <class Condition>
bool ComesTrue(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

PEER(VictimsOfClosing) {
  RunVictims(std::move(channel_end));
}

TEST_CASE("hostile: a file that does not answer to being closed holds up nobody who goes on") {
  SKIP_WITHOUT_SEALS("who makes it takes other memory than memfds");
  std::string why;
  auto file = MountHeldUp(why);
  if (!file) SKIP_TEST("no file system in this process: " << why);
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  // Which of its files are open is not counted: those stay open.
  EvilPeer evil(START_PEER(kind, VictimsOfClosing), PeerKind::kThread);
  std::vector<std::vector<Handle>> ours;  // closing them would hold up this test
  for (const Place& place : kPlaces) {
    if (place.lie == &AsLentRing) continue;  // makes a second handle, and closes that
    INFO("as " << place.name);
    ours.emplace_back().push_back(file->Open(O_RDWR));
    REQUIRE(ours.back().front());
    place.lie(evil, ours.back());
    evil.ExpectFault(Rule::kHandleKind);  // and a neighbour on the same io_context is answered
  }
  // A thread for each channel, and no more than some.
  const int most = std::min(static_cast<int>(ours.size()), 8);
  CHECK(ComesTrue([&] { return file->held_up() == most; }));
  if (kind == PeerKind::kThread) CHECK(platform::ForeignHandlesOpen() == ours.size());
  evil.Begin(VictimKind::kPlain);
  evil.SayHello();
  evil.ExpectAlive();
  file->EndServer();
}

void Pass(const Handle& socket, const Handle& handle, std::size_t count) {
  const std::vector<platform::NativeHandle> many(count, handle.get());
  const std::byte byte{1};
  REQUIRE(Must(platform::SendSome(socket, std::span(&byte, 1), many)) == 1);
}

Result<void> Receive(const Handle& socket, std::vector<Handle>& handles) {
  std::byte byte{};
  BATON_CHECKED(platform::ReceiveSome(socket, std::span(&byte, 1), handles));
  return {};
}

// As many as may be of one, which stay.
void SendAndDrop(const Handle& from, const Handle& to, const Handle& stays) {
  std::vector<Handle> handles;
  for (std::size_t sent = 0; sent < platform::kMostForeignHandlesOfOne;) {
    Pass(from, stays, 128);
    sent += 128;
    Must(Receive(to, handles));
    CHECK(handles.size() == 128);
    handles.clear();
    CHECK(platform::ForeignHandlesOpen() == sent);
  }
}

TEST_CASE("hostile: whoever has too many files that do not close takes no handles for a while") {
  std::string why;
  auto file = MountHeldUp(why);
  if (!file) SKIP_TEST("no file system in this process: " << why);
  const Guarded guarded;
  const auto [here, there] = Must(platform::CreateSocketPair());
  Handle stays = file->Open(O_RDWR);
  REQUIRE(stays);
  std::vector<Handle> handles;
  SendAndDrop(here, there, stays);
  Pass(here, stays, 1);
  CHECK(Receive(there, handles).error() == std::errc::too_many_files_open);
  CHECK(handles.empty());
  CHECK(platform::ForeignHandlesOpen() == platform::kMostForeignHandlesOfOne);
  file->EndServer();
  CHECK(ComesTrue([] { return platform::ForeignHandlesOpen() == 0; }));
  Must(Receive(there, handles));  // what was refused has waited
  CHECK(handles.size() == 1);
}

TEST_CASE(
    "hostile: whoever has too many files that do not close keeps no others from sending any") {
  std::string why;
  auto file = MountHeldUp(why);
  if (!file) SKIP_TEST("no file system in this process: " << why);
  const Guarded guarded;
  auto [evil, from_evil] = Must(platform::CreateSocketPair());
  auto [other, from_other] = Must(platform::CreateSocketPair());
  const Handle evils_end = platform::TakeEnd(std::move(from_evil));
  const Handle others_end = platform::TakeEnd(std::move(from_other));
  Handle stays = file->Open(O_RDWR);
  const Handle closes(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  std::vector<Handle> handles;
  SendAndDrop(evil, evils_end, stays);
  Pass(evil, stays, 1);
  CHECK(Receive(evils_end, handles).error() == std::errc::too_many_files_open);
  for (int turn = 0; turn < 4; ++turn) {
    Pass(other, closes, 100);
    Must(Receive(others_end, handles));
    CHECK(handles.size() == 100);
    handles.clear();  // refused as well: by somebody who is not held up
    CHECK(ComesTrue(
        [] { return platform::ForeignHandlesOpen() == platform::kMostForeignHandlesOfOne; }));
  }
  file->EndServer();
}

// Whether it is the object that was kept must not be asked of whoever serves it.
TEST_CASE(
    "hostile: a served file in the place of memory that is kept is refused, and asked nothing") {
  SKIP_WITHOUT_SEALS("who makes it takes other memory than memfds");
  std::string why;
  auto file = SlowFile::Mount(why);
  if (!file) SKIP_TEST("no file system in this process: " << why);
  const Guarded guarded;
  ChannelOptions options;
  options.ring_bytes = 0;
  EvilParent evil(options);
  evil.SayHello();
  auto reference = EvilPeer::ReferenceTo(EvilPeer::kSize);
  const void* const kept[] = {&reference.id_high, &reference.id_low, &reference.size};
  auto keep = evil.ControlHeader(internal::FrameKind::kKeep);
  keep.handles = 1;
  const Handle memory[] = {EvilPeer::Memory()};
  evil.Send(EvilParent::FrameOf(keep, evil.Encode(internal::kKeepTable, kept)), memory);
  evil.ExpectAlive();
  auto fill = evil.HeaderOf(::testing::PEcho::kFill);
  fill.handles = 1;
  const Handle served[] = {file->Open(O_RDWR)};
  evil.Send(EvilParent::FrameOf(fill, evil.FillPayload(reference)), served);
  evil.ExpectFault(Rule::kHandleKind);
  CHECK(file->asked() == 0);
}

}  // namespace
}  // namespace baton::testing
