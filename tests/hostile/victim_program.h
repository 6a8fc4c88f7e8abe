// A victim in a process (or thread) of its own, bound through the public API to one channel after
// the other, with a bystander beside it. What became of each channel it tells the test.
//
//   PEER(Victim) {
//     RunVictims(std::move(channel_end));
//   }
//
// The other side of it is evil_peer.h.
#pragma once

#include <poll.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <baton/async.h>
#include <baton/baton.h>
#include <baton/platform/local_socket.h>
#include <baton/platform/received_handle.h>

#include "tests/process/echo_actors.h"
#include "tests/support/must.h"
#include "tests/support/patience.h"

namespace baton::testing {

// Set in the byte of an order: the victim has its process for itself, and counts its open files.
inline constexpr std::uint8_t kCountsFiles = 0x80;

// With what options the next victim is bound.
enum class VictimKind : std::uint8_t {
  kBystander,        // the honest one, first and once
  kPlain,            // without a ring of its own: all it says goes through the socket
  kBorrows,          // all memory, and has no ring
  kBorrowsRing,      // its ring as well
  kHasLittleMemory,  // kLittleMemory bytes, four pieces
};

inline constexpr std::uint64_t kLittleMemory = std::uint64_t{1} << 20;

inline ChannelOptions OptionsOf(VictimKind kind) {
  ChannelOptions options;
  options.close_deadline = std::chrono::milliseconds(10);  // liars read no goodbye
  if (kind == VictimKind::kBystander) return options;
  options.ring_bytes = 0;
  switch (kind) {
    case VictimKind::kBystander:
    case VictimKind::kPlain: break;
    case VictimKind::kBorrowsRing: options.ring_bytes = std::size_t{64} << 10; [[fallthrough]];
    case VictimKind::kBorrows: options.memory_from = MemorySource::kPeer; break;
    case VictimKind::kHasLittleMemory:
      options.max_shmem_bytes = kLittleMemory;
      options.max_shmem_count = 4;
      break;
  }
  return options;
}

// What Count makes it do; other numbers are answered with the next one.
enum VictimDeed : std::uint64_t {
  kAskForShmem = 1'000'000'001,
  kAskForUnsafe,
  kReadKept,  // every byte, a few times; answers with how many bytes there were
};

// What became of a channel, or how it goes.
struct Verdict {
  enum Space : std::int32_t { kNone, kRule, kErrc, kOther };
  Space space = kNone;
  std::int32_t value = 0;
  std::int32_t handler_errors = 0;  // shortages, of messages that were refused
  std::int32_t open_files = 0;      // of a victim in a process; 0 of a thread, which shares them
  std::uint64_t messages_received = 0;
  std::uint64_t shmem_bytes_received = 0;
};

class Victim final : public EchoChild {
 public:
  std::function<void()> on_end = [] {};

 protected:
  Result<void> RecvKeep(Shmem memory) override {
    held_ = std::move(memory);
    return {};
  }
  void RecvGiveBack(GiveBackReplier reply) override {
    if (held_.state() != ShmemState::kOwned) return reply(std::nullopt);
    reply(std::move(held_));
  }
  Result<void> RecvCount(std::uint64_t deed) override {
    switch (deed) {
      case kAskForShmem:
        AllocShmemAsync(4096,
                        [this](boost::system::error_code, Shmem lent) { held_ = std::move(lent); });
        return {};
      case kAskForUnsafe:
        AllocUnsafeShmemAsync(4096, [this](boost::system::error_code, UnsafeShmem lent) {
          shared_ = std::move(lent);
        });
        return {};
      case kReadKept: return SendCounted(ReadKept());
      default: return SendCounted(deed + 1);
    }
  }
  void ActorDestroy(ActorDestroyReason why) override {
    EchoChild::ActorDestroy(why);
    on_end();
  }

 private:
  // One at a time, as a parser would.
  std::uint64_t ReadKept() {
    std::uint64_t sum = 0;
    for (int turn = 0; turn < 20; ++turn) {
      for (const volatile std::byte& byte : held_.bytes()) sum += std::to_integer<unsigned>(byte);
    }
    sum_ = sum;
    return held_.bytes().size();
  }

