// Those who connect to a listener and mean harm, or know no better.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "runtime/meeting/introduction.h"
#include "tests/process/meeting.h"
#include "tests/support/sanitizer.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

using Bytes = std::vector<std::byte>;
using internal::Verdict;

Bytes HonestIntroduction(const internal::Introduction& introduction = {}) {
  const auto bytes = internal::EncodeIntroduction(introduction);
  return {bytes.begin(), bytes.end()};
}

Bytes Beginning(std::size_t size) {
  Bytes bytes = HonestIntroduction();
  bytes.resize(size);
  return bytes;
}

// Someone with a bare socket.
struct Stranger {
  explicit Stranger(const Host& host) : socket(Must(platform::ConnectLocal(host.address))) {}

  void Say(std::span<const std::byte> bytes, std::span<const platform::NativeHandle> handles = {}) {
    CHECK(Must(platform::SendSome(socket, bytes, handles)) == bytes.size());
  }

  // What came back up to the hang-up, or to where nothing comes any more.
  Bytes Heard() {
    Bytes all(100);
    std::vector<platform::Handle> handles;
    const auto received = platform::ReceiveSome(socket, all, handles);
    all.resize(received ? *received : 0);
    return all;
  }

  bool IsConnected() {
    pollfd state = {socket.get(), 0, 0};
    ::poll(&state, 1, 0);
    return (state.revents & POLLHUP) == 0;
  }

  platform::Handle socket;
};

bool IsVerdict(const Bytes& heard, Verdict verdict) {
  return std::ranges::equal(heard, internal::EncodeVerdict(verdict));
}

// Behind that verdict the channel's own bytes may follow.
bool IsAdmission(Bytes heard) {
  heard.resize(std::min(heard.size(), internal::kVerdictSize));
  return IsVerdict(heard, Verdict::kAdmitted);
}

struct Door : Host {
  explicit Door(ListenerOptions options) : Host(std::move(options)) { Meet(); }
  ~Door() {
    listener.Close();
    io.restart();
    io.run();
  }

  void Poll() {
    io.restart();
    io.poll();
  }

  // Whoever was here before: an honest one is still let in.
  void CheckOpen() {
    Stranger honest(*this);
    honest.Say(HonestIntroduction());
    RunUntil([&] { return met; });
    CHECK_FALSE(error);
    CHECK(IsAdmission(honest.Heard()));
    actor->Close();
  }
};

TEST_CASE("hostile: who connects and says nothing is dropped at the deadline") {
  const Guarded guarded;
  const ScratchFolder folder;
  Door door({.address = SocketIn(folder), .introduction_deadline = std::chrono::milliseconds(20)});
  Stranger silent(door);
  Stranger half(door);
  half.Say(Beginning(31));
  door.RunUntil([&] { return door.listener.statistics().too_late == 2; });
  CHECK(door.listener.statistics().half_open == 0);
  for (Stranger* const stranger : {&silent, &half}) {
    CHECK(IsVerdict(stranger->Heard(), Verdict::kNotAdmitted));
    CHECK_FALSE(stranger->IsConnected());
  }
  door.CheckOpen();
}

TEST_CASE("hostile: who hangs up in the middle is forgotten") {
  const Guarded guarded;
  const ScratchFolder folder;
  Door door({.address = SocketIn(folder), .introduction_deadline = std::chrono::hours(1)});
  const std::size_t said = GENERATE(0U, 1U, 31U);
  {
    Stranger stranger(door);
    door.Poll();
    if (said > 0) stranger.Say(Beginning(said));
    door.Poll();
    CHECK(door.listener.statistics().half_open == 1);
  }
  door.Poll();
  CHECK(door.listener.statistics().half_open == 0);
  CHECK(door.listener.statistics().hung_up == 1);
  door.listener.Cancel();
  door.RunUntil([&] { return door.met; });
  door.io.run();  // comes back: no timer is left
  door.met = false;
  door.Meet();
  door.CheckOpen();
}

TEST_CASE("hostile: an introduction may come in pieces") {
  const Guarded guarded;
  const ScratchFolder folder;
  Door door({.address = SocketIn(folder)});
  const std::size_t first = GENERATE(1U, 8U, 16U, 31U);
  const Bytes introduction = HonestIntroduction();
  Stranger slow(door);
  slow.Say(std::span(introduction).first(first));
  door.Poll();
  CHECK(door.listener.statistics().half_open == 1);
  slow.Say(std::span(introduction).subspan(first));
  door.RunUntil([&] { return door.met; });
  CHECK_FALSE(door.error);
  CHECK(IsAdmission(slow.Heard()));
  door.actor->Close();
}

