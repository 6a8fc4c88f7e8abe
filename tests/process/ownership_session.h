// Two real sides of a channel over a HeldWire, driven by random operations, each of which the model
// (ownership_model.h) does as well. After each the two are compared: handles, contents, page
// tables.
#pragma once

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <cerrno>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <baton/shmem_store.h>

#include "tests/process/ownership_actor.h"
#include "tests/process/ownership_model.h"
#include "tests/support/byte_content.h"
#include "tests/support/held_wire.h"
#include "tests/support/must.h"
#include "tests/support/toucher.h"

namespace baton::testing {

// What one side holds. What it has sent stays here as well, to be used once more.
struct Hands {
  std::map<ShmemId, Shmem> owned;
  std::multimap<ShmemId, UnsafeShmem> shared;
  std::vector<Shmem> sent;
  std::map<ShmemId, std::byte*> addresses;  // of all that was ever mapped here
};

inline void Stamp(std::span<std::byte> bytes, std::uint8_t stamp) {
  std::ranges::fill(bytes, std::byte{stamp});
}

// The ids (their first halves) of all memory of the protocol's that is mapped into this process.
inline std::set<std::uint64_t> MappedIds() {
  std::set<std::uint64_t> ids;
  std::ifstream maps("/proc/self/maps");
  const std::string name = std::string("baton:") + ownership::kProtocol.name + ":";
  for (std::string line; std::getline(maps, line);) {
    const std::size_t found = line.find(name);
    if (found == std::string::npos) continue;
    const std::string digits = line.substr(found + name.size(), 16);
    if (digits.starts_with("ring")) continue;
    ids.insert(std::stoull(digits, nullptr, 16));
  }
  return ids;
}

struct OwnershipScene {
  unsigned seed = 1;
  platform::Revocation revocation = platform::Revocation::kProtect;
  // That each side may have; with few of them nothing is unsafe, which counts as well.
  std::size_t most_pieces = 512;
  bool has_stores = false;
  bool has_pools = false;
};

class OwnershipSession {
 public:
  explicit OwnershipSession(const OwnershipScene& scene)
      : model_(scene.most_pieces, scene.has_stores, scene.has_pools),
        random_(scene.seed),
        revocation_(scene.revocation),
        most_pieces_(scene.most_pieces) {
    if (scene.has_stores) BeginLife();
    Connect();
  }
  ~OwnershipSession() {
    for (const auto& actor : actors_) actor->Close();
    wire_->Cut();
    Poll();
    for (Hands& hands : hands_) hands = {};
    stores_ = {};
    Poll();
  }

  // One random operation, and the comparison.
  void Step();
  // Ends the channel in one way or the other, and compares.
  void Finish();

  const std::string& story() const { return story_; }
  // What has been done and what was refused so far, in the words of ownership_model_test.cc.
  const std::set<std::string>& done() const { return done_; }

 private:
  std::size_t Below(std::size_t end) { return random_() % end; }
  Hands& HandsOf(int side) { return hands_[static_cast<std::size_t>(side)]; }
  OwnershipActor& ActorOf(int side) { return *actors_[static_cast<std::size_t>(side)]; }
  std::size_t& QueuedAt(int side) { return queued_[static_cast<std::size_t>(side)]; }
  bool& StuckAt(int side) { return stuck_[static_cast<std::size_t>(side)]; }

  // Bounded: who reads of a failure wants the last of it.
  void Tell(const std::string& what) {
    story_ += what + "\n";
    if (story_.size() > 3000) story_.erase(0, story_.find('\n', story_.size() - 2500) + 1);
  }
  void Note(const std::string& what) { done_.insert(what); }
  // `what`, or why it was refused.
  void NoteSend(const std::string& what, std::error_code error) {
    Note(what + (!error                       ? ""
                 : error == Errc::kClosed     ? ": closed"
                 : error == Errc::kWouldBlock ? ": the queue is full"
                                              : ": " + error.message()));
  }
  static std::string Name(int side) { return side == 0 ? "parent" : "child"; }

  void Poll() {
    io_.restart();
    io_.poll();
  }

  // ownership_operations.cc
  void Connect();
  void Allocate(int side);
  void Free(int side);
  void Write(int side);
  void Send(int side);
  void SendSlice(int side);
  void AllocateShared(int side);
  void Share(int side);
  void TouchShared(int side);
  void DropShared(int side);
  void DeliverSome(int from);
  void ChangeStuck(int side);
  void Close(int side);
  void Cut();
  std::error_code ExpectedOfSend(int side);
  std::vector<Shmem> TakeSome(int side, std::size_t most);
  void PutBack(int side, std::vector<Shmem> pieces);
  void CountLeft(int side, Sent message);

  // ownership_survival.cc
  void BeginLife();
  void StepOfStores(int side);
  void TakeReturned(int side);
  void ReattachAll(int side);
  void Attach(int side);
  void LetGoOfOrphans(int side);
  void ChildDies();
  void KeepReturned(int side, ReturnedShmem returned);
  void CompareStore(int side);

  // ownership_survival.cc, too
  void AllocateFromPool(int side, const ShmemId& expected, Shmem memory);
  void Trim(int side);
  void ComparePool(int side);

  // ownership_mistakes.cc
  void SendWhatMustNot(int side);
  void Misuse(int side);

  // ownership_comparison.cc
  void Compare();
  void ComparePiece(const ShmemId& id, const Piece& piece);
  void ComparePlace(int side, const ShmemId& id, const Piece& piece);
  void CompareMessage(int from, const Sent& expected);
  void CompareMaps();
  void NoteAddress(int side, const ShmemId& id, std::byte* address);

  boost::asio::io_context io_;
  std::unique_ptr<HeldWire> wire_;
  std::array<std::shared_ptr<OwnershipActor>, 2> actors_;
  std::array<Hands, 2> hands_;
  OwnershipModel model_;
  std::mt19937 random_;
  const platform::Revocation revocation_;
  const std::size_t most_pieces_;
  Toucher toucher_;
  std::array<std::shared_ptr<ShmemStore>, 2> stores_;
  platform::Handle death_;                  // of the process that the child is said to be
  std::array<std::size_t, 2> queued_ = {};  // messages in the queue of a side that is stuck
  std::array<bool, 2> stuck_ = {};
  std::array<std::uint64_t, 2> trims_ = {};  // that are known of, on this channel
  std::uint64_t number_ = 0;                 // of the last message
  std::size_t steps_ = 0;
  std::string story_;
  std::set<std::string> done_;
};

}  // namespace baton::testing
