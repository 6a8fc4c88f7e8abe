// The actors of sync.idl that sync constructors make, and the halves of their managers that do.
#pragma once

#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <baton/baton.h>

#include "syncChild.h"
#include "syncParent.h"
#include "tests/support/peer.h"

namespace baton::testing {

// What becomes of a room, over there.
enum class Room : std::uint32_t {
  kOpen,
  kNone,           // AllocPSyncRoom makes none
  kRefused,        // std::errc::device_or_resource_busy
  kAccused,        // says that its maker broke a rule
  kKnocks,         // asks the new room, inside of the wait for it
  kDeletesItself,  // in its constructor
  kDies,
  kCloses,
  kCountsDesks,  // in the first room
};

// How rooms have ended, by the reason.
using RoomEnds = std::vector<ActorDestroyReason>;

class SyncDeskParent : public ::testing::PSyncDeskParent {
 public:
  std::string owner;

 protected:
  Result<OwnerReply> RecvOwner() override { return owner; }
};
class SyncDeskChild : public ::testing::PSyncDeskChild {
 public:
  RoomEnds* ends = nullptr;

 protected:
  void ActorDestroy(ActorDestroyReason reason) override {
    if (ends != nullptr) ends->push_back(reason);
  }
};

// Either side of a room.
template <class Base>
class SyncRoom : public Base {
 public:
  explicit SyncRoom(RoomEnds& ends) : ends_(ends) {}

  std::uint64_t knocks = 0;
  std::function<void()> on_knock = [] {};

 protected:
  Result<std::uint64_t> RecvKnock() override {
    on_knock();
    return ++knocks;
  }
  void ActorDestroy(ActorDestroyReason reason) override { ends_.push_back(reason); }

 private:
  RoomEnds& ends_;  // of the manager, or of the test
};

class SyncRoomParent : public SyncRoom<::testing::PSyncRoomParent> {
 public:
  using SyncRoom::SyncRoom;

 protected:
  std::shared_ptr<::testing::PSyncDeskParent> AllocPSyncDeskParent(
      const std::string& owner) override {
    if (owner.empty()) return nullptr;
    return std::make_shared<SyncDeskParent>();
  }
  Result<void> RecvPSyncDeskConstructor(::testing::PSyncDeskParent& desk,
                                        std::string owner) override {
    static_cast<SyncDeskParent&>(desk).owner = std::move(owner);
    return {};
  }
};
class SyncRoomChild : public SyncRoom<::testing::PSyncRoomChild> {
 public:
  using SyncRoom::SyncRoom;
};

class SyncVaultParent : public ::testing::PSyncVaultParent {
 protected:
  Result<OpenReply> RecvOpen(std::uint64_t key) override {
    if (key == 0) return Fail(Errc::kRejected);
    if (key != 7) return OpenReply(std::in_place_index<1>, ::testing::SyncError::kTooLarge);
    return OpenReply("gold");
  }
};
class SyncVaultChild : public ::testing::PSyncVaultChild {};

// What both managers do when the other side makes a room.
template <class Base, class RoomType>
class SyncRoomMaker : public Base {
 public:
  RoomEnds room_ends;
  std::vector<std::shared_ptr<RoomType>> rooms;

 protected:
  std::shared_ptr<RoomType> AllocRoom(std::uint32_t how) {
    if (static_cast<Room>(how) == Room::kNone) return nullptr;
    return rooms.emplace_back(std::make_shared<RoomType>(room_ends));
  }
  static std::uint64_t CountDesks(SyncRoomParent& room) {
    return room.ManagedPSyncDeskParent().size();
  }
  static std::uint64_t CountDesks(SyncRoomChild& room) {
    return room.ManagedPSyncDeskChild().size();
  }
  template <class Interface>
  Result<std::uint64_t> RoomIsThere(Interface& room, std::uint32_t how) {
    switch (static_cast<Room>(how)) {
      case Room::kOpen:
      case Room::kNone: break;
      case Room::kRefused: return Fail(std::make_error_code(std::errc::device_or_resource_busy));
      case Room::kAccused: return this->PeerFault("a test");
      case Room::kKnocks: return room.SendKnock();
      case Room::kDeletesItself: BATON_CHECKED(room.Send__delete__()); break;
      case Room::kDies: (void)std::raise(SIGKILL); break;
      case Room::kCloses: this->Close(); break;
      case Room::kCountsDesks: return CountDesks(*rooms.front());
    }
    return rooms.size();
  }
};

class SyncRoomsParent : public SyncRoomMaker<::testing::PSyncParent, SyncRoomParent> {
 public:
  bool drops_endpoints = false;
  bool asks_when_bound = false;  // before what has waited for that

 protected:
  std::shared_ptr<::testing::PSyncRoomParent> AllocPSyncRoomParent(std::uint32_t how) override {
    return AllocRoom(how);
  }
  Result<PSyncRoomConstructorReply> RecvPSyncRoomConstructor(::testing::PSyncRoomParent& room,
                                                             std::uint32_t how) override {
    return RoomIsThere(room, how);
  }
  Result<void> RecvTakeRoom(ManagedEndpoint<::testing::PSyncRoomParent> endpoint) override {
    if (drops_endpoints) return {};
    rooms.push_back(std::make_shared<SyncRoomParent>(room_ends));
    BATON_CHECKED(BindPSyncRoomEndpoint(std::move(endpoint), rooms.back()));
    if (asks_when_bound) BATON_CHECKED(SendDive(0));
    return {};
  }

  std::shared_ptr<::testing::PSyncVaultParent> AllocPSyncVaultParent(const std::string&) override {
    return std::make_shared<SyncVaultParent>();
  }
  // An error of the protocol's own is an answer: the vault is there.
  Result<PSyncVaultConstructorReply> RecvPSyncVaultConstructor(::testing::PSyncVaultParent&,
                                                               std::string name) override {
    using Reply = PSyncVaultConstructorReply;
    if (name == "refused") return Fail(Errc::kRejected);
    if (name.empty()) return Reply(std::in_place_index<1>, ::testing::SyncError::kByZero);
    return Reply(PSyncVaultConstructorAnswer{name.size(), "hello " + name});
  }

  Result<DivideReply> RecvDivide(std::uint64_t number, std::uint64_t by) override {
    if (by == 0) return DivideReply(std::in_place_index<1>, ::testing::SyncError::kByZero);
    if (number == 13) return Fail(std::make_error_code(std::errc::device_or_resource_busy));
    return DivideReply(number / by);
  }
  Result<FillReply> RecvFill(Shmem memory, std::uint8_t value) override {
    if (value == 0) return FillReply(::testing::SyncTrouble{"nothing to fill with"});
    for (std::byte& byte : memory.bytes()) byte = std::byte{value};
    const std::uint64_t size = memory.size();
    return FillReply(FillAnswer{std::move(memory), size});
  }
  Result<CheckReply> RecvCheck(std::uint64_t number) override {
    if (number > 10) return CheckReply(::testing::SyncError::kTooLarge);
    return CheckReply(CheckAnswer{});
  }
};

class SyncRoomsChild : public SyncRoomMaker<::testing::PSyncChild, SyncRoomChild> {
 protected:
  std::shared_ptr<::testing::PSyncRoomChild> AllocPSyncRoomChild(std::uint32_t how) override {
    return AllocRoom(how);
  }
  Result<PSyncRoomConstructorReply> RecvPSyncRoomConstructor(::testing::PSyncRoomChild& room,
                                                             std::uint32_t how) override {
    return RoomIsThere(room, how);
  }
};

}  // namespace baton::testing