TEST_CASE("hostile: an introduction with one wrong byte is none") {
  const Guarded guarded;
  const ScratchFolder folder;
  Door door({.address = SocketIn(folder)});
  for (std::size_t i = 0; i < internal::kIntroductionSize; ++i) {
    Bytes bytes = HonestIntroduction();
    bytes[i] ^= std::byte{0x40};
    const auto before = door.listener.statistics();
    Stranger stranger(door);
    stranger.Say(bytes);
    door.Poll();
    const auto after = door.listener.statistics();
    INFO("byte " << i);
    const bool is_version = i == 8;
    CHECK(after.wrong_version - before.wrong_version == (is_version ? 1 : 0));
    CHECK(after.no_introduction - before.no_introduction == (is_version ? 0 : 1));
    CHECK(IsVerdict(stranger.Heard(), is_version ? Verdict::kVersion : Verdict::kNotAdmitted));
    CHECK_FALSE(stranger.IsConnected());
  }
  CHECK(door.listener.statistics().half_open == 0);
  door.CheckOpen();
}

TEST_CASE("hostile: who says much, and nothing of ours, is told so all the same") {
  const Guarded guarded;
  const ScratchFolder folder;
  Door door({.address = SocketIn(folder)});
  Stranger stranger(door);
  stranger.Say(Bytes(50'000, std::byte{'x'}));
  door.Poll();
  CHECK(door.listener.statistics().no_introduction == 1);
  CHECK(IsVerdict(stranger.Heard(), Verdict::kNotAdmitted));
  CHECK_FALSE(stranger.IsConnected());
  door.CheckOpen();
}

TEST_CASE("hostile: a token with one wrong bit is another token") {
  const Guarded guarded;
  const ScratchFolder folder;
  Door door({.address = SocketIn(folder)});
  const AdmissionToken token = Must(door.listener.IssueToken());
  for (std::size_t bit = 0; bit < 128; ++bit) {
    Bytes bytes = HonestIntroduction({token});
    bytes[16 + bit / 8] ^= std::byte{1} << (bit % 8);
    Stranger stranger(door);
    stranger.Say(bytes);
    door.Poll();
    CHECK(IsVerdict(stranger.Heard(), Verdict::kNotAdmitted));
  }
  CHECK(door.listener.statistics().wrong_token == 128);
  CHECK_FALSE(door.met);
  Stranger right(door);
  right.Say(HonestIntroduction({token}));
  door.RunUntil([&] { return door.met; });
  CHECK(IsAdmission(right.Heard()));
  door.actor->Close();
}

TEST_CASE("hostile: handles do not belong into an introduction, and are closed") {
  const Guarded guarded;
  const ScratchFolder folder;
  Door door({.address = SocketIn(folder)});
  Stranger stranger(door);
  const std::vector<platform::NativeHandle> handles(200, stranger.socket.get());
  stranger.Say(HonestIntroduction(), handles);
  door.Poll();
  CHECK(door.listener.statistics().no_introduction == 1);
  CHECK(IsVerdict(stranger.Heard(), Verdict::kNotAdmitted));
  door.CheckOpen();
}

TEST_CASE("hostile: what is said right behind the introduction is for the channel, whole") {
  const Guarded guarded;
  const ScratchFolder folder;
  RawHost host({.address = SocketIn(folder)});
  const auto guest = Must(platform::ConnectLocal(SocketIn(folder)));
  Bytes bytes = HonestIntroduction();
  for (int i = 0; i < 1000; ++i) bytes.push_back(static_cast<std::byte>(i));
  REQUIRE(Must(platform::SendSome(guest, bytes, {})) == bytes.size());
  const internal::MetParts met = host.Meet();
  Bytes rest(2000);
  std::vector<platform::Handle> handles;
  rest.resize(Must(platform::ReceiveSome(met.endpoint.socket, rest, handles)));
  CHECK(std::ranges::equal(rest, std::span(bytes).subspan(internal::kIntroductionSize)));
}

// --- Too many ------------------------------------------------------------------------------------

TEST_CASE("hostile: of too many that say nothing the oldest are dropped, and costs stay bounded") {
  const Guarded guarded;
  const ScratchFolder folder;
  Door door({.address = SocketIn(folder), .max_half_open = 4});
  std::vector<std::unique_ptr<Stranger>> silent;
  for (int i = 0; i < 50; ++i) {
    silent.push_back(std::make_unique<Stranger>(door));
    door.Poll();
    CHECK(door.listener.statistics().half_open <= 4);
  }
  CHECK(door.listener.statistics().displaced == 46);
  for (std::size_t i = 0; i < silent.size(); ++i) CHECK(silent[i]->IsConnected() == (i >= 46));
  CHECK(IsVerdict(silent[0]->Heard(), Verdict::kNotAdmitted));
  door.CheckOpen();
  // One of those that were spared may still introduce itself.
  door.met = false;
  door.actor = std::make_shared<EchoParent>();
  door.Meet();
  silent.back()->Say(HonestIntroduction());
  door.RunUntil([&] { return door.met; });
  CHECK(IsAdmission(silent.back()->Heard()));
  door.actor->Close();
}

// Connects where it is told and says nothing until it is told to; then introduces itself.
PEER(SlowButHonest) {
  const auto socket = Must(platform::ConnectLocal(Hear(channel_end)));
  Tell(channel_end, "connected");
  Hear(channel_end);
  Must(platform::SendSome(socket, HonestIntroduction(), {}));
  AwaitReadable(socket);
  Bytes verdict(100);
  std::vector<platform::Handle> handles;
  verdict.resize(Must(platform::ReceiveSome(socket, verdict, handles)));
  PEER_EXPECT(IsAdmission(verdict));
}

TEST_CASE("hostile: a process that floods displaces itself and nobody else") {
  const Guarded guarded;
  const ScratchFolder folder;
  Door door({.address = SocketIn(folder), .max_half_open = 4});
  Peer peer = START_PEER(PeerKind::kProcess, SlowButHonest);
  const platform::Handle end = peer.TakeEnd();
  Tell(end, door.address);
  CHECK(Hear(end) == "connected");
  door.Poll();
  std::vector<std::unique_ptr<Stranger>> flood;
  for (int i = 0; i < 200; ++i) {
    flood.push_back(std::make_unique<Stranger>(door));
    door.Poll();
  }
  CHECK(door.listener.statistics().displaced == 197);
  Tell(end, "now");
  door.RunUntil([&] { return door.met; });
  CHECK(door.peer.pid == peer.pid());
  peer.Join();
  door.actor->Close();
}

TEST_CASE("hostile: out of descriptors, a listener waits for better times") {
  if (baton::testing::IsSanitized())
    SKIP_TEST("the sanitizer cannot look at memory without a free descriptor");
  const Guarded guarded;
  const ScratchFolder folder;
  Door door({.address = SocketIn(folder)});
  Stranger honest(door);
  honest.Say(HonestIntroduction());
  rlimit before = {};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  {
    const platform::Handle next(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const rlimit none_left = {static_cast<rlim_t>(next.get()), before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none_left) == 0);
  }
  door.RunUntil([&] { return door.listener.statistics().shortages >= 2; });
  CHECK_FALSE(door.met);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  door.RunUntil([&] { return door.met; });
  CHECK(IsAdmission(honest.Heard()));
  door.actor->Close();
}

TEST_CASE("hostile: who was introduced while nobody waited is given to the next Accept") {
  const Guarded guarded;
  const ScratchFolder folder;
  Door door({.address = SocketIn(folder)});
  Stranger slow(door);
  door.Poll();
  door.CheckOpen();
  slow.Say(HonestIntroduction());
  Stranger gone(door);
  door.Poll();
  CHECK(slow.Heard().empty());  // nobody has taken him yet
  door.met = false;
  door.actor = std::make_shared<EchoParent>();
  door.Meet();
  door.RunUntil([&] { return door.met; });
  CHECK(IsAdmission(slow.Heard()));
  door.actor->Close();
}

// --- The other way round -------------------------------------------------------------------------

// What Connect makes of a listener that says `answer`, and hangs up.
std::error_code ConnectTo(std::span<const std::byte> answer, bool in_pieces) {
  const ScratchFolder folder;
  auto listener = Must(platform::LocalListener::Listen(SocketIn(folder), 0600));
  io_context io;
  ConnectOptions options;
  options.address = SocketIn(folder);
  std::error_code seen;
  Connect<::testing::PEchoChild>(
      io.get_executor(), options,
      [&](boost::system::error_code error, Endpoint<::testing::PEchoChild>) { seen = error; });
  io.poll();
  {
    const platform::Handle host = Must(listener.Accept());
    while (!answer.empty()) {
      const auto piece = answer.first(in_pieces ? 1 : answer.size());
      Must(platform::SendSome(host, piece, {}));
      answer = answer.subspan(piece.size());
      io.restart();
      io.poll();
    }
  }
  io.restart();
  io.run();
  return seen;
}

TEST_CASE("hostile: a listener that answers with anything but a verdict is no listener of ours") {
  const Guarded guarded;
  const bool in_pieces = GENERATE(true, false);
  const auto admitted = internal::EncodeVerdict(Verdict::kAdmitted);
  CHECK_FALSE(ConnectTo(admitted, in_pieces));
  CHECK(ConnectTo(internal::EncodeVerdict(Verdict::kNotAdmitted), in_pieces) == Errc::kNotAdmitted);
  CHECK(ConnectTo(internal::EncodeVerdict(Verdict::kVersion), in_pieces) == Rule::kWireVersion);
  CHECK(ConnectTo({}, in_pieces) == Errc::kPeerDied);
  CHECK(ConnectTo(std::span(admitted).first(7), in_pieces) == Errc::kPeerDied);
  for (std::size_t i = 0; i < admitted.size(); ++i) {
    auto bytes = admitted;
    bytes[i] ^= std::byte{0x40};
    CHECK(ConnectTo(bytes, in_pieces) == Rule::kIntroduction);
  }
}

}  // namespace
}  // namespace baton::testing
