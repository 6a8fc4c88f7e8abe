// Frames of one incarnation of a child that arrive in the channel of the next one.
#include <poll.h>
#include <signal.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "runtime/channel/frame.h"
#include "tests/process/echo_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/scratch_folder.h"

namespace baton::testing {
namespace {

using boost::system::error_code;
using ::testing::PEchoParent;
using Event = ChildEvent<PEchoParent>;
using Bytes = std::vector<std::byte>;

constexpr char kHeldVariable[] = "BATON_TEST_HELD_FRAMES";
constexpr std::uint64_t kOfTheFirst = 41;
constexpr std::uint64_t kOfTheSecond = 1;

ChannelOptions WithoutRing() {
  return OptionsFor(Path::kSocket);
}

// --- The child's side: an honest child behind a proxy, in one process ----------------------------

// Frames of one direction, split where they end.
class Splitter {
 public:
  void Add(std::span<const std::byte> bytes) {
    rest_.insert(rest_.end(), bytes.begin(), bytes.end());
  }

  // The next whole frame; doorbells are none. Empty when there is none yet.
  Bytes Next() {
    while (!rest_.empty() && rest_.front() == internal::kDoorbell) rest_.erase(rest_.begin());
    if (rest_.size() < internal::kFrameHeaderSize) return {};
    const std::size_t size = internal::kFrameHeaderSize + HeaderOf(rest_).length;
    if (rest_.size() < size) return {};
    const auto end = rest_.begin() + static_cast<long>(size);
    Bytes frame(rest_.begin(), end);
    rest_.erase(rest_.begin(), end);
    return frame;
  }

  static internal::FrameHeader HeaderOf(const Bytes& frame) {
    const auto head = std::span<const std::byte>(frame).first<internal::kFrameHeaderSize>();
    return Must(internal::DecodeHeader(head, std::size_t{1} << 20));
  }

 private:
  Bytes rest_;
};

struct Proxy {
  platform::Handle parent;
  platform::Handle child;
  std::string held_path;
  Splitter from_parent = {};
  Splitter from_child = {};
  std::uint32_t epoch = 0;  // that the parent has given
  bool has_played = false;

  static void Send(const platform::Handle& to, std::span<const std::byte> bytes) {
    PEER_EXPECT(Must(platform::SendSome(to, bytes, {})) == bytes.size());
  }

  // What there is into `splitter`; false at the end.
  static bool Receive(const platform::Handle& from, Splitter& splitter) {
    Bytes bytes(65536);
    std::vector<platform::Handle> handles;
    const auto received = platform::ReceiveSome(from, bytes, handles);
    if (!received) return received.error() == std::errc::operation_would_block;
    splitter.Add(std::span(bytes).first(*received));
    return *received > 0;
  }

  void OnParentsFrame(const Bytes& frame) {
    const auto header = Splitter::HeaderOf(frame);
    if (header.kind == internal::FrameKind::kHello) epoch = header.epoch;
    PEER_EXPECT(epoch != 0 && header.epoch == epoch);
    Send(child, frame);
  }

  // HELLO comes first. Then the frames of an earlier incarnation, where there are such; else what
  // this one says is held back, and that is its end.
  void OnChildsFrame(const Bytes& frame) {
    const auto header = Splitter::HeaderOf(frame);
    if (header.kind == internal::FrameKind::kHello) {
      PEER_EXPECT(header.epoch == 0);
      Send(parent, frame);
      PlayHeld();
      return;
    }
    PEER_EXPECT(header.epoch == epoch);
    if (has_played) return Send(parent, frame);
    std::ofstream file(held_path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(frame.data()), static_cast<long>(frame.size()));
    file.close();
    (void)std::raise(SIGKILL);
  }

  void PlayHeld() {
    std::ifstream file(held_path, std::ios::binary);
    const std::string held((std::istreambuf_iterator<char>(file)), {});
    if (held.empty()) return;
    for (int again = 0; again < 2; ++again) Send(parent, std::as_bytes(std::span(held)));
    has_played = true;
  }

  void Run() {
    for (bool is_open = true; is_open;) {
      pollfd both[] = {{parent.get(), POLLIN, 0}, {child.get(), POLLIN, 0}};
      PEER_EXPECT(::poll(both, 2, -1) > 0);
      if (both[0].revents != 0) is_open = Receive(parent, from_parent);
      if (both[1].revents != 0) is_open = Receive(child, from_child) && is_open;
      for (Bytes frame = from_parent.Next(); !frame.empty(); frame = from_parent.Next()) {
        OnParentsFrame(frame);
      }
      for (Bytes frame = from_child.Next(); !frame.empty(); frame = from_child.Next()) {
        OnChildsFrame(frame);
      }
    }
  }
};

PEER(BehindAProxy) {
  auto ends = Must(platform::CreateSocketPair());
  std::thread child([end = std::move(ends.second)]() mutable {
    io_context io;
    const auto actor = std::make_shared<EchoChild>();
    Must(internal::BindEndpoint(internal::InheritedParts(std::move(end)), actor, io.get_executor(),
                                WithoutRing()));
    io.run();
  });
  {
    Proxy proxy = {std::move(channel_end), std::move(ends.first), std::getenv(kHeldVariable)};
    proxy.Run();
  }
  child.join();
}

// --- The parent's side ---------------------------------------------------------------------------

struct EpochScene {
  explicit EpochScene(const std::string& held_path)
      : supervisor(Must(ChildSupervisor::Create(
            io.get_executor(), {.launch = {"/proc/self/exe",
                                           {"--baton-peer", BehindAProxy.name()},
                                           {std::string(kHeldVariable) + "=" + held_path}},
                                .restarts = {.first_delay = {}, .longest_delay = {}}}))) {}

  template <class Predicate>
  void RunUntil(Predicate done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
  }

  Event Next() {
    std::optional<Event> event;
    supervisor.Next<PEchoParent>([&](error_code error, Event what) {
      CHECK_FALSE(error);
      event = std::move(what);
    });
    RunUntil([&] { return event.has_value(); });
    return std::move(event.value());
  }

  std::shared_ptr<EchoParent> Bind(Event event) {
    auto actor = std::make_shared<EchoParent>();
    Must(std::move(event.endpoint).Bind(actor, io.get_executor(), WithoutRing()));
    return actor;
  }

  io_context io;
  ChildSupervisor supervisor;
};

TEST_CASE("supervisor: frames of an old incarnation in the channel of the new one are dropped") {
  const Guarded guarded;
  const ScratchFolder folder;
  EpochScene scene((folder.path() / "held").string());
  const auto old_actor = scene.Bind(scene.Next());
  Must(old_actor->SendCount(kOfTheFirst));  // whose answer is held back
  CHECK(scene.Next().end.value().status.signal == SIGKILL);

  const auto actor = scene.Bind(scene.Next());
  Must(actor->SendCount(kOfTheSecond));
  scene.RunUntil([&] { return !actor->counted.empty() || actor->destroyed == 1; });
  INFO(actor->close_detail());
  CHECK(actor->counted == std::vector<std::uint64_t>{kOfTheSecond + 1});
  CHECK(actor->statistics().frames_stale == 2);
  CHECK(actor->destroyed == 0);
  CHECK(old_actor->counted.empty());
  actor->Close();
  scene.supervisor.Stop();
  CHECK(scene.Next().end.value().status.code == 0);
  scene.RunUntil([&] { return actor->destroyed == 1; });
}

}  // namespace
}  // namespace baton::testing
