// The part of Channel that has the peer unmap memory which it has handed over, so that it can be
// frozen.
//
//   owner                                             peer
//   Start -> ShmemTable::Freeze, refused
//         -> ShmemTable::BeginFreezing --UNMAP-->     OnUnmap -> ShmemTable::PeerFreezes
//   OnUnmapped                         <--UNMAPPED--
//         -> Freezing::Finish: frozen, or copied
//
// With UNMAP the memory leaves the tables of both sides, whatever comes of it. The answer is not
// believed, it only says when to try: the kernel's agreement is the proof. Questions are numbered,
// bounded, given up and answered late as all others (channel_calls.cc).
//
// Threads: as Channel.
#pragma once

#include <memory>

#include <baton/internal/call_base.h>
#include <baton/shmem.h>

#include "runtime/channel/channel.h"
#include "runtime/shmem/freezing.h"

namespace baton::internal {

class ChannelFreezing {
 public:
  explicit ChannelFreezing(Channel& channel) : channel_(channel) {}

  // Finishes `call`, whose reply is a FrozenShmem, at once or later. Errors as of
  // Actor::AsyncFreeze.
  void Start(Shmem& shmem, const std::shared_ptr<CallBase>& call);

  void OnUnmap(Frame& frame);
  void OnUnmapped(Frame& frame);

 private:
  void AskToUnmap(Freezing freezing, const std::shared_ptr<CallBase>& call);

  Channel& channel_;
};

}  // namespace baton::internal
