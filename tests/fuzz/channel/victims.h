// Who can be lied to, with what a liar has to say to each.
#pragma once

#include <memory>
#include <utility>

#include "tests/fuzz/channel/meet_samples.h"
#include "tests/fuzz/channel/queue_samples.h"
#include "tests/fuzz/channel/sync_samples.h"
#include "tests/fuzz/channel/sync_victims.h"
#include "tests/fuzz/channel/tree_samples.h"
#include "tests/fuzz/channel/tree_victim.h"

namespace baton::fuzz {

// For all inputs, so that none pays for the system calls that they take.
struct Repertoire {
  EchoSamples echo;
  TreeSamples tree;
  SyncParentSamples sync_parent;
  SyncChildSamples sync_child;
  QueueParentSamples queue_parent;
  QueueChildSamples queue_child;
  MeetSamples meet;
  TalkSamples talk;
  Handles handles{echo.echo().payload};

  // What its peer says.
  const Samples& For(Who victim) const {
    switch (victim) {
      case Who::kEcho: break;
      case Who::kTree:
      case Who::kTreeOfFew: return tree;
      case Who::kSyncChild: return sync_parent;
      case Who::kSyncParent: return sync_child;
      case Who::kQueueChild: return queue_parent;
      case Who::kQueueParent: return queue_child;
      case Who::kMeet: return meet;
    }
    return echo;
  }
};

inline Side PeerOf(Who victim) {
  const bool is_parent = victim == Who::kSyncParent || victim == Who::kQueueParent;
  return is_parent ? Side::kChild : Side::kParent;
}

inline std::unique_ptr<World> MakeWorld(Who victim, Outcome& outcome,
                                        const boost::asio::any_io_executor& executor) {
  switch (victim) {
    case Who::kTree:
    case Who::kTreeOfFew: return std::make_unique<TreeWorld>(outcome);
    case Who::kMeet: return std::make_unique<MeetWorld>(outcome, executor);
    default: return std::make_unique<World>(outcome);
  }
}

// `bind(actor)` binds the victim to its channel, and is called once.
template <class Bind>
void MakeVictim(Who victim, World& world, Bind bind) {
  switch (victim) {
    case Who::kEcho: return bind(std::make_shared<Victim>(world.outcome));
    case Who::kTree:
    case Who::kTreeOfFew: return bind(std::make_shared<TreeVictim>(static_cast<TreeWorld&>(world)));
    case Who::kSyncChild: return bind(std::make_shared<SyncChildVictim>(world));
    case Who::kSyncParent: return bind(std::make_shared<SyncParentVictim>(world));
    case Who::kQueueChild: return bind(std::make_shared<QueueChildVictim>(world));
    case Who::kQueueParent: return bind(std::make_shared<QueueParentVictim>(world));
    case Who::kMeet: return bind(std::make_shared<MeetVictim>(static_cast<MeetWorld&>(world)));
  }
}

}  // namespace baton::fuzz
