// The other side of a ring writes whatever it likes, wherever it likes, whenever it likes.
//
// The last test races on plain memory by intention, so this file is not one of those that run under
// the thread sanitizer (*_threads_test.cc).
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstring>
#include <limits>
#include <random>
#include <thread>
#include <vector>

#include "tests/support/must.h"
#include "tests/support/watchdog.h"
#include "tests/unit/runtime/ring_memory.h"

namespace baton::internal {
namespace {

using baton::testing::Must;
using baton::testing::Watchdog;

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

// A reader that has taken `kBefore` bytes of each lane, and a memory of which all else is ours.
struct Victim {
  static constexpr std::uint64_t kBefore = 104;

  RingMemory memory;
  RingWriter writer{memory.bytes()};
  RingReader reader{memory.bytes()};

  Victim() {
    for (const Lane lane : {Lane::kControl, Lane::kData}) {
      Must(writer.Append(lane, RingHeader(lane, 0, 64), RingPayload(0, 64)));
      static_cast<void>(writer.Publish());
      Must(reader.Head(lane));
      reader.Take(lane);
    }
    static_cast<void>(reader.Release());
    static_cast<void>(Must(reader.Sleep()));
  }

  std::uint64_t& written(Lane lane) {
    return memory.words().written[static_cast<std::size_t>(lane)].bytes;
  }
  std::uint64_t& read(Lane lane) {
    return memory.words().read[static_cast<std::size_t>(lane)].bytes;
  }
  std::uint32_t& waits(Lane lane) {
    return memory.words().writer_waits[static_cast<std::size_t>(lane)].set;
  }

