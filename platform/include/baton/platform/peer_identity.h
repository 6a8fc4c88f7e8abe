// Who is at the other end of a connected local socket, by the word of the kernel.
#pragma once

#include <baton/base/result.h>
#include <baton/platform/handle.h>

namespace baton::platform {

// Of a connection it is taken when that was made: of a connecting side it is the process that
// called connect, of a listening side the one that called listen. Of a sender (ReceiveSome) it is
// the process that has written the bytes, with its real user and group.
struct PeerIdentity {
  int pid = 0;  // 0: a process that our pid namespace does not contain
  unsigned uid = 0;
  unsigned gid = 0;

  friend bool operator==(const PeerIdentity&, const PeerIdentity&) = default;
};

// From now on, or no more, the kernel says of what comes through `socket` who has sent it
// (ReceiveSome). It knows that of bytes which were sent while either end asked: whoever makes a
// pair asks at both, before anybody else has one. Errors: those of the system.
Result<void> IdentifySenders(const Handle& socket, bool on);

// Whether `sender` is the process `pid`, which this process has launched and not reaped. The user
// must be ours as well, unless this process may run those of others (root): a child that gives up
// its rights before it speaks is still that child.
bool IsLaunched(const PeerIdentity& sender, int pid);

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
