// An idle channel costs nothing: the kernel's own counters say so.
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <thread>

#include <baton/async.h>

#include "tests/process/load_actors.h"
#include "tests/process/next_timer.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

namespace fs = std::filesystem;
using boost::system::error_code;

PEER(Idling) {
  boost::asio::io_context io;
  const auto child = std::make_shared<LoadChild>();
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), child, io.get_executor(), link.options));
  io.run();
  if (link.options.ring_bytes > 0) PEER_EXPECT(child->statistics().sleeps > 0);
}

fs::path ThreadFolder(int process, int thread) {
  return fs::path("/proc") / std::to_string(process) / "task" / std::to_string(thread);
}

// How often the thread has slept and was woken, or was taken the processor from. While it sleeps,
// neither counts.
std::uint64_t Switches(const fs::path& thread) {
  std::ifstream status(thread / "status");
  std::uint64_t sum = 0;
  for (std::string line; std::getline(status, line);) {
    const auto name_end = line.find("ctxt_switches:");
    if (name_end != std::string::npos) sum += std::stoull(line.substr(name_end + 14));
  }
  return sum;
}

// Not one that waits for a processor, which will switch once more.
bool IsAsleep(const fs::path& thread) {
  std::ifstream status(thread / "status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("State:")) return line.find("S (sleeping)") != std::string::npos;
  }
  return false;
}

// True when the process behind `pidfd` did not end meanwhile.
bool OutlivesUs(int pidfd, std::chrono::milliseconds time) {
  pollfd ended = {pidfd, POLLIN, 0};
  return ::poll(&ended, 1, static_cast<int>(time.count())) == 0;
}

TEST_CASE("an idle channel wakes nobody and has no timer") {
  const Path path = GENERATE(Path::kSocket, Path::kRing, Path::kRingAsleep);
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, Idling);
  const int child = peer.pid();
  const platform::Handle child_death(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  REQUIRE(child_death);
  boost::asio::io_context io;
  const auto parent = std::make_shared<LoadParent>();
  Link link = Offer(peer, {PeerKind::kProcess, path});
  Must(internal::BindEndpoint(std::move(link.parts), parent, io.get_executor(), link.options));
  // It has not always been idle.
  int left = 100;
  std::promise<void> talked;
  std::function<void()> ask = [&] {
    const auto next = [&](error_code, std::uint64_t) { --left > 0 ? ask() : talked.set_value(); };
    parent->SendAsk(1, Within(std::chrono::seconds(40), next));
  };
  ask();
  std::promise<int> thread_id;
  std::thread runs([&] {
    thread_id.set_value(static_cast<int>(::syscall(SYS_gettid)));
    io.run();
  });
  const fs::path ours = ThreadFolder(::getpid(), thread_id.get_future().get());
  const fs::path theirs = ThreadFolder(child, child);
  talked.get_future().get();

  // Until both have come to rest; what never rests is the watchdog's.
  std::uint64_t before[2] = {};
  for (;;) {
    before[0] = Switches(ours);
    before[1] = Switches(theirs);
    REQUIRE(OutlivesUs(child_death.get(), std::chrono::milliseconds(50)));
    const bool sleep = IsAsleep(ours) && IsAsleep(theirs);
    if (sleep && before[0] == Switches(ours) && before[1] == Switches(theirs)) break;
  }
  CHECK(OutlivesUs(child_death.get(), std::chrono::seconds(2)));
  CHECK(Switches(ours) == before[0]);
  CHECK(Switches(theirs) == before[1]);
  CHECK(SecondsToTimer(::getpid()) > 60);
  CHECK(SecondsToTimer(child) > 60);

  boost::asio::post(io, [&] { parent->Close(); });
  runs.join();
  CHECK(parent->destroyed == 1);
  if (path != Path::kSocket) CHECK(parent->statistics().sleeps > 0);
}

}  // namespace
}  // namespace baton::testing
