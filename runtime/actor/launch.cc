#include <baton/launch.h>

#include <utility>

#include <baton/platform/local_socket.h>
#include <baton/platform/memory_pressure.h>

#include "runtime/actor/launch_ends.h"

namespace baton::internal {

Result<LaunchEnds> LaunchEnds::Create() {
  platform::MemoryPressure::OfMachine().Watch();  // no sandbox: this process starts others
  BATON_TRY(auto sockets, platform::CreateSocketPair());
  BATON_CHECKED(platform::IdentifySenders(sockets.first, true));
  BATON_CHECKED(platform::IdentifySenders(sockets.second, true));
  return LaunchEnds{platform::TakeEnd(std::move(sockets.first)), std::move(sockets.second)};
}

Result<EndpointParts> LaunchEnds::LaunchedAs(const platform::Process& process,
                                             std::uint32_t epoch) && {
  EndpointParts parts = {.socket = std::move(ours)};
  BATON_TRY(parts.peer_death, process.death().Duplicate());
  parts.identity = platform::PeerIdentity{.pid = process.pid()};
  parts.epoch = epoch;
  parts.origin = PeerOrigin::kLaunched;
  return parts;
}

Result<LaunchedParts> LaunchParts(const LaunchOptions& options) {
  BATON_TRY(auto ends, LaunchEnds::Create());
  const platform::NativeHandle inherited[] = {ends.theirs.get()};
  BATON_TRY(Process process, Process::Launch(options, inherited));
  BATON_TRY(auto endpoint, std::move(ends).LaunchedAs(process));
  return LaunchedParts{std::move(process), std::move(endpoint)};
}

Result<EndpointParts> TakeInheritedParts() {
  BATON_TRY(auto socket, platform::TakeInherited(0));
  return InheritedParts(std::move(socket));
}

EndpointParts InheritedParts(platform::Handle socket) {
  EndpointParts parts = {.socket = platform::TakeEnd(std::move(socket))};
  parts.believes_labels = true;  // whoever launched us could have launched anything
  parts.origin = PeerOrigin::kLauncher;
  return parts;
}

}  // namespace baton::internal