  // Puts a header where the reader looks next, and claims that `available` bytes are there.
  void Claim(Lane lane, const FrameHeader& header, std::uint64_t available) {
    const auto bytes = EncodeHeader(header);
    std::copy(bytes.begin(), bytes.end(), memory.ring(lane).begin() + kBefore);
    written(lane) = kBefore + available;
  }
};

std::error_code ErrorOf(const auto& result) {
  return result ? std::error_code() : result.error();
}

std::vector<std::uint64_t> Joined(const std::vector<std::vector<std::uint64_t>>& parts) {
  std::vector<std::uint64_t> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

TEST_CASE("a count of written bytes that cannot be breaks the ring") {
  const Lane lane = GENERATE(Lane::kControl, Lane::kData);
  Victim victim;
  const std::uint64_t capacity = victim.memory.ring(lane).size();
  constexpr std::uint64_t kBefore = Victim::kBefore;
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 63;
  const std::vector<std::uint64_t> back = {0, 1, 8, kBefore - 8, kBefore - 1};
  const std::vector<std::uint64_t> no_word = {kBefore + 1, kBefore + 41, kBefore + 47};
  const std::vector<std::uint64_t> too_far = {kBefore + capacity + 1,
                                              kBefore + capacity + 8,
                                              kBefore + 2 * capacity,
                                              kHalf,
                                              kHalf + kBefore,
                                              kMost - 7,
                                              kMost};
  for (const std::uint64_t value : Joined({back, no_word, too_far})) {
    CAPTURE(lane, value);
    victim.written(lane) = value;
    victim.waits(lane) = 1;
    CHECK(ErrorOf(victim.reader.Head(lane)) == Rule::kRing);
    CHECK(ErrorOf(victim.reader.Sleep()) == Rule::kRing);
    CHECK_FALSE(victim.reader.Release());
  }
}

TEST_CASE("less than a header cannot be a record") {
  const Lane lane = GENERATE(Lane::kControl, Lane::kData);
  const std::uint64_t available = GENERATE(8, 16, 24, 32);
  CAPTURE(lane, available);
  Victim victim;
  victim.Claim(lane, RingHeader(lane, 1, 0), available);
  CHECK(ErrorOf(victim.reader.Head(lane)) == Rule::kRing);
}

TEST_CASE("a count of read bytes that cannot be breaks the ring") {
  const Lane lane = GENERATE(Lane::kControl, Lane::kData);
  Victim victim;
  constexpr std::uint64_t kBefore = Victim::kBefore;
  // The largest there is, so that the writer has to ask for the reader's count.
  const std::size_t length = victim.writer.max_payload(lane);
  const auto payload = RingPayload(1, length);
  while (Must(victim.writer.Append(lane, RingHeader(lane, 1, length), payload))) {
  }
  static_cast<void>(victim.writer.Publish());
  const std::uint64_t published = victim.written(lane);
  const std::vector<std::uint64_t> back = {0, kBefore - 8};
  const std::vector<std::uint64_t> no_word = {kBefore + 1, published - 1};
  const std::vector<std::uint64_t> too_far = {published + 1, published + 8, kMost - 7, kMost};
  for (const std::uint64_t value : Joined({back, no_word, too_far})) {
    CAPTURE(lane, value);
    victim.read(lane) = value;
    const auto header = RingHeader(lane, 2, length);
    CHECK(ErrorOf(victim.writer.Append(lane, header, payload)) == Rule::kRing);
    CHECK(ErrorOf(victim.writer.AskForRoom(lane)) == Rule::kRing);
  }
}

TEST_CASE("what was appended but not published cannot have been read") {
  Victim victim;
  const std::size_t length = victim.writer.max_payload(Lane::kData);
  const auto payload = RingPayload(1, length);
  const auto header = RingHeader(Lane::kData, 1, length);
  while (Must(victim.writer.Append(Lane::kData, header, payload))) {
  }
  victim.read(Lane::kData) = Victim::kBefore + 8;
  CHECK(ErrorOf(victim.writer.Append(Lane::kData, header, payload)) == Rule::kRing);
}

TEST_CASE("a record has to lie within what was written, by the limits of its lane") {
  struct Row {
    const char* what;
    Lane lane;
    FrameHeader header;
    std::uint64_t available;
    Rule broken;
  };
  const auto control = [](std::size_t length) { return RingHeader(Lane::kControl, 1, length); };
  const auto data = [](std::size_t length) { return RingHeader(Lane::kData, 1, length); };
  FrameHeader with_handles = data(0);
  with_handles.handles = 1;
  FrameHeader no_message = data(0);
  no_message.message = 0;
  const Row rows[] = {
      {"one byte too long", Lane::kData, data(1), 40, Rule::kRing},
      {"one word too long", Lane::kData, data(17), 56, Rule::kRing},
      {"the largest, not there", Lane::kData, data(32728), 32760, Rule::kRing},
      {"over the limit", Lane::kData, data(32729), 40000, Rule::kFrameTooLarge},
      {"over the limit of control", Lane::kControl, control(4097), 8192, Rule::kFrameTooLarge},
      {"enormous", Lane::kData, data(0xffffffff), 65536, Rule::kFrameTooLarge},
      {"control in the data lane", Lane::kData, control(0), 40, Rule::kFrameHeader},
      {"data in the control lane", Lane::kControl, data(0), 40, Rule::kFrameHeader},
      {"handles", Lane::kData, with_handles, 40, Rule::kHandleCount},
      {"no message", Lane::kData, no_message, 40, Rule::kFrameHeader},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Victim victim;
    victim.Claim(row.lane, row.header, row.available);
    CHECK(ErrorOf(victim.reader.Head(row.lane)) == row.broken);
  }
  Victim victim;
  victim.Claim(Lane::kData, data(32728), 32768);
  CHECK(Must(victim.reader.Head(Lane::kData))->length == 32728);
}

TEST_CASE("a header is believed as it was when it was first seen") {
  Victim victim;
  victim.Claim(Lane::kData, RingHeader(Lane::kData, 1, 8), 48);
  const FrameHeader* const head = Must(victim.reader.Head(Lane::kData));
  CHECK(head->length == 8);
  const auto bytes = victim.memory.bytes();
  std::fill(bytes.begin(), bytes.end(), std::byte{0xff});
  CHECK(Must(victim.reader.Head(Lane::kData))->length == 8);
  const auto payload = victim.reader.Take(Lane::kData);
  CHECK(payload.size() == 8);
  const auto copy = victim.reader.CopyOut(payload);
  std::fill(bytes.begin(), bytes.end(), std::byte{0xee});
  REQUIRE(copy.size() == 8);
  CHECK(copy[0] == std::byte{0xff});
  CHECK(payload[0] == std::byte{0xee});  // it lies where the writer can still change it
}

TEST_CASE("a payload that runs over the end of the ring is a private copy at once") {
  RingMemory memory;
  RingWriter writer(memory.bytes());
  RingReader reader(memory.bytes());
  const std::size_t length = 30'000;
  const auto payload = RingPayload(1, length);
  for (int i = 0; i < 2; ++i) {
    REQUIRE(Must(writer.Append(Lane::kData, RingHeader(Lane::kData, 1, length), payload)));
    static_cast<void>(writer.Publish());
    Must(reader.Head(Lane::kData));
    reader.Take(Lane::kData);
    static_cast<void>(reader.Release());
  }
  REQUIRE(Must(writer.Append(Lane::kData, RingHeader(Lane::kData, 1, length), payload)));
  static_cast<void>(writer.Publish());
  Must(reader.Head(Lane::kData));
  const auto taken = reader.Take(Lane::kData);
  std::ranges::fill(memory.ring(Lane::kData), std::byte{0xee});
  CHECK(std::ranges::equal(taken, payload));
  CHECK(reader.CopyOut(taken).data() == taken.data());
}

TEST_CASE("a loan that was never committed is nothing to the reader") {
  Victim victim;
  const auto room = Must(victim.writer.Loan(1000));
  REQUIRE(room.size() == 1000);
  std::ranges::fill(room, std::byte{0xff});
  CHECK_FALSE(victim.writer.Publish());
  CHECK(Must(victim.reader.Head(Lane::kData)) == nullptr);
  REQUIRE(
      Must(victim.writer.Append(Lane::kData, RingHeader(Lane::kData, 1, 8), RingPayload(1, 8))));
  static_cast<void>(victim.writer.Publish());
  CHECK(Must(victim.reader.Head(Lane::kData))->length == 8);
}

TEST_CASE("who lends room believes the reader's count no more than who appends") {
  Victim victim;
  while (
      Must(victim.writer.Append(Lane::kData, RingHeader(Lane::kData, 1, 8), RingPayload(1, 8)))) {
  }
  static_cast<void>(victim.writer.Publish());
  CHECK(Must(victim.writer.Loan(8)).empty());
  victim.read(Lane::kData) = victim.written(Lane::kData) + 8;
  CHECK(ErrorOf(victim.writer.Loan(8)) == Rule::kRing);
}

TEST_CASE("flags of any value cost one doorbell a call") {
  const std::uint32_t value = GENERATE(1U, 2U, 0x80000000U, 0xffffffffU);
  Victim victim;
  victim.memory.words().reader_sleeps.set = value;
  const auto payload = RingPayload(1, 8);
  const auto header = RingHeader(Lane::kData, 1, 8);
  CHECK(Must(victim.writer.Append(Lane::kData, header, payload)));
  CHECK(victim.writer.Publish());
  CHECK(Must(victim.writer.Append(Lane::kData, header, payload)));
  CHECK_FALSE(victim.writer.Publish());
  victim.waits(Lane::kData) = value;
  Must(victim.reader.Head(Lane::kData));
  victim.reader.Take(Lane::kData);
  CHECK(victim.reader.Release());
  CHECK_FALSE(victim.reader.Release());
}

// Takes what there is, at most `most` frames; the rule that was broken, if one was.
std::error_code Read(RingReader& reader, int most) {
  for (int i = 0; i < most; ++i) {
    for (const Lane lane : {Lane::kControl, Lane::kData}) {
      const auto head = reader.Head(lane);
      if (!head) return head.error();
      if (*head == nullptr) continue;
      const std::size_t length = (*head)->length;
      const auto payload = reader.Take(lane);
      if (payload.size() != length || length > kMaxRingPayload) return Errc::kInvalidValue;
    }
    static_cast<void>(reader.Release());
    const auto asleep = reader.Sleep();
    if (!asleep) return asleep.error();
  }
  return {};
}

bool IsRule(std::error_code error) {
  return error.category() == RuleCategory();
}

TEST_CASE("a reader survives every content of the memory") {
  std::mt19937_64 random(4);
  int broken = 0;
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    Victim victim;
    auto bytes = victim.memory.bytes();
    const std::size_t begin = round % 3 == 0 ? 0 : kRingWordsSize;  // with the words, or without
    for (std::size_t at = begin; at < bytes.size(); at += 8) {
      const std::uint64_t value = round % 2 == 0 ? random() : random() % 64;
      std::memcpy(bytes.data() + at, &value, sizeof(value));
    }
    if (begin != 0) victim.written(Lane::kData) = Victim::kBefore + 65536;
    const std::error_code error = Read(victim.reader, 1000);
    if (error) CHECK(IsRule(error));
    broken += error ? 1 : 0;
  }
  CHECK(broken > 200);
}

// Writes over all of the memory, often with values that look well: counts and headers.
void Scribble(std::span<std::byte> memory, const std::atomic<bool>& stop) {
  std::mt19937_64 random(5);
  const auto header = EncodeHeader(RingHeader(Lane::kData, 1, 60));
  while (!stop.load(std::memory_order_relaxed)) {
    for (int i = 0; i < 64; ++i) {
      const bool is_word = random() % 2 == 0;
      const std::size_t at = is_word ? random() % 7 * kRingAlignment : random() % memory.size();
      std::uint64_t value = random() % 4 == 0 ? random() : random() % 4096 * 8;
      if (!is_word && random() % 2 == 0) std::memcpy(&value, header.data() + at % 5 * 8, 8);
      auto& target = *reinterpret_cast<std::uint64_t*>(memory.data() + at / 8 * 8);
      std::atomic_ref(target).store(value, std::memory_order_relaxed);
    }
  }
}

TEST_CASE("both sides survive a third who scribbles while they work") {
  const Watchdog watchdog;
  RingMemory memory;
  std::atomic<bool> stop = false;
  std::thread scribbler([&] { Scribble(memory.bytes(), stop); });
  int readers_broken = 0;
  int writers_broken = 0;
  bool only_rules = true;
  const auto count = [&](std::error_code error, int& broken) {
    only_rules = only_rules && (!error || IsRule(error));
    broken += error ? 1 : 0;
  };
  const auto payload = RingPayload(1, 1000);
  while (readers_broken < 2000 || writers_broken < 100) {
    RingReader reader(memory.bytes());
    count(Read(reader, 100), readers_broken);
    RingWriter writer(memory.bytes());
    std::error_code error;
    for (int i = 0; i < 100 && !error; ++i) {
      const auto fits = writer.Append(Lane::kData, RingHeader(Lane::kData, 1, 1000), payload);
      static_cast<void>(writer.Publish());
      error = fits ? ErrorOf(writer.AskForRoom(Lane::kData)) : fits.error();
    }
    count(error, writers_broken);
  }
  stop = true;
  scribbler.join();
  CHECK(only_rules);
}

}  // namespace
}  // namespace baton::internal
