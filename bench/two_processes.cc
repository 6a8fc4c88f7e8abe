#include "bench/two_processes.h"

#include <sched.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include <baton/base/check.h>
#include <baton/platform/local_socket.h>

namespace bench {
namespace {

constexpr int kOurCpu = 0;

void PinToOurCpu() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(kOurCpu, &cpus);
  BATON_CHECK(sched_setaffinity(0, sizeof(cpus), &cpus) == 0);
}

baton::LaunchOptions ChildThat(const std::string& role) {
  const auto beside = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const int their_cpu = std::thread::hardware_concurrency() > 1 ? 1 : kOurCpu;
  return {.program = beside / "bench_child", .arguments = {role, std::to_string(their_cpu)}};
}

}  // namespace

class ActorPair::Parent final : public PBenchParent {};

ActorPair::ActorPair() : io_(1), parent_(std::make_shared<Parent>()) {
  auto launched = baton::Launch<PBenchParent>(ChildThat("actor"));
  BATON_CHECK(launched);
  process_ = std::move(launched->process);
  BATON_CHECK(std::move(launched->endpoint).Bind(parent_, io_.get_executor()));
  PinToOurCpu();
}

ActorPair::~ActorPair() {
  parent_->Close();
  io_.restart();
  io_.run();
}

PBenchParent& ActorPair::actor() {
  return *parent_;
}

void ActorPair::Ping(const std::vector<std::byte>& payload) {
  bool answered = false;
  parent_->SendPing(payload, [&](boost::system::error_code error, std::vector<std::byte> back) {
    BATON_CHECK(!error && back.size() == payload.size());
    answered = true;
  });
  while (!answered) io_.run_one();
}

baton::Shmem ActorPair::Bounce(baton::Shmem memory) {
  std::optional<baton::Shmem> answer;
  parent_->SendBounce(std::move(memory), [&](boost::system::error_code error, baton::Shmem back) {
    BATON_CHECK(!error);
    answer = std::move(back);
  });
  while (!answer) io_.run_one();
  return std::move(*answer);
}

SocketPair::SocketPair() : poller_(epoll_create1(EPOLL_CLOEXEC)) {
  auto sockets = baton::platform::CreateSocketPair();
  BATON_CHECK(sockets);
  const baton::platform::NativeHandle inherited[] = {sockets->second.get()};
  auto launched = baton::Process::Launch(ChildThat("socket"), inherited);
  BATON_CHECK(launched);
  process_ = std::move(*launched);
  socket_ = std::move(sockets->first);
  epoll_event event = {};
  event.events = EPOLLIN;
  BATON_CHECK(epoll_ctl(poller_.get(), EPOLL_CTL_ADD, socket_.get(), &event) == 0);
  PinToOurCpu();
}

void SocketPair::RoundTrip(std::size_t size) {
  std::array<char, 4096> buffer = {};
  BATON_CHECK(write(socket_.get(), buffer.data(), size) == static_cast<ssize_t>(size));
  for (std::size_t back = 0; back < size;) {
    epoll_event event = {};
    BATON_CHECK(epoll_wait(poller_.get(), &event, 1, -1) == 1);
    const ssize_t now = read(socket_.get(), buffer.data(), buffer.size());
    BATON_CHECK(now > 0);
    back += static_cast<std::size_t>(now);
  }
}

}  // namespace bench
