// An actor that only its channel keeps alive, when that channel ends.
#include <catch2/catch.hpp>

#include <baton/async.h>

#include "tests/process/echo_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using ::testing::PEchoChild;
using ::testing::PEchoParent;

TEST_CASE("a channel that ends while its ring is read holds its actor until that has heard of it") {
  const Guarded guarded;
  io_context io;
  const bool in_process = GENERATE(true, false);
  auto ends = in_process ? CreateInProcessEndpoints<PEchoParent, PEchoChild>()
                         : Must(CreateEndpoints<PEchoParent, PEchoChild>());
  // Awake all the time, so that the last message is found in the ring and not in the stream.
  ChannelOptions options;
  options.max_spin = std::chrono::seconds(10);
  const auto parent = std::make_shared<EchoParent>();
  auto child = std::make_shared<EchoChild>();
  Must(std::move(ends.first).Bind(parent, io.get_executor(), options));
  Must(std::move(ends.second).Bind(child, io.get_executor(), options));
  const std::weak_ptr<EchoChild> kept_by_channel = child;
  child = nullptr;

  bool answered = false;
  parent->SendPing(1, [&](boost::system::error_code error, std::uint64_t) {
    answered = !error;
    CHECK_FALSE(kept_by_channel.expired());
    SECTION("by a close") {
      Must(parent->SendCloseYourself());
    }
    SECTION("by a fault") {
      Must(parent->SendAccuse("nothing"));
    }
  });
  io.run();
  CHECK(answered);
  CHECK(parent->destroyed == 1);
  CHECK(kept_by_channel.expired());
}

}  // namespace
}  // namespace baton::testing
