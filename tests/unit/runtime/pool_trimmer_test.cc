#include "runtime/channel/pool_trimmer.h"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "tests/support/leak_check.h"
#include "tests/support/two_sides.h"

namespace baton::internal {
namespace {

using testing::Must;

std::uint64_t pressure = 0;

std::uint64_t CountPressure() {
  return pressure;
}

struct LookedAfter {
  LookedAfter() { PoolTrimmer::LookAfter(sides.parent, io.get_executor(), &CountPressure); }
  ~LookedAfter() { sides.parent->Close(); }

  void Use() { const Shmem used = Must(sides.parent->Allocate(4096)); }
  std::uint64_t pieces() const { return sides.parent->pool_statistics().pieces; }

  boost::asio::io_context io;  // first: timers of the table are its
  TwoSides sides;
};

TEST_CASE("pool: nobody looks before there is anything to look after") {
  LookedAfter pool;
  CHECK(pool.io.run() == 0);
}

TEST_CASE("pool: who looks does so twice after the last use, and not again before the next") {
  const testing::LeakCheck leak_check;
  LookedAfter pool;
  for (int round = 0; round < 2; ++round) {
    pool.Use();
    CHECK(pool.pieces() == 1);
    pool.io.restart();
    CHECK(pool.io.run() == 1 + 2);  // a post, and two looks
    CHECK(pool.pieces() == 0);
  }
}

TEST_CASE("pool: when memory is short it is let go, whenever it was used") {
  const testing::LeakCheck leak_check;
  LookedAfter pool;
  pressure = 5;  // of before
  pool.Use();
  CHECK(pool.io.run_one() == 1);  // the post
  CHECK(pool.io.run_one() == 1);  // the first look
  CHECK(pool.pieces() == 1);
  pool.Use();
  ++pressure;
  CHECK(pool.io.run_one() == 1);
  CHECK(pool.pieces() == 0);
  CHECK(pool.io.run() == 0);
}

TEST_CASE("pool: the end of the channel is the end of the timer") {
  LookedAfter pool;
  pool.Use();
  CHECK(pool.io.run_one() == 1);
  pool.sides.parent->Close();
  CHECK(pool.io.poll() == 1);  // it is cancelled
  CHECK(pool.io.stopped());
}

}  // namespace
}  // namespace baton::internal