  std::uint64_t sum_ = 0;
  Shmem held_;
  UnsafeShmem shared_;
};

// Without a file system, which a victim that is locked up does not have. What was refused may be
// closed by a thread, in a moment; one that is held up is not waited for for long.
inline int CountOpenFiles() {
  const auto until = std::chrono::steady_clock::now() + kPatience / 10;
  while (platform::ForeignHandlesOpen() > 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  std::array<pollfd, 1024> all = {};
  for (std::size_t fd = 0; fd < all.size(); ++fd) all[fd].fd = static_cast<int>(fd);
  PEER_EXPECT(::poll(all.data(), all.size(), 0) >= 0);
  return static_cast<int>(
      std::ranges::count_if(all, [](const pollfd& one) { return (one.revents & POLLNVAL) == 0; }));
}

class VictimHost {
 public:
  explicit VictimHost(platform::Handle control)
      : control_(std::move(control)), watch_(io_, control_.get()) {
    AwaitOrder();
  }
  ~VictimHost() { watch_.release(); }

  void Run() {
    io_.run();
    PEER_EXPECT(victim_ == nullptr);
    PEER_EXPECT(bystander_->destroyed == 1);
    PEER_EXPECT(bystander_->reason == ActorDestroyReason::kNormalShutdown);
  }

 private:
  void AwaitOrder() {
    watch_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [this](boost::system::error_code error) {
                        if (!error) TakeOrder();
                      });
  }

  // A byte and the channel's end. The end of the stream: no more of them.
  void TakeOrder() {
    std::uint8_t order = 0;
    std::vector<platform::Handle> handles;
    const auto into = std::as_writable_bytes(std::span(&order, 1));
    const auto received = platform::ReceiveSome(control_, into, handles);
    if (!received || *received == 0) return;
    PEER_EXPECT(handles.size() == 1);
    counts_files_ = (order & kCountsFiles) != 0;
    Bind(static_cast<VictimKind>(order & ~kCountsFiles), std::move(handles.front()));
    AwaitOrder();
  }

  void Bind(VictimKind kind, platform::Handle end) {
    if (kind == VictimKind::kBystander) {
      bystander_ = std::make_shared<EchoChild>();
      return Must(EndpointOf<::testing::PEchoChild>(std::move(end))
                      .Bind(bystander_, io_.get_executor(), OptionsOf(kind)));
    }
    victim_ = std::make_shared<Victim>();
    // Reported when all that ends with the channel is gone.
    victim_->on_end = [this] {
      boost::asio::post(io_, [this] {
        Verdict verdict = Judge(*victim_);
        PEER_EXPECT(victim_->destroyed == 1);
        victim_.reset();
        boost::asio::post(io_, [this, verdict] { Report(verdict); });
      });
    };
    Must(EndpointOf<::testing::PEchoChild>(std::move(end))
             .Bind(victim_, io_.get_executor(), OptionsOf(kind)));
  }

  static Verdict Judge(const Victim& victim) {
    Verdict verdict;
    const std::error_code error = victim.close_error();
    verdict.value = error.value();
    verdict.space = !error                               ? Verdict::kNone
                    : error.category() == RuleCategory() ? Verdict::kRule
                    : error.category() == ErrcCategory() ? Verdict::kErrc
                                                         : Verdict::kOther;
    verdict.handler_errors = static_cast<std::int32_t>(victim.handler_errors.size());
    verdict.messages_received = victim.statistics().messages_received;
    verdict.shmem_bytes_received = victim.traffic().shmem_bytes_received;
    return verdict;
  }

  void Report(Verdict verdict) {
    if (counts_files_) verdict.open_files = CountOpenFiles();
    const auto bytes = std::as_bytes(std::span(&verdict, 1));
    PEER_EXPECT(Must(platform::SendSome(control_, bytes, {})) == bytes.size());
  }

  boost::asio::io_context io_;
  const platform::Handle control_;
  boost::asio::posix::stream_descriptor watch_;  // watches, does not own
  bool counts_files_ = false;
  std::shared_ptr<EchoChild> bystander_;
  std::shared_ptr<Victim> victim_;
};

inline void RunVictims(platform::Handle channel_end) {
  VictimHost(std::move(channel_end)).Run();
}

}  // namespace baton::testing
