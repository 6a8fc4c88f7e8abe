#include "platform/linux/mapped_pages.h"

#include <sys/mman.h>

#include <utility>

#include "platform/linux/reservation.h"
#include "platform/linux/syscall.h"

namespace baton::platform {
namespace {

Result<Reservation> ReserveAndMap(const Handle& object, std::uint64_t size) {
  BATON_TRY(Reservation reservation,
            Reservation::Make("mmap(reserve)", WholePages(size), 1, PageSize()));
  BATON_CHECKED(MapOver(reservation.range(0), object, size));
  return reservation;
}

class PagesInPlace final : public MappedPages {
 public:
  explicit PagesInPlace(Reservation reservation) : reservation_(std::move(reservation)) {}

  std::span<std::byte> pages() const override { return reservation_.range(0); }
  Result<void> Revoke() override { return Protect("mprotect", pages(), PROT_NONE); }
  Result<void> Grant() override { return Protect("mprotect", pages(), PROT_READ | PROT_WRITE); }

 private:
  Reservation reservation_;
};

class PagesForGood final : public MappedPages {
 public:
  explicit PagesForGood(Reservation reservation) : reservation_(std::move(reservation)) {}

  std::span<std::byte> pages() const override { return reservation_.range(0); }
  Result<void> Revoke() override { return {}; }
  Result<void> Grant() override { return {}; }

 private:
  Reservation reservation_;
};

class UnmappablePages final : public MappedPages {
 public:
  UnmappablePages(Reservation reservation, Handle object)
      : reservation_(std::move(reservation)), object_(std::move(object)) {}

  std::span<std::byte> pages() const override { return reservation_.range(0); }

  Result<void> Revoke() override {
    if (is_revoked_) return {};
    const auto cover = [&] {
      return ::mmap(pages().data(), pages().size(), PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    };
    const auto covered = Syscall("mmap(cover)", cover, MAP_FAILED);
    const bool still_mapped =
        !covered && reservation_.AfterFailure(0, true) == Reservation::Aftermath::kUntouched;
    if (still_mapped) return Fail(covered.error());
    is_revoked_ = true;
    return {};
  }

  Result<void> Grant() override {
    if (!is_revoked_) return {};
    bool was_lost = false;
    if (!reservation_.Own(0, was_lost)) return FailWith(ENOMEM);
    if (const auto mapped = MapOver(pages(), object_, pages().size()); !mapped) {
      reservation_.AfterFailure(0, false);
      return Fail(mapped.error());
    }
    is_revoked_ = false;
    return {};
  }

 private:
  Reservation reservation_;
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
