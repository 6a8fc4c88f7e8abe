// A handle of a wrong kind wherever memory is expected: the right rule, one channel, and nothing
// kept.
#include <fcntl.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <string>

#include "runtime/channel/ring.h"
#include "tests/hostile/places_of_memory.h"
#include "tests/hostile/slow_file.h"
#include "tests/hostile/wrong_handles.h"
#include "tests/support/guarded.h"
#include "tests/support/skip.h"
#include "tests/support/skip_without_seals.h"

namespace baton::testing {
namespace {

using platform::Handle;

constexpr int kMostLacking = 4;  // of the kinds that a system may lack

PEER(HolderVictims) {
  RunVictims(std::move(channel_end));
}

TEST_CASE("hostile: what is right in each place is taken there, so that the lies are refused") {
  SKIP_WITHOUT_SEALS("who makes it takes other memory than memfds");
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  EvilPeer evil(START_PEER(kind, HolderVictims), kind);
  for (const Place& place : kPlaces) {
    INFO("as " << place.name);
    std::vector<Handle> handles;
    if (place.lie == &AsRing || place.lie == &AsLentRing) {
      const std::size_t size = internal::RingMemorySize(std::size_t{64} << 10);
      handles.push_back(
          Must(Must(platform::SharedMemory::CreateRing("evil", size)).handle().Duplicate()));
    } else if (place.lie == &AsPayload) {
      const auto payload = EvilPeer::EchoPayloadOf(EvilPeer::kSize);
      handles.push_back(Must(platform::CreateFrozenMemory("evil", payload)));
    } else {
      handles.push_back(EvilPeer::Memory());
    }
    place.lie(evil, handles);
    // Whoever has a ring answers through it.
    place.lie == &AsLentRing ? evil.HangUp() : evil.ExpectAlive();
  }
}

TEST_CASE("hostile: a handle of any other kind, in each place where memory is expected") {
  SKIP_WITHOUT_SEALS("who makes it takes other memory than memfds");
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Place place = GENERATE(from_range(std::begin(kPlaces), std::end(kPlaces)));
  const Guarded guarded;
  EvilPeer evil(START_PEER(kind, HolderVictims), kind);
  std::string lacking;
  int lacks = 0;
  for (const WrongHandle& wrong : kWrongHandles) {
    INFO(wrong.name << " as " << place.name);
    std::vector<Handle> handles;
    handles.push_back(wrong.make());
    if (!handles.front()) {
      REQUIRE(wrong.may_lack != nullptr);
      lacking += std::string("  ") + wrong.name + ": " + wrong.may_lack + "\n";
      ++lacks;
      continue;
    }
    place.lie(evil, handles);
    evil.ExpectFault(place.lie == &AsPayload ? wrong.as_payload : wrong.as_memory);
  }
  if (lacks > 0) std::printf("not tried, as this system has not:\n%s", lacking.c_str());
  INFO(lacking);
  CHECK(lacks <= kMostLacking);
}

TEST_CASE("hostile: a file that its sender serves is refused without asking for anything of it") {
  SKIP_WITHOUT_SEALS("who makes it takes other memory than memfds");
  std::string why;
  auto file = SlowFile::Mount(why);
  if (!file) SKIP_TEST("no file system in this process: " << why);
  const PeerKind kind = GENERATE(PeerKind::kThread, PeerKind::kProcess);
  const Guarded guarded;
  EvilPeer evil(START_PEER(kind, HolderVictims), kind);
  for (const int how : {O_RDWR, O_RDONLY, O_PATH}) {
    for (const Place& place : kPlaces) {
      INFO("opened with " << how << ", as " << place.name);
      std::vector<Handle> handles;
      handles.push_back(file->Open(how));
      REQUIRE(handles.front());
      place.lie(evil, handles);
      evil.ExpectFault(Rule::kHandleKind);
      CHECK(file->asked() == 0);
    }
  }
}

}  // namespace
}  // namespace baton::testing
