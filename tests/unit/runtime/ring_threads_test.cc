// Two threads through one ring, asleep and awake in every order: nothing is lost, nothing changes
// places, and no doorbell is forgotten (the watchdog ends a test whose threads wait for each
// other).
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "tests/support/byte_content.h"
#include "tests/support/must.h"
#include "tests/support/watchdog.h"
#include "tests/unit/runtime/ring_memory.h"

namespace baton::internal {
namespace {

using baton::testing::Must;
using baton::testing::PeerEnded;
using baton::testing::PeerThreadScope;
using baton::testing::TakeRecordedFailures;
using baton::testing::Watchdog;

constexpr Lane kLanes[] = {Lane::kControl, Lane::kData};

// Like the byte on a socket that is full: rung twice before it is heard, it is heard once.
class Doorbell {
 public:
  void Ring() {
    const std::lock_guard lock(mutex_);
    rung_ = true;
    changed_.notify_one();
  }

  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return rung_; });
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool rung_ = false;
};

struct Load {
  std::size_t frames;
  std::size_t max_payload;
  std::size_t batch;    // at most so many frames are shown at once
  int reader_patience;  // looks before it falls asleep
};

struct Conversation {
  explicit Conversation(const Load& what) : load(what) {}

  Load load;
  RingMemory memory;
  RingWriter writer{memory.bytes()};
  RingReader reader{memory.bytes()};
  Doorbell reader_bell;
  Doorbell writer_bell;
};

class Writer {
 public:
  explicit Writer(Conversation& shared) : shared_(shared) {}

  void Run() {
    std::size_t until_publish = 1;
    for (std::size_t i = 0; i < shared_.load.frames; ++i) {
      Send(random_() % 4 == 0 ? Lane::kControl : Lane::kData);
      if (--until_publish != 0) continue;
      until_publish = 1 + random_() % shared_.load.batch;
      Publish();
    }
    Publish();
  }

 private:
  void Send(Lane lane) {
    const std::size_t most = shared_.writer.max_payload(lane);
    const std::size_t length = random_() % (std::min(most, shared_.load.max_payload) + 1);
    std::uint64_t& sequence = sequence_[static_cast<std::size_t>(lane)];
    const auto payload = RingPayload(sequence, length);
    const auto header = RingHeader(lane, sequence, length);
    if (lane == Lane::kData && random_() % 2 == 0) {
      const auto room = Must(shared_.writer.Loan(length));
      if (!room.empty()) {
        std::ranges::copy(payload, room.begin());
        shared_.writer.Commit(header);
        ++sequence;
        return;
      }
    }
    while (!Must(shared_.writer.Append(lane, header, payload))) {
      Publish();
      if (Must(shared_.writer.AskForRoom(lane))) shared_.writer_bell.Wait();
    }
    ++sequence;
  }

  void Publish() {
    if (shared_.writer.Publish()) shared_.reader_bell.Ring();
  }

  Conversation& shared_;
  std::array<std::uint64_t, 2> sequence_ = {};
  std::minstd_rand random_{1};
};

class Reader {
 public:
  explicit Reader(Conversation& shared) : shared_(shared) {}

  void Run() {
    int idle = 0;
    while (taken_ < shared_.load.frames) {
      const std::size_t before = taken_;
      for (const Lane lane : kLanes) TakeSome(lane);
      if (random_() % 2 == 0) Release();
      idle = taken_ == before ? idle + 1 : 0;
      if (idle <= shared_.load.reader_patience) continue;
      Release();
      if (Must(shared_.reader.Sleep())) shared_.reader_bell.Wait();
      idle = 0;
    }
  }

  std::size_t wrong() const { return wrong_; }

 private:
  void TakeSome(Lane lane) {
    for (std::size_t i = random_() % 8; i != 0; --i) {
      const FrameHeader* const head = Must(shared_.reader.Head(lane));
      if (head == nullptr) return;
      std::uint64_t& sequence = sequence_[static_cast<std::size_t>(lane)];
      const auto expected = RingPayload(sequence, head->length);
      const bool in_order = head->sequence == sequence;
      const auto payload = shared_.reader.Take(lane);
      const bool is_whole = testing::HoldSame(payload, expected);
      if (!in_order || !is_whole) ++wrong_;
      ++sequence;
      ++taken_;
    }
  }

  void Release() {
    if (shared_.reader.Release()) shared_.writer_bell.Ring();
  }

  Conversation& shared_;
  std::array<std::uint64_t, 2> sequence_ = {};
  std::size_t taken_ = 0;
  std::size_t wrong_ = 0;
  std::minstd_rand random_{2};
};

TEST_CASE("two threads lose nothing in a ring, and nobody sleeps for ever") {
  const auto load = GENERATE(values<Load>({
      {300'000 / BATON_TEST_SLOWNESS, 100, 1, 0},      // the reader is mostly asleep
      {300'000 / BATON_TEST_SLOWNESS, 100, 20, 2},     // batches
      {300'000 / BATON_TEST_SLOWNESS, 64, 1, 1000},    // the reader is mostly awake
      {20'000 / BATON_TEST_SLOWNESS, 16'384, 4, 0},    // the writer waits for room
      {20'000 / BATON_TEST_SLOWNESS, 16'384, 1, 100},  // both wait now and then
  }));
  CAPTURE(load.frames, load.max_payload, load.batch, load.reader_patience);
  const Watchdog watchdog;
  Conversation shared(load);
  std::jthread writer([&] {
    const PeerThreadScope fails_without_catch;
    try {
      Writer(shared).Run();
    } catch (const PeerEnded&) {
    }
  });
  Reader reader(shared);
  reader.Run();
  writer.join();
  CHECK(reader.wrong() == 0);
  CHECK(TakeRecordedFailures().empty());
  for (const Lane lane : kLanes) CHECK(Must(shared.reader.Head(lane)) == nullptr);
}

}  // namespace
}  // namespace baton::internal
