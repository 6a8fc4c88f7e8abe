#include <baton/endpoint.h>
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
  const bool may_borrow =
      parts.origin == PeerOrigin::kLaunched && known.lends_memory == LendsMemory::kToLaunched;
  if (may_borrow) known.lends_memory = LendsMemory::kToAnyone;
  return Channel::Open(std::move(parts), actor, executor, known);
}

Result<void> BindEndpoint(EndpointParts parts, const std::shared_ptr<Actor>& actor,
                          const boost::asio::any_io_executor& executor) {
  return BindEndpoint(std::move(parts), actor, executor, ChannelOptions());
}

Result<std::pair<EndpointParts, EndpointParts>> CreateEndpointParts() {
  BATON_TRY(auto sockets, platform::CreateSocketPair());
  return std::pair(EndpointParts{platform::TakeEnd(std::move(sockets.first))},
                   EndpointParts{platform::TakeEnd(std::move(sockets.second))});
}

std::pair<EndpointParts, EndpointParts> CreateInProcessParts() {
  auto sources = CreateInProcessStream();
  return {EndpointParts{{}, {}, std::move(sources.first)},
          EndpointParts{{}, {}, std::move(sources.second)}};
}

}  // namespace baton::internal
