#include "runtime/channel/byte_queue.h"

#include <catch2/catch.hpp>
#include <deque>
#include <random>
#include <vector>

#include "tests/support/byte_content.h"

namespace baton::internal {
namespace {

using testing::CountingBytes;
using testing::HoldSame;

TEST_CASE("a piece stays whole and where it is until it is popped") {
  const unsigned seed = GENERATE(1U, 2U, 3U, 4U, 5U);
  CAPTURE(seed);
  std::mt19937 random(seed);
  ByteQueue queue;
  struct Piece {
    std::span<const std::byte> stored;
    std::vector<std::byte> expected;
  };
  std::deque<Piece> pieces;
  const std::size_t sizes[] = {1, 50, 5000, 200'000};  // the last is more than one block
  for (unsigned i = 0; i < 3000; ++i) {
    if (random() % 100 < (i / 300 % 2 == 0 ? 60U : 40U)) {  // fills, empties, fills
      const auto head = CountingBytes(40, i);
      const auto body = CountingBytes(random() % sizes[random() % std::size(sizes)], i * 7);
      std::vector<std::byte> expected = head;
      expected.insert(expected.end(), body.begin(), body.end());
      pieces.push_back({queue.Push(head, body), std::move(expected)});
    } else if (!pieces.empty()) {
      CHECK(HoldSame(pieces.front().stored, pieces.front().expected));
      queue.Pop(pieces.front().stored.size());
      pieces.pop_front();
    }
  }
  for (const Piece& piece : pieces) CHECK(HoldSame(piece.stored, piece.expected));
}

TEST_CASE("a queue that fills and empties uses the same memory again") {
  ByteQueue queue;
  const auto head = CountingBytes(40, 1);
  const auto body = CountingBytes(10'000, 2);
  const std::byte* const first = queue.Push(head, body).data();
  queue.Pop(10'040);
  CHECK(queue.Push(head, body).data() == first);
  queue.Pop(10'040);
}

TEST_CASE("a cleared queue can be used again") {
  ByteQueue queue;
  for (int i = 0; i < 10; ++i) queue.Push(CountingBytes(40, 1), CountingBytes(50'000, 2));
  queue.Clear();
  const auto piece = queue.Push(CountingBytes(40, 5), {});
  CHECK(HoldSame(piece, CountingBytes(40, 5)));
  queue.Pop(40);
}

}  // namespace
}  // namespace baton::internal
