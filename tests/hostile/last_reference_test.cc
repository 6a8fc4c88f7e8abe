// A victim that only its channel keeps alive, whose stream lets go of what waits on it at once.
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "tests/fuzz/channel/scripted_stream.h"
#include "tests/hostile/evil_ring.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

TEST_CASE("hostile: a lie in the ring ends a victim that only its channel keeps alive") {
  const Guarded guarded;
  EvilParent speaker;  // makes frames
  EvilRing ring;
  io_context io;
  const auto pipe = std::make_shared<fuzz::ScriptedPipe>();
  internal::EndpointParts parts;
  parts.source = std::make_shared<fuzz::ScriptedSource>(pipe);
  auto victim = std::make_shared<EchoChild>();
  Endpoint<::testing::PEchoChild> endpoint(std::move(parts));
  Must(std::move(endpoint).Bind(victim, io.get_executor()));

  auto header = speaker.ControlHeader(internal::FrameKind::kHello);
  header.handles = 1;
  const auto hello = EvilParent::FrameOf(header, speaker.HelloPayload(EvilParent::HonestHello()));
  fuzz::ScriptedPipe::Segment segment = {hello, {}};
  segment.handles.push_back(ring.handle());
  pipe->Push(std::move(segment));
  io.poll_one();  // HELLO; what comes next is the poller's look into the ring
  CHECK(victim->destroyed == 0);

  const std::weak_ptr<EchoChild> kept_by_channel = victim;
  victim = nullptr;
  CHECK_FALSE(kept_by_channel.expired());
  ring.words.SetWord(kDataWritten, 1);
  io.run();
  CHECK(kept_by_channel.expired());
}

}  // namespace
}  // namespace baton::testing
