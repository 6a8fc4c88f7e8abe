// Frames of the data lane that have been received and are not dispatched yet.
//
// Most channels never hold any: a frame is dispatched where it lies. This is for those that look
// ahead, or that must wait for something else first.
//
// Frames come in the order of their numbers. They stay in it until they are ranked, oldest first;
// ranked ones leave by priority. Whoever needs no priorities ranks none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>

#include <baton/wire/rows.h>

#include "runtime/channel/held_frame.h"

namespace baton::internal {

class Backlog {
 public:
  // What may be held; one frame more, of any size, may come on top.
  struct Limits {
    std::size_t bytes;
    std::size_t frames;
    std::size_t handles;
  };

  // So many frames in a row may overtake the oldest one, which then has its turn.
  static constexpr int kMostOvertaking = 16;

  // What a channel that looks ahead takes from the inbox in one turn.
  static constexpr int kMostAhead = 256;

  explicit Backlog(const Limits& limits) : limits_(limits) {}

  // Whether the next frame may be taken. While it may not, data is left where it is.
  bool has_room() const {
    return bytes_ < limits_.bytes && frames_ < limits_.frames && handles_ < limits_.handles;
  }

  // Behind all others.
  void Push(HeldFrame frame);

  // Takes the oldest; nothing when there is none.
  std::optional<HeldFrame> PopFirst();

  // Takes the oldest whose header `is_wanted`; nothing when there is none.
  template <class Predicate>
  std::optional<HeldFrame> PopFirst(Predicate is_wanted) {
    Found oldest;
    for (List& list : ranked_) {
      auto one = list.begin();
      while (one != list.end() && !is_wanted(one->header())) ++one;
      if (one != list.end()) oldest = Older(oldest, {&list, one});
    }
    for (auto one = unranked_.begin(); oldest.list == nullptr && one != unranked_.end(); ++one) {
      if (is_wanted(one->header())) oldest = {&unranked_, one};
    }
    if (oldest.list == nullptr) return std::nullopt;
    return TakeOut(oldest);
  }

  // --- Priorities -----------------------------------------------------------------------------
  // The oldest frame without a rank; null when there is none.
  const HeldFrame* first_unranked() const {
    return unranked_.empty() ? nullptr : &unranked_.front();
  }

  // Gives it one. Returns the frame, of the same kind and to the same actor, whose place it takes
  // as `compress` says.
  std::optional<HeldFrame> Rank(wire::Priority priority, wire::Compress compress);
  bool has_ranked() const { return frames_ != unranked_.size(); }

  // Takes the oldest ranked frame of the highest priority, or the oldest of all when it is its
  // turn; nothing when there is none.
  std::optional<HeldFrame> PopNext();

  bool empty() const { return frames_ == 0; }
  std::size_t frames() const { return frames_; }
  std::size_t bytes() const { return bytes_; }
  std::size_t handles() const { return handles_; }
  void Clear();

 private:
  using List = std::list<HeldFrame>;
  struct Found {
    List* list = nullptr;
    List::iterator at = {};
  };

  static Found Older(const Found& one, const Found& other);
  HeldFrame TakeOut(const Found& found);
  void ForgetNewest(const HeldFrame& frame);

  const Limits limits_;
  List unranked_;                                             // newer than all that are ranked
  std::array<List, wire::kPriorities> ranked_;                // ranked, by priority
  std::unordered_map<std::uint64_t, List::iterator> newest_;  // ranked, of each that compresses
  int overtaking_ = 0;
  std::size_t frames_ = 0;
  std::size_t bytes_ = 0;
  std::size_t handles_ = 0;
};

}  // namespace baton::internal
