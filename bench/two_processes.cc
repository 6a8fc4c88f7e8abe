#include "bench/two_processes.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>

#include <baton/base/check.h>
#include <baton/platform/local_socket.h>

namespace bench {

class ActorPair::Parent final : public PBenchParent {
 public:
  std::uint64_t volleys = 0;  // still to come back
  std::uint64_t passes = 0;   // the same
  baton::Shmem passed;        // by the last of them

 private:
  baton::Result<void> RecvVolley(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t,
                                 std::uint64_t, std::uint64_t, std::uint64_t,
                                 std::uint64_t) override {
    if (--volleys == 0) return {};
    return SendVolley(1, 2, 3, 4, 5, 6, 7, 8);
  }

  baton::Result<void> RecvPass(baton::Shmem memory) override {
    if (--passes != 0) return SendPass(std::move(memory));
    passed = std::move(memory);
    return {};
  }
};

ActorPair::ActorPair(Placement placement, ActorsWait wait, std::size_t ring_bytes)
    : io_(1), parent_(std::make_shared<Parent>()) {
  baton::ChannelOptions options;
  if (wait == ActorsWait::kAsleep) options.max_spin = {};
  options.ring_bytes = ring_bytes;
  Start(wait == ActorsWait::kAsleep ? "actor-asleep" : "actor", placement, options);
}

ActorPair::ActorPair(const baton::ChannelOptions& options)
    : io_(1), parent_(std::make_shared<Parent>()) {
  const bool revokes = options.revocation != baton::platform::Revocation::kNone;
  Start(revokes ? "actor" : "actor-unrevoked", Placement::kTwoCpus, options);
}

void ActorPair::Start(const std::string& role, Placement placement,
                      const baton::ChannelOptions& options) {
  auto launched = baton::Launch<PBenchParent>(ChildThat(role, placement));
  BATON_CHECK(launched);
  process_ = std::move(launched->process);
  BATON_CHECK(std::move(launched->endpoint).Bind(parent_, io_.get_executor(), options));
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

void ActorPair::Volleys(std::uint64_t rounds) {
  parent_->volleys = rounds;
  BATON_CHECK(parent_->SendVolley(1, 2, 3, 4, 5, 6, 7, 8));
  while (parent_->volleys != 0) io_.run_one();
}

void ActorPair::Ask() {
  bool answered = false;
  parent_->SendAsk(1, 2, 3, 4, 5, 6, 7, 8, [&](boost::system::error_code error, std::uint64_t sum) {
    BATON_CHECK(!error && sum == 36);
    answered = true;
  });
  while (!answered) io_.run_one();
}

template <class Send>
void ActorPair::SendAll(std::uint64_t messages, Send send) {
  bool arrived = false;
  for (std::uint64_t sent = 0; sent < messages;) {
    const auto done = send(sent);
    if (done) {
      ++sent;
      continue;
    }
    BATON_CHECK(done.error() == baton::Errc::kWouldBlock);
    bool drained = false;
    parent_->Drained([&](boost::system::error_code error) {
      BATON_CHECK(!error);
      drained = true;
    });
    while (!drained) io_.run_one();
  }
  parent_->SendCount([&](boost::system::error_code error, std::uint64_t count) {
    BATON_CHECK(!error && count == messages);
    arrived = true;
  });
  while (!arrived) io_.run_one();
}

void ActorPair::OneWay(std::uint64_t messages) {
  SendAll(messages, [&](std::uint64_t n) { return parent_->SendWord(n, 2, 3, 4, 5, 6, 7, 8); });
}

void ActorPair::OneWay(std::uint64_t messages, const std::vector<std::byte>& piece) {
  SendAll(messages, [&](std::uint64_t) { return parent_->SendPiece(piece); });
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

baton::Shmem ActorPair::Passes(baton::Shmem memory, std::uint64_t rounds) {
  parent_->passes = rounds;
  BATON_CHECK(parent_->SendPass(std::move(memory)));
  while (parent_->passes != 0) io_.run_one();
  return std::move(parent_->passed);
}

void ActorPair::Show(std::size_t size) {
  auto picture = parent_->AllocShmem(size);
  BATON_CHECK(picture);
  std::memset(picture->bytes().data(), ++shown_ % 250, size);
  bool is_read = false;
  parent_->SendShow(std::move(*picture), [&](boost::system::error_code error, std::uint64_t) {
    BATON_CHECK(!error);
    is_read = true;
  });
  while (!is_read) io_.run_one();
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
