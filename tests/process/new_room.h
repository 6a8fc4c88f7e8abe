// A room of sync.idl that the child makes.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "tests/process/sync_actors.h"

namespace baton::testing {

struct NewRoom {
  explicit NewRoom(SyncChild& maker) : manager(maker) {}

  Result<std::uint64_t> Make(Room how) {
    return manager.SendPSyncRoomConstructor(actor, static_cast<std::uint32_t>(how));
  }
  Result<std::uint64_t> Make(Room how, std::chrono::microseconds deadline) {
    return manager.SendPSyncRoomConstructor(actor, static_cast<std::uint32_t>(how), deadline);
  }

  SyncChild& manager;
  RoomEnds ends;
  std::shared_ptr<SyncRoomChild> actor = std::make_shared<SyncRoomChild>(ends);
};

}  // namespace baton::testing
