#include <baton/introduce.h>

#include <baton/platform/own_process.h>
#include <baton/platform/process.h>

#include "runtime/channel/channel.h"

namespace baton {
namespace {

Result<platform::Handle> Second(const platform::Handle& death) {
  if (!death) return platform::Handle();
  return death.Duplicate();
}

}  // namespace

EndpointHolder::EndpointHolder(const Actor& actor) : death_(Fail(Errc::kClosed)) {
  if (actor.channel_ == nullptr) {
    death_ = actor.NoChannel();
  } else if (actor.channel_->is_open()) {
    death_ = Second(actor.channel_->peer_death());
  }
}

EndpointHolder::EndpointHolder(const platform::Process& process)
    : death_(Second(process.death())) {}

EndpointHolder EndpointHolder::ThisProcess() {
  return EndpointHolder(platform::OpenOwnProcess());
}

namespace internal {

Result<std::pair<EndpointParts, EndpointParts>> CreatePartsBetween(EndpointHolder gets_parent,
                                                                   EndpointHolder gets_child) {
  BATON_TRY(platform::Handle parents_death, gets_parent.TakeDeath());
  BATON_TRY(platform::Handle childs_death, gets_child.TakeDeath());
  BATON_TRY(auto parts, CreateEndpointParts());
  parts.first.peer_death = std::move(childs_death);
  parts.second.peer_death = std::move(parents_death);
  return parts;
}

}  // namespace internal
}  // namespace baton
