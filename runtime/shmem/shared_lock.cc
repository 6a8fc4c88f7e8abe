#include <baton/shared_lock.h>

#include <baton/base/checked_slice.h>

#include "runtime/shmem/lock_place.h"
#include "runtime/shmem/shmem_table.h"

namespace baton {
namespace internal {

Result<void> LockPlace::Take(IfBroken if_broken, std::chrono::steady_clock::time_point until) {
  if (!threads_.Enter(until)) return Fail(std::make_error_code(std::errc::timed_out));
  auto taken = word_.Take(if_broken, until);
  if (!taken) threads_.Leave();
  return taken;
}

void LockPlace::GiveUp() {
  word_.GiveUp();
  threads_.Leave();
}

std::shared_ptr<LockPlace> LockPlaces::At(std::uint64_t offset,
                                          const std::shared_ptr<ShmemRecord>& record,
                                          const ShmemTable& table) {
  const std::lock_guard lock(mutex_);
  auto& known = places_[offset];
  if (auto place = known.lock()) return place;
  // Zeros in new memory are such an object; the other side may have begun to use it already.
  auto* word =
      reinterpret_cast<std::atomic<std::uint32_t>*>(record->mapping().bytes().data() + offset);
  auto place = std::make_shared<LockPlace>(record, *word, table.side(), table.peer_life());
  known = place;
  return place;
}

namespace {

std::chrono::steady_clock::time_point After(std::chrono::milliseconds deadline) {
  const auto now = std::chrono::steady_clock::now();
  const auto most = std::chrono::steady_clock::time_point::max() - now;
  return deadline < most ? now + deadline : std::chrono::steady_clock::time_point::max();
}

}  // namespace
}  // namespace internal

SharedLock::Held& SharedLock::Held::operator=(Held&& other) noexcept {
  const Held given_up(std::move(*this));
  place_ = std::move(other.place_);
  return *this;
}

SharedLock::Held::~Held() {
  if (place_ != nullptr) place_->GiveUp();
}

Result<SharedLock> SharedLock::At(const UnsafeShmem& shmem, std::uint64_t offset) {
  const auto& record = internal::ShmemAccess::record(shmem);
  if (record == nullptr) return Fail(Errc::kEmptyShmem);
  const bool fits = IsSlice(offset, kSize, record->memory().size());
  if (!fits || offset % kSize != 0) return Fail(std::make_error_code(std::errc::invalid_argument));
  const auto table = record->table().lock();
  if (table == nullptr) return Fail(Errc::kClosed);
  return SharedLock(record->locks().At(offset, record, *table));
}

Result<SharedLock::Held> SharedLock::Lock(std::chrono::milliseconds deadline) {
  BATON_CHECKED(place_->Take(internal::IfBroken::kFail, internal::After(deadline)));
  return Held(place_);
}

Result<SharedLock::Held> SharedLock::LockToMend(std::chrono::milliseconds deadline) {
  BATON_CHECKED(place_->Take(internal::IfBroken::kMend, internal::After(deadline)));
  return Held(place_);
}

}  // namespace baton
