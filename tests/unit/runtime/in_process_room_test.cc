// An in-process stream that is full of handles, not of bytes.
#include <fcntl.h>
#include <sys/resource.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <vector>

#include <baton/platform/local_socket.h>

#include "runtime/channel/in_process_stream.h"
#include "tests/support/guarded.h"
#include "tests/support/must.h"

namespace baton::internal {
namespace {

using testing::Must;

TEST_CASE("a writer without room for handles waits until some of them are taken") {
  const testing::Guarded guarded;
  rlimit files = {};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &files) == 0);
  files.rlim_cur = files.rlim_max;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &files) == 0);
  boost::asio::io_context io;
  const auto ends = CreateInProcessStream();
  const auto writer = Must(ends.first->Open(io.get_executor()));
  const auto reader = Must(ends.second->Open(io.get_executor()));

  const platform::Handle null(open("/dev/null", O_RDWR | O_CLOEXEC));
  std::array<platform::NativeHandle, platform::kMaxHandlesPerSend> many;
  many.fill(null.get());
  const std::byte byte{1};
  while (writer->Send(std::span(&byte, 1), many)) {
  }

  int told = 0;
  writer->WaitWritable([&] { ++told; });
  io.poll();
  CHECK(told == 0);  // else it would try again, and again

  std::vector<platform::Handle> taken;
  std::array<std::byte, 16> bytes;
  while (reader->Receive(bytes, taken)) {
  }
  io.restart();
  io.poll();
  CHECK(told == 1);
  CHECK(writer->Send(std::span(&byte, 1), many));
  writer->Close();
  reader->Close();
}

}  // namespace
}  // namespace baton::internal
