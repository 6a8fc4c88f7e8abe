#include <baton/endpoint.h>
#include <baton/launch.h>
#include <baton/platform/local_socket.h>

#include "runtime/channel/channel.h"
#include "runtime/channel/in_process_stream.h"

namespace baton::internal {

Result<void> BindEndpoint(EndpointParts parts, const std::shared_ptr<Actor>& actor,
                          const boost::asio::any_io_executor& executor,
                          const ChannelOptions& options) {
  if (actor == nullptr) return Fail(Errc::kWrongActor);
  if (parts.is_empty()) return Fail(Errc::kEmptyHandle);
  ChannelOptions known = options;
  if (known.trust_label == 0) known.trust_label = parts.trust_label;
  known.believe_labels = known.believe_labels || parts.believes_labels;
  const bool may_borrow = parts.was_launched && known.lends_memory == LendsMemory::kToLaunched;
  if (may_borrow) known.lends_memory = LendsMemory::kToAnyone;
  return Channel::Open(std::move(parts), actor, executor, known);
}

Result<void> BindEndpoint(EndpointParts parts, const std::shared_ptr<Actor>& actor,
                          const boost::asio::any_io_executor& executor) {
  return BindEndpoint(std::move(parts), actor, executor, ChannelOptions());
}

Result<std::pair<EndpointParts, EndpointParts>> CreateEndpointParts() {
  BATON_TRY(auto sockets, platform::CreateSocketPair());
  return std::pair(EndpointParts{std::move(sockets.first)},
                   EndpointParts{std::move(sockets.second)});
}

std::pair<EndpointParts, EndpointParts> CreateInProcessParts() {
  auto sources = CreateInProcessStream();
  return {EndpointParts{{}, {}, std::move(sources.first)},
          EndpointParts{{}, {}, std::move(sources.second)}};
}

Result<LaunchedParts> LaunchParts(const LaunchOptions& options) {
  BATON_TRY(auto sockets, platform::CreateSocketPair());
  const platform::NativeHandle inherited[] = {sockets.second.get()};
  BATON_TRY(Process process, Process::Launch(options, inherited));
  BATON_TRY(auto death, process.death().Duplicate());
  EndpointParts ours = {.socket = std::move(sockets.first), .peer_death = std::move(death)};
  ours.was_launched = true;
  return LaunchedParts{std::move(process), std::move(ours)};
}

Result<EndpointParts> TakeInheritedParts() {
  BATON_TRY(auto socket, platform::TakeInherited(0));
  EndpointParts parts = {.socket = std::move(socket)};
  parts.believes_labels = true;  // whoever launched us could have launched anything
  return parts;
}

}  // namespace baton::internal
