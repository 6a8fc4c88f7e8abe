// Who is at the other end of a connected local socket, by the word of the kernel.
#pragma once

#include <baton/base/result.h>
#include <baton/platform/handle.h>

namespace baton::platform {

// Taken when the connection was made; of a connecting side it is the process that called connect,
// of a listening side the one that called listen.
struct PeerIdentity {
  int pid = 0;  // 0: a process that our pid namespace does not contain
  unsigned uid = 0;
  unsigned gid = 0;

  friend bool operator==(const PeerIdentity&, const PeerIdentity&) = default;
};

// Whether it is a process of the user who runs this one (the effective user id).
bool IsSameUser(const PeerIdentity& peer);

struct PeerProcess {
  PeerIdentity identity;
  // Becomes readable when the process has ended. Empty only where the kernel has no SO_PEERPIDFD
  // (before Linux 6.5) and the process is not in our pid namespace.
  Handle death;
};

// For sockets from LocalListener::Accept and ConnectLocal; of a socketpair it names its creator.
//
// `death` is opened by the kernel from what the socket remembers (SO_PEERPIDFD). Older kernels are
// asked for the process with that number. It could be a new one, if the peer has died and the
// number was given again; so the socket must still be held by somebody afterwards. What cannot be
// seen there is a peer that has died and left its socket to somebody else.
//
// Errors: Errc::kPeerDied when that process has ended; the system's (too many open files).
Result<PeerProcess> IdentifyPeer(const Handle& socket);

}  // namespace baton::platform
