// The other process of the benchmarks.
//
//   bench_child actor CPU     answers PBench; actor-asleep without spinning, actor-unrevoked keeps
//                             its access to memory that it hands over
//   bench_child flood CPU     sends Volleys as fast as there is room, without an end
//
// and what it is held against (yardsticks.h):
//   bench_child socket CPU    sends back what comes, epoll and a bare socket
//   bench_child pictures CPU  reads what lies in memory that both map (pictures.h)
//   bench_child ring-spin CPU, ring-futex CPU, ring-epoll CPU, stream CPU
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include <baton/async.h>
#include <baton/baton.h>

#include "bench/pictures.h"
#include "bench/yardsticks.h"
#include "benchChild.h"

namespace {

class BenchChild final : public bench::PBenchChild {
  baton::Result<void> RecvVolley(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d,
                                 std::uint64_t e, std::uint64_t f, std::uint64_t g,
                                 std::uint64_t h) override {
    return SendVolley(a, b, c, d, e, f, g, h);
  }

  baton::Result<void> RecvPass(baton::Shmem memory) override { return SendPass(std::move(memory)); }

  void RecvAsk(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d, std::uint64_t e,
               std::uint64_t f, std::uint64_t g, std::uint64_t h, AskReplier reply) override {
    reply(a + b + c + d + e + f + g + h);
  }

  baton::Result<void> RecvWord(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t,
                               std::uint64_t, std::uint64_t, std::uint64_t,
                               std::uint64_t) override {
    ++messages_;
    return {};
  }
  baton::Result<void> RecvPiece(std::vector<std::byte>) override {
    ++messages_;
    return {};
  }
  void RecvCount(CountReplier reply) override { reply(std::exchange(messages_, 0)); }

  void RecvPing(std::vector<std::byte> payload, PingReplier reply) override {
    reply(std::move(payload));
  }

  // Touches every page the first time, so that there are page tables to revoke on this side, too.
  void RecvBounce(baton::Shmem memory, BounceReplier reply) override {
    if (touched_.insert(memory.id()).second) std::ranges::fill(memory.bytes(), std::byte{2});
    reply(std::move(memory));
  }

  void RecvShow(baton::Shmem picture, ShowReplier reply) override {
    shown_ = std::move(picture);
    reply(bench::SumOf(shown_.bytes()));
  }

  baton::Shmem shown_;
  std::set<baton::ShmemId> touched_;
  std::uint64_t messages_ = 0;
};

int AnswerAsActor(const baton::ChannelOptions& options) {
  boost::asio::io_context io(1);
  auto endpoint = baton::InheritedEndpoint<bench::PBenchChild>();
  if (!endpoint) return 2;
  if (!std::move(*endpoint).Bind(std::make_shared<BenchChild>(), io.get_executor(), options))
    return 1;
  io.run();
  return 0;
}

void Flood(bench::PBenchChild& actor) {
  while (actor.SendVolley(1, 2, 3, 4, 5, 6, 7, 8)) {
  }
  actor.Drained([&actor](boost::system::error_code error) {
    if (!error) Flood(actor);
  });
}

int FloodAsActor() {
  boost::asio::io_context io(1);
  auto endpoint = baton::InheritedEndpoint<bench::PBenchChild>();
  if (!endpoint) return 2;
  const auto actor = std::make_shared<BenchChild>();
  if (!std::move(*endpoint).Bind(actor, io.get_executor())) return 1;
  Flood(*actor);
  io.run();
  return 0;
}

int AnswerOnSocket() {
  auto socket = baton::platform::TakeInherited(0);
  if (!socket) return 2;
  const baton::platform::Handle poller(epoll_create1(EPOLL_CLOEXEC));
  epoll_event event = {};
  event.events = EPOLLIN;
  if (epoll_ctl(poller.get(), EPOLL_CTL_ADD, socket->get(), &event) != 0) return 1;
  std::array<char, 4096> buffer;
  for (;;) {
    if (epoll_wait(poller.get(), &event, 1, -1) != 1) return 1;
    const ssize_t size = read(socket->get(), buffer.data(), buffer.size());
    if (size <= 0) return 0;
    if (write(socket->get(), buffer.data(), static_cast<std::size_t>(size)) != size) return 1;
  }
}

int AnswerAs(const std::string& role) {
  if (role.starts_with("actor")) {
    baton::ChannelOptions options;
    options.max_shmem_count = 2000;  // the tables of pieces are what one measurement is about
    if (role.find("-asleep") != std::string::npos) options.max_spin = {};
    if (role.find("-unrevoked") != std::string::npos) {
      options.revocation = baton::platform::Revocation::kNone;
    }
    return AnswerAsActor(options);
  }
  if (role == "flood") return FloodAsActor();
  if (role == "socket") return AnswerOnSocket();
  if (role == "stream") bench::AnswerOnStream();
  if (role == "pictures") bench::AnswerOnPictures();
  if (role == "ring-spin") bench::AnswerOnRing(bench::Waiting::kSpinInTurn);
  if (role == "ring-futex") bench::AnswerOnRing(bench::Waiting::kFutex);
  if (role == "ring-epoll") bench::AnswerOnRing(bench::Waiting::kEpoll);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // a ring does not tell that nobody is left
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(static_cast<std::size_t>(std::atoi(argv[2])), &cpus);
  if (sched_setaffinity(0, sizeof(cpus), &cpus) != 0) return 1;
  return AnswerAs(argv[1]);
}
