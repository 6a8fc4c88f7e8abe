// Frames that declare some handles and come with others.
#include <fcntl.h>

#include <catch2/catch.hpp>
#include <set>
#include <thread>
#include <vector>

#include <baton/platform/received_handle.h>
#include "tests/hostile/evil_parent.h"
#include "tests/support/descriptor_limit.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

namespace PEcho = ::testing::PEcho;

constexpr std::size_t kMost = 260;
constexpr std::size_t kMostAtOnce = platform::kMaxHandlesPerSend;

// A message that takes no handles, with `sent` of them: the first 253 with its first byte, the rest
// with the bytes behind the header.
void SendCount(EvilParent& evil, std::size_t declared, std::size_t sent) {
  auto header = evil.HeaderOf(PEcho::kCount);
  header.handles = static_cast<std::uint16_t>(declared);
  const std::uint64_t number = 1;
  const void* const values[] = {&number};
  const auto frame = EvilParent::FrameOf(header, evil.Encode(*PEcho::kCount.parameters, values));
  // The same one each time: for the receiver they are as many.
  const std::vector<platform::NativeHandle> handles(sent, evil.socket().get());
  const std::size_t with_first = std::min(sent, kMostAtOnce);
  const std::size_t first_bytes = internal::kFrameHeaderSize + 1;
  const auto bytes = std::span(frame);
  Must(platform::SendSome(evil.socket(), bytes.first(first_bytes),
                          std::span(handles).first(with_first)));
  evil.Run();
  // The victim may have had enough.
  (void)platform::SendSome(evil.socket(), bytes.subspan(first_bytes),
                           std::span(handles).subspan(with_first));
  evil.Run();
}

TEST_CASE("hostile: handles declared and handles sent, for each of 0 to 260") {
  const Guarded guarded;  // counts descriptors
  ChannelOptions options;
  options.ring_bytes = 0;
  for (std::size_t declared = 0; declared <= kMost; ++declared) {
    const std::size_t less = declared == 0 ? 0 : declared - 1;
    for (const std::size_t sent : std::set<std::size_t>{0, less, declared, declared + 1, kMost}) {
      INFO(declared << " declared, " << sent << " sent");
      EvilParent evil(options);
      evil.SayHello();
      SendCount(evil, declared, sent);
      if (declared == 0 && sent == 0) {
        evil.ExpectAlive();
        continue;
      }
      // The message uses none. That is seen first where the others come with its last bytes.
      const bool is_whole = sent == declared || (sent > declared && declared >= kMostAtOnce);
      evil.ExpectFault(is_whole ? Rule::kHandleIndex : Rule::kHandleCount);
      CHECK(evil.victim->statistics().messages_sent == 0);  // its handler answers
      // Of others there must be some room for the next one's.
      while (platform::ForeignHandlesOpen() > 0) std::this_thread::yield();
    }
  }
}

TEST_CASE("hostile: a message of many handles that never ends leaves the last files to others") {
  constexpr int kFew = 350;  // 263 reach the last quarter of them, and 253 need not
  constexpr int kEnough = 1000;
  const Guarded guarded;
  const bool are_few = GENERATE(false, true);
  ChannelOptions options;
  options.ring_bytes = 0;
  std::vector<std::error_code> answers;
  EvilParent evil(options);
  evil.SayHello();
  evil.victim->SendPing(
      1, [&](boost::system::error_code error, std::uint64_t) { answers.push_back(error); });
  auto header = evil.HeaderOf(PEcho::kCount);
  header.handles = 1024;
  const std::vector<std::byte> payload(100);
  const auto frame = EvilParent::FrameOf(header, payload);
  // Not its own end: whoever holds that does not see it hang up.
  const platform::Handle file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const std::vector<platform::NativeHandle> handles(kMostAtOnce, file.get());
  const auto send = [&](std::size_t from, std::size_t bytes, std::size_t count) {
    Must(platform::SendSome(evil.socket(), std::span(frame).subspan(from, bytes),
                            std::span(handles).first(count)));
    evil.Run();
  };
  {
    const DescriptorLimit limit(are_few ? kFew : kEnough);
    send(0, internal::kFrameHeaderSize + 1, kMostAtOnce);
    CHECK(evil.victim->destroyed == 0);
    send(internal::kFrameHeaderSize + 1, 1, 10);
  }
  CHECK(evil.victim->destroyed == (are_few ? 1 : 0));
  if (are_few) {
    CHECK(evil.victim->close_error() == std::errc::too_many_files_open);
  } else {
    CHECK(answers.empty());
    evil.HangUp();
    evil.ExpectDeath();
  }
  REQUIRE(answers.size() == 1);
  CHECK(answers.front() == Errc::kPeerDied);  // no rule says how many handles are too many
}

}  // namespace
}  // namespace baton::testing
