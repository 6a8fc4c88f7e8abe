#include "runtime/channel/backlog.h"

#include <algorithm>
#include <utility>

namespace baton::internal {
namespace {

// Messages of one kind to one actor.
std::uint64_t KindOf(const FrameHeader& header) {
  return std::uint64_t{header.actor} << 32 | header.message;
}

}  // namespace

void Backlog::Push(HeldFrame frame) {
  ++frames_;
  bytes_ += frame.bytes();
  handles_ += frame.handles();
  unranked_.push_back(std::move(frame));
}

std::optional<HeldFrame> Backlog::PopFirst() {
  return PopFirst([](const FrameHeader&) { return true; });
}

Backlog::Found Backlog::Older(const Found& one, const Found& other) {
  const bool is_one =
      one.list != nullptr && one.at->header().sequence < other.at->header().sequence;
  return is_one ? one : other;
}

HeldFrame Backlog::TakeOut(const Found& found) {
  ForgetNewest(*found.at);
  HeldFrame frame = std::move(*found.at);
  found.list->erase(found.at);
  --frames_;
  bytes_ -= frame.bytes();
  handles_ -= frame.handles();
  return frame;
}

void Backlog::ForgetNewest(const HeldFrame& frame) {
  if (newest_.empty()) return;
  const auto newest = newest_.find(KindOf(frame.header()));
  if (newest != newest_.end() && &*newest->second == &frame) newest_.erase(newest);
}

std::optional<HeldFrame> Backlog::Rank(wire::Priority priority, wire::Compress compress) {
  List& list = ranked_[static_cast<std::size_t>(priority)];
  list.splice(list.end(), unranked_, unranked_.begin());
  if (compress == wire::Compress::kNo) return std::nullopt;
  const auto at = std::prev(list.end());
  const auto [newest, is_first] = newest_.try_emplace(KindOf(at->header()), at);
  if (is_first) return std::nullopt;
  const auto older = std::exchange(newest->second, at);
  const bool is_behind = older->header().sequence + 1 == at->header().sequence;
  if (compress == wire::Compress::kAdjacent && !is_behind) return std::nullopt;
  return TakeOut({&list, older});
}

std::optional<HeldFrame> Backlog::PopNext() {
  Found oldest;
  Found highest;
  for (List& list : ranked_) {
    if (list.empty()) continue;
    highest = {&list, list.begin()};
    oldest = Older(oldest, highest);
  }
  if (highest.list == nullptr) return std::nullopt;
  const bool overtakes = highest.list != oldest.list && overtaking_ < kMostOvertaking;
  overtaking_ = overtakes ? overtaking_ + 1 : 0;
  return TakeOut(overtakes ? highest : oldest);
}

void Backlog::Clear() {
  newest_.clear();
  unranked_.clear();
  for (List& list : ranked_) list.clear();
  frames_ = bytes_ = handles_ = 0;
}

}  // namespace baton::internal
