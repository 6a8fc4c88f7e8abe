// The part of Channel that knows whose process the peer is.
#include <utility>

#include <baton/platform/own_process.h>

#include "runtime/channel/channel.h"

namespace baton::internal {

// Until HELLO was taken: whether those who may have sent what was just received, and nobody else,
// have.
bool Channel::MayHaveSent() {
  const platform::PeerIdentity sender = stream_->sender();
  if (origin_ == PeerOrigin::kLaunched && !platform::IsLaunched(sender, launched_pid_)) {
    stranger_ = sender;
    return false;
  }
  if (sender.pid > 0) {
    identity_ = sender;
    peer_life_->KnowNumber(sender.pid);
  }
  return true;
}

std::string Channel::WhoElse() const {
  return "process " + std::to_string(stranger_.pid) + " of user " + std::to_string(stranger_.uid) +
         " has introduced itself, " + std::to_string(launched_pid_) + " was launched";
}

// HELLO has come: nobody asks any more, and who has launched us has said which epoch this is.
void Channel::SettleIdentity() {
  const PeerOrigin origin = std::exchange(origin_, PeerOrigin::kMet);
  if (origin == PeerOrigin::kMet) return;
  stream_->IdentifySenders(false);
  if (origin != PeerOrigin::kLauncher) return;
  queue_.SetEpoch(inbox_.epoch());
  if (identity_) WatchLauncher();
}

// Without a handle (a peer that is not our parent, or a system that refuses) the end of its socket
// tells of its death.
void Channel::WatchLauncher() {
  auto parent = platform::OpenParentProcess(identity_->pid);
  if (!parent && parent.error() == Errc::kPeerDied) return PeerIsGone();
  if (!parent || !*parent) return;
  boost::system::error_code error;
  death_watch_->assign(parent->get(), error);
  if (error) return;
  peer_life_->Know(*std::move(parent));
  WatchPeerDeath();
}

}  // namespace baton::internal
