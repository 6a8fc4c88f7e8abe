#include "runtime/shmem/shmem_pool.h"

#include <algorithm>
#include <utility>

namespace baton::internal {

std::uint64_t ShmemPool::CapacityFor(std::uint64_t size) const {
  if (!is_on()) return 0;
  const std::uint64_t capacity = SizeClassFor(size);
  return capacity <= max_bytes_ ? capacity : 0;
}

bool ShmemPool::Put(const std::shared_ptr<ShmemRecord>& piece) {
  const std::uint64_t capacity = piece->capacity();
  if (!HasRoomFor(capacity, {counts_.bytes, counts_.pieces})) return false;
  if (classes_.empty()) classes_.resize(kSizeClasses);
  classes_[SizeClassNumber(capacity)].push_back({piece, age_});
  counts_.bytes += capacity;
  ++counts_.pieces;
  return true;
}

std::shared_ptr<ShmemRecord> ShmemPool::Take(std::uint64_t capacity) {
  const bool is_there = !empty() && !classes_[SizeClassNumber(capacity)].empty();
  ++(is_there ? counts_.hits : counts_.misses);
  if (!is_there) return nullptr;
  auto& fitting = classes_[SizeClassNumber(capacity)];
  auto piece = std::move(fitting.back().piece);
  fitting.pop_back();
  counts_.bytes -= capacity;
  --counts_.pieces;
  return piece;
}

bool ShmemPool::HasRoomFor(std::uint64_t capacity, const Load& load) const {
  return load.pieces < max_pieces_ && capacity <= max_bytes_ && load.bytes <= max_bytes_ - capacity;
}

bool ShmemPool::NoteGivenBack(ShmemRecord& piece) {
  if (!HasRoomFor(piece.capacity(), given_back_)) return false;
  piece.set_given_back(true);
  given_back_.bytes += piece.capacity();
  ++given_back_.pieces;
  return true;
}

void ShmemPool::ForgetGivenBack(ShmemRecord& piece) {
  if (!piece.is_given_back()) return;
  piece.set_given_back(false);
  given_back_.bytes -= piece.capacity();
  --given_back_.pieces;
}

ShmemPool::Pieces ShmemPool::Age() {
  Pieces removed;
  for (auto& one : classes_) {
    // Put at the end and taken from it: the first are the oldest.
    const auto fresh = std::ranges::find(one, age_, &Resting::since);
    Remove(one, static_cast<std::size_t>(fresh - one.begin()), removed);
  }
  ++age_;
  return removed;
}

ShmemPool::Pieces ShmemPool::Clear() {
  Pieces removed;
  for (auto& one : classes_) Remove(one, one.size(), removed);
  return removed;
}

void ShmemPool::Remove(std::vector<Resting>& from, std::size_t count, Pieces& into) {
  for (std::size_t i = 0; i < count; ++i) {
    counts_.bytes -= from[i].piece->capacity();
    --counts_.pieces;
    ++counts_.trims;
    into.push_back(std::move(from[i].piece));
  }
  from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace baton::internal
