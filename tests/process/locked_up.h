// Peers that lock themselves up, by a list of their own.
#pragma once

#include <unistd.h>

#include <string_view>
#include <vector>

#include <baton/sandbox.h>

#include "tests/process/echo_actors.h"
#include "tests/process/meeting.h"
#include "tests/support/peer_sandbox.h"

namespace baton::testing {

using Calls = std::vector<SystemCall>;

// What a sanitizer does is not in the list.
inline constexpr char kNotSanitized[] = "sanitizers need more than Baton does";

inline Calls Without(Calls calls, std::string_view name) {
  std::erase_if(calls, [&](const SystemCall& call) { return call.name == name; });
  return calls;
}

inline void LockUp(Calls calls) {
  const Calls kit = CallsOfTheKit();
  calls.insert(calls.end(), kit.begin(), kit.end());
  Must(ApplySandbox(calls));
}

// What a peer tells the test before it says HELLO through the same socket.
inline void SayReady(const platform::Handle& socket) {
  Tell(socket, "!");
}
inline void AwaitReady(const platform::Handle& socket) {
  AwaitReadable(socket);
  char ready = 0;
  PEER_EXPECT(::read(socket.get(), &ready, 1) == 1);
}

// An EchoChild until the parent goes, without a word about transports before.
inline void RunPlainChild(platform::Handle channel_end) {
  io_context io;
  const auto child = std::make_shared<EchoChild>();
  Must(EndpointOf<::testing::PEchoChild>(std::move(channel_end)).Bind(child, io.get_executor()));
  io.run();
  PEER_EXPECT(child->destroyed == 1);
}

}  // namespace baton::testing
