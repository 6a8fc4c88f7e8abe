// A side of the ownership model's channel, by tables written by hand: memory in any number, a
// slice, unsafe memory. Keeps what it receives, in order.
#pragma once

#include <boost/asio/io_context.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <baton/baton.h>
#include <baton/generated.h>

namespace baton::testing {

namespace ownership {

inline constexpr wire::Type kPieces = wire::kArrayOf<Shmem, wire::kShmem>;
inline constexpr wire::Row kGiveRows[] = {{"text", 0, 0, &wire::kString},
                                          {"pieces", 0, 1, &kPieces}};
inline constexpr wire::Row kGiveSliceRows[] = {{"text", 0, 0, &wire::kString},
                                               {"slice", 0, 1, &wire::kShmemSlice}};
inline constexpr wire::Row kGivePairRows[] = {{"first", 0, 0, &wire::kShmem},
                                              {"second", 0, 1, &wire::kShmem}};
inline constexpr wire::Row kShareRows[] = {{"text", 0, 0, &wire::kString},
                                           {"memory", 0, 1, &wire::kUnsafeShmem}};
inline constexpr wire::Table kGiveTable = {"Give", kGiveRows};
inline constexpr wire::Table kGiveSliceTable = {"GiveSlice", kGiveSliceRows};
inline constexpr wire::Table kGivePairTable = {"GivePair", kGivePairRows};
inline constexpr wire::Table kShareTable = {"Share", kShareRows};
inline constexpr wire::Message kGive = {"POwnership::Give", 1, &kGiveTable, nullptr};
inline constexpr wire::Message kGiveSlice = {"POwnership::GiveSlice", 2, &kGiveSliceTable, nullptr};
inline constexpr wire::Message kShare = {"POwnership::Share", 3, &kShareTable, nullptr};
inline constexpr wire::Message kGivePair = {"POwnership::GivePair", 4, &kGivePairTable, nullptr};
inline constexpr const wire::Message* kAll[] = {&kGive, &kGiveSlice, &kShare, &kGivePair};
inline constexpr wire::Protocol kProtocol = {"testing::POwnership", 0x03e5, 1, kAll, kAll};

}  // namespace ownership

// One message that has come.
struct Received {
  std::string text;
  std::vector<Shmem> pieces;
  std::optional<ShmemSlice> slice;
  std::optional<UnsafeShmem> shared;
};

class OwnershipActor final : public Actor {
 public:
  explicit OwnershipActor(Side side)
      : Actor(ownership::kProtocol, side, &OwnershipActor::Dispatch) {}

  using Actor::SendMessage;

  std::deque<Received> received;
  std::function<void()> on_received = [] {};
  std::vector<std::error_code> handler_errors;
  int destroyed = 0;

 private:
  Result<void> Keep(Received message) {
    received.push_back(std::move(message));
    on_received();
    return {};
  }

  Result<void> RecvGive(std::string text, std::vector<Shmem> pieces) {
    return Keep({std::move(text), std::move(pieces), {}, {}});
  }
  Result<void> RecvGiveSlice(std::string text, ShmemSlice slice) {
    return Keep({std::move(text), {}, std::move(slice), {}});
  }
  Result<void> RecvGivePair(Shmem first, Shmem second) {
    Received message;
    message.pieces.push_back(std::move(first));
    message.pieces.push_back(std::move(second));
    return Keep(std::move(message));
  }
  Result<void> RecvShare(std::string text, UnsafeShmem memory) {
    return Keep({std::move(text), {}, {}, std::move(memory)});
  }

  static Result<void> Dispatch(Actor* actor, Incoming& incoming) {
    using Self = OwnershipActor;
    auto* const self = static_cast<Self*>(actor);
    switch (incoming.message()) {
      case ownership::kGive.id: return Deliver(incoming, ownership::kGive, self, &Self::RecvGive);
      case ownership::kGiveSlice.id:
        return Deliver(incoming, ownership::kGiveSlice, self, &Self::RecvGiveSlice);
      case ownership::kGivePair.id:
        return Deliver(incoming, ownership::kGivePair, self, &Self::RecvGivePair);
      case ownership::kShare.id:
        return Deliver(incoming, ownership::kShare, self, &Self::RecvShare);
    }
    return incoming.Unknown();
  }

  void ActorDestroy(ActorDestroyReason) override { ++destroyed; }
  void OnHandlerError(std::error_code error) override { handler_errors.push_back(error); }
};

}  // namespace baton::testing
