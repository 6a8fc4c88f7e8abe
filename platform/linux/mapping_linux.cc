#include <utility>

#include <baton/platform/shared_memory.h>

#include "platform/linux/mapped_pages.h"
#include "platform/linux/page_move.h"

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
  const bool at_end = options.placement == Placement::kAtEnd;
  return Mapping(std::move(pages), at_end ? all.last(size_) : all.first(size_));
}

Mapping::Mapping() = default;

Mapping::Mapping(std::unique_ptr<MappedPages> pages, std::span<std::byte> bytes)
    : bytes_(bytes), pages_(std::move(pages)) {}

Mapping::Mapping(Mapping&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})), pages_(std::move(other.pages_)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  bytes_ = std::exchange(other.bytes_, {});
  pages_ = std::move(other.pages_);
  return *this;
}

Mapping::~Mapping() = default;

Result<void> Mapping::Revoke() {
  if (pages_ == nullptr) return {};
  return pages_->Revoke();
}

Result<void> Mapping::Grant() {
  if (pages_ == nullptr) return {};
  return pages_->Grant();
}

}  // namespace baton::platform
