#include "bench/peers/harness.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include <baton/base/check.h>

namespace peers {
namespace {

using baton::platform::Handle;

constexpr std::string_view kServerWord = "server";
constexpr std::string_view kRoundTripsWord = "round-trips";

std::pair<Handle, Handle> BlockingSockets() {
  int sockets[2];
  BATON_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0);
  return {Handle(sockets[0]), Handle(sockets[1])};
}

// Reads one word of every cache line.
std::uint64_t SumOfLines(const void* message, std::size_t bytes) {
  const auto* words = static_cast<const volatile std::uint64_t*>(message);
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < bytes / sizeof(*words); at += kCacheLine / sizeof(*words))
    sum += words[at];
  return sum;
}

const Handle& InheritedHandle(int index) {
  static const Handle handles[] = {
      std::move(*baton::platform::TakeInherited(0)),
      std::move(*baton::platform::TakeInherited(1)),
  };
  return handles[index];
}

int RunServer(const Peer& peer, const std::string& variant, int cpu) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  PinTo(cpu);
  peer.server(variant);
  return 0;
}

int RunClient(const Peer& peer, const Run& run) {
  std::string folder = std::filesystem::temp_directory_path() / "baton-peers-XXXXXX";
  BATON_CHECK(mkdtemp(folder.data()) != nullptr);
  BATON_CHECK(chdir(folder.c_str()) == 0);
  peer.client(run);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return 0;
}

}  // namespace

void Fill(void* message, std::size_t bytes, Wish wish, std::uint64_t seed) {
  auto* words = static_cast<std::uint64_t*>(message);
  std::fill_n(words, bytes / sizeof(*words), seed);
  words[0] = wish;
}

Verdict Judge(const void* message, std::size_t bytes) {
  switch (*static_cast<const volatile std::uint64_t*>(message)) {
    case kPing:
    case kFloodEnd:
    case kTransfer: return {.answer = true};
    case kTouch: return {.answer = true, .sum = SumOfLines(message, bytes)};
    default: return {};
  }
}

baton::platform::LaunchOptions Run::ServerCommand() const {
  return {.program = std::filesystem::read_symlink("/proc/self/exe"),
          .arguments = {std::string(kServerWord), variant, std::to_string(server_cpu)}};
}

ServerProcess::ServerProcess(const Run& run) {
  auto [control, their_control] = BlockingSockets();
  auto [socket, their_socket] = BlockingSockets();
  const int inherited[] = {their_control.get(), their_socket.get()};
  auto process = baton::platform::Process::Launch(run.ServerCommand(), inherited);
  BATON_CHECK(process);
  process_ = std::move(*process);
  control_ = std::move(control);
  socket_ = std::move(socket);
  PinTo(run.client_cpu);
}

void ServerProcess::AwaitReady() const {
  char ready;
  BATON_CHECK(read(control_.get(), &ready, 1) == 1);
}

void ReportReady() {
  BATON_CHECK(write(InheritedHandle(0).get(), "R", 1) == 1);
}

int ServerSocket() {
  return InheritedHandle(1).get();
}

void PinTo(int cpu) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(static_cast<std::size_t>(cpu), &cpus);
  BATON_CHECK(sched_setaffinity(0, sizeof(cpus), &cpus) == 0);
}

int PeerMain(int argc, char** argv, const Peer& peer) {
  signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty()) {
    for (const std::string& variant : peer.variants)
      std::printf("%s\t%s\n", peer.name.c_str(), variant.c_str());
    return 0;
  }
  if (words.size() == 3 && words[0] == kServerWord)
    return RunServer(peer, words[1], std::stoi(words[2]));
  if (words.size() < 3 || words.size() > 4 || !std::ranges::count(peer.variants, words[0])) {
    std::fprintf(stderr, "usage: %s [VARIANT CLIENT_CPU SERVER_CPU [round-trips]]\n", argv[0]);
    return 2;
  }
  return RunClient(peer, {.system = words[0].empty() ? peer.name : peer.name + "_" + words[0],
                          .variant = words[0],
                          .client_cpu = std::stoi(words[1]),
                          .server_cpu = std::stoi(words[2]),
                          .round_trips_only = words.back() == kRoundTripsWord});
}

}  // namespace peers
