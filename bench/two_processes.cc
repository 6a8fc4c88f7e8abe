#include "bench/two_processes.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <optional>

#include <baton/base/check.h>
#include <baton/platform/local_socket.h>

namespace bench {
class ActorPair::Parent final : public PBenchParent {};

ActorPair::ActorPair(Placement placement) : io_(1), parent_(std::make_shared<Parent>()) {
  auto launched = baton::Launch<PBenchParent>(ChildThat("actor", placement));
  BATON_CHECK(launched);
  process_ = std::move(launched->process);
  PinToOurCpu();  // before Bind, which looks how many processors there are
  BATON_CHECK(std::move(launched->endpoint).Bind(parent_, io_.get_executor()));
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

SocketPair::SocketPair(Placement placement) : poller_(epoll_create1(EPOLL_CLOEXEC)) {
  auto sockets = baton::platform::CreateSocketPair();
  BATON_CHECK(sockets);
  const baton::platform::NativeHandle inherited[] = {sockets->second.get()};
  auto launched = baton::Process::Launch(ChildThat("socket", placement), inherited);
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
