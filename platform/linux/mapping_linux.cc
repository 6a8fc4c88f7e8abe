#include <utility>

#include <baton/platform/shared_memory.h>

#include "platform/linux/mapped_pages.h"
#include "platform/linux/page_move.h"
#include "platform/posix/truncation_guard.h"

namespace baton::platform {
namespace {

PagesResult MapAs(const MapOptions& options, const Handle& object, std::uint64_t size) {
  if (options.revocation == Revocation::kNone) return MapForGood(object, size);
  if (options.revocation == Revocation::kUnmap) return MapUnmappable(object, size);
  if (options.way == RevocationWay::kMoved) return MapMovable(object, size);
  return MapInPlace(object, size);
}

}  // namespace

Result<Mapping> SharedMemory::Map(const MapOptions& options) const {
  BATON_TRY(auto pages, MapAs(Resolve(options, size_), handle_, size_));
  const std::span<std::byte> all = pages->pages();
  std::unique_ptr<TruncationGuard> guard;
  if (!is_sealed_) {
    BATON_TRY(guard, TruncationGuard::Watch(all, pages->area()));
  }
  const bool at_end = options.placement == Placement::kAtEnd;
  return Mapping(std::move(pages), std::move(guard), at_end ? all.last(size_) : all.first(size_));
}

Mapping::Mapping() = default;

Mapping::Mapping(std::unique_ptr<MappedPages> pages, std::unique_ptr<TruncationGuard> guard,
                 std::span<std::byte> bytes)
    : bytes_(bytes), pages_(std::move(pages)), guard_(std::move(guard)) {}

Mapping::Mapping(Mapping&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})),
      pages_(std::move(other.pages_)),
      guard_(std::move(other.guard_)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  bytes_ = std::exchange(other.bytes_, {});
  guard_ = std::move(other.guard_);  // the old one ends before its pages do
  pages_ = std::move(other.pages_);
  return *this;
}

Mapping::~Mapping() = default;

std::span<std::byte> Mapping::reach() const {
  return pages_ == nullptr ? std::span<std::byte>() : pages_->reach();
}

bool Mapping::is_damaged() const {
  return guard_ != nullptr && guard_->is_damaged();
}

Result<void> Mapping::Revoke() {
  if (pages_ == nullptr) return {};
  if (is_damaged()) return Fail(Rule::kHandleSize);
  return pages_->Revoke();
}

Result<void> Mapping::Grant() {
  if (pages_ == nullptr) return {};
  if (is_damaged()) return Fail(Rule::kHandleSize);
  return pages_->Grant();
}

Result<void> Mapping::Withdraw() {
  if (pages_ == nullptr) return {};
  return pages_->Withdraw();
}

Result<void> Mapping::Restore(const SharedMemory& memory) {
  if (pages_ == nullptr) return {};
  return pages_->Restore(memory.handle());
}

}  // namespace baton::platform
