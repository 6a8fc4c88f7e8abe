#include "platform/linux/mapped_pages.h"

#include <sys/mman.h>

#include <utility>

#include "platform/linux/reservation.h"
#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

Result<Reservation> ReserveAndMap(const Handle& object, std::uint64_t size) {
  BATON_TRY(Reservation reservation,
            Reservation::Make("mmap(reserve)", WholePages(size), 1, PageSize()));
  BATON_CHECKED(MapOver(reservation.range(0), object, size));
  return reservation;
}

// What is the same for all that lie in one range.
class PagesInOneRange : public MappedPages {
 public:
  explicit PagesInOneRange(Reservation reservation) : reservation_(std::move(reservation)) {}

  std::span<std::byte> pages() const override { return reservation_.range(0); }
  std::span<std::byte> reach() const override { return reservation_.all(); }
  Result<void> Withdraw() override { return Cover(reservation_, 0); }
  Result<void> Restore(const Handle& object) override {
    return Uncover(reservation_, 0, object, pages().size());
  }

 protected:
  Reservation reservation_;
};

class PagesInPlace final : public PagesInOneRange {
 public:
  using PagesInOneRange::PagesInOneRange;

  Result<void> Revoke() override { return Protect("mprotect", pages(), PROT_NONE); }
  Result<void> Grant() override { return Protect("mprotect", pages(), PROT_READ | PROT_WRITE); }
};

class PagesForGood final : public PagesInOneRange {
 public:
  using PagesInOneRange::PagesInOneRange;

  Result<void> Revoke() override { return {}; }
  Result<void> Grant() override { return {}; }
};

class UnmappablePages final : public PagesInOneRange {
 public:
  UnmappablePages(Reservation reservation, Handle object)
      : PagesInOneRange(std::move(reservation)), object_(std::move(object)) {}

  Result<void> Revoke() override {
    if (is_revoked_) return {};
    BATON_CHECKED(Withdraw());
    is_revoked_ = true;
    return {};
  }

  Result<void> Grant() override {
    if (!is_revoked_) return {};
    BATON_CHECKED(Restore(object_));
    is_revoked_ = false;
    return {};
  }

 private:
  Handle object_;
  bool is_revoked_ = false;
};

}  // namespace

Result<void> MapOver(std::span<std::byte> range, const Handle& object, std::uint64_t size) {
  const auto map = [&] {
    return ::mmap(range.data(), range.size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                  object.get(), 0);
  };
  BATON_CHECKED(Syscall("mmap", map, MAP_FAILED));
  const auto keep_from_fork = [&] { return ::madvise(range.data(), range.size(), MADV_DONTFORK); };
  if (const auto kept = Syscall("madvise(MADV_DONTFORK)", keep_from_fork); !kept) {
    // Nobody is to find it mapped, and accessible, who was told that it is not.
    ::mmap(range.data(), range.size(), PROT_NONE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    return Fail(kept.error());
  }
  // Of the whole range, or it would be two areas. The machine decides (shmem_enabled).
  if (size >= TableSpan()) ::madvise(range.data(), range.size(), MADV_HUGEPAGE);
  return {};
}

Result<void> Cover(Reservation& reservation, std::size_t index) {
  const std::span<std::byte> range = reservation.range(index);
  const auto cover = [&] {
    return ::mmap(range.data(), range.size(), PROT_NONE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  };
  const auto covered = Syscall("mmap(cover)", cover, MAP_FAILED);
  const bool still_mapped =
      !covered && reservation.AfterFailure(index, true) == Reservation::Aftermath::kUntouched;
  if (still_mapped) return Fail(covered.error());
  return {};
}

Result<void> Uncover(Reservation& reservation, std::size_t index, const Handle& object,
                     std::uint64_t size) {
  bool was_lost = false;
  if (!reservation.Own(index, was_lost)) return FailWith(ENOMEM);
  if (const auto mapped = MapOver(reservation.range(index), object, size); !mapped) {
    reservation.AfterFailure(index, false);
    return Fail(mapped.error());
  }
  return {};
}

Result<void> Protect(const char* name, std::span<std::byte> range, int protection) {
  const auto protect = [&] { return ::mprotect(range.data(), range.size(), protection); };
  BATON_CHECKED(Syscall(name, protect));
  return {};
}

PagesResult MapInPlace(const Handle& object, std::uint64_t size) {
  BATON_TRY(Reservation reservation, ReserveAndMap(object, size));
  return std::make_unique<PagesInPlace>(std::move(reservation));
}

PagesResult MapForGood(const Handle& object, std::uint64_t size) {
  BATON_TRY(Reservation reservation, ReserveAndMap(object, size));
  return std::make_unique<PagesForGood>(std::move(reservation));
}

PagesResult MapUnmappable(const Handle& object, std::uint64_t size) {
  BATON_TRY(Reservation reservation, ReserveAndMap(object, size));
  BATON_TRY(Handle duplicate, object.Duplicate());
  return std::make_unique<UnmappablePages>(std::move(reservation), std::move(duplicate));
}

}  // namespace baton::platform
