// Pages with two ranges of addresses: home, where their user sees them, and a vault. To revoke is
// to move the page tables from home to the vault, to grant is to move them back. Either range keeps
// its area of the kernel's for good; what is empty is inaccessible.
#include <sys/mman.h>

#include <atomic>
#include <utility>

#include "platform/linux/mapped_pages.h"
#include "platform/linux/page_move.h"
#include "platform/linux/reservation.h"
#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

constexpr std::size_t kHome = 0;
constexpr std::size_t kVault = 1;
constexpr int kOpen = PROT_READ | PROT_WRITE;

std::size_t RoundUp(std::size_t size, std::size_t step) {
  return (size + step - 1) / step * step;
}

// Wide ranges take a lot of addresses, of which there are 128 TiB on most machines: no peer who
// sends much memory is to use them up. In units of WideSpan, both ranges together.
class WideRanges {
 public:
  static constexpr std::size_t kMost = std::size_t{16} << 10;

  static bool Take(std::size_t count) {
    if (taken_.fetch_add(count, std::memory_order_relaxed) + count <= kMost) return true;
    Return(count);
    return false;
  }
  static void Return(std::size_t count) { taken_.fetch_sub(count, std::memory_order_relaxed); }

 private:
  inline static std::atomic<std::size_t> taken_{0};
};

class MovablePages final : public MappedPages {
 public:
  // `wide`: of WideRanges, to be returned.
  MovablePages(Reservation ranges, std::size_t size, std::size_t wide)
      : ranges_(std::move(ranges)), size_(size), wide_(wide) {}
  ~MovablePages() override { WideRanges::Return(wide_); }

  std::span<std::byte> pages() const override { return home().first(size_); }
  std::span<std::byte> area() const override { return home(); }
  std::span<std::byte> home() const { return ranges_.range(kHome); }
  // Not the vault, whose address nobody has been told.
  std::span<std::byte> reach() const override {
    return ranges_.all().first(PageSize() + home().size());
  }

  Result<void> Revoke() override {
    if (state_ != State::kOpen) return {};
    if (MoveToVault()) {
      // Until this is done, a touch by another thread brings pages back to home.
      if (const auto closed = Protect("mprotect", home(), PROT_NONE); !closed) {
        CloseVault();
        return Fail(closed.error());
      }
      state_ = State::kAside;
      return {};
    }
    BATON_CHECKED(Protect("mprotect", home(), PROT_NONE));
    state_ = State::kClosedInPlace;
    return {};
  }

  Result<void> Grant() override {
    if (state_ == State::kOpen) return {};
    if (state_ == State::kAside) {
      BATON_CHECKED(MoveHome());
    } else {
      BATON_CHECKED(Protect("mprotect", home(), kOpen));
    }
    state_ = State::kOpen;
    return {};
  }

  // The area at the vault shows the object as well, once anything has been moved there. If it
  // stays, so does the reason why the memory cannot be frozen.
  Result<void> Withdraw() override {
    BATON_CHECKED(Cover(ranges_, kHome));
    bool was_lost = false;
    if (ranges_.Own(kVault, was_lost)) (void)Cover(ranges_, kVault).has_value();
    return {};
  }

  Result<void> Restore(const Handle& object) override {
    return Uncover(ranges_, kHome, object, size_);
  }

 private:
  enum class State : std::uint8_t { kOpen, kAside, kClosedInPlace };

  std::span<std::byte> vault() const { return ranges_.range(kVault); }

  bool MoveToVault() {
    bool was_lost = false;
    if (!ranges_.Own(kVault, was_lost)) return false;
    if (MovePages(home(), vault())) return true;
    ranges_.AfterFailure(kVault, false);
    return false;
  }

  Result<void> MoveHome() {
    bool was_lost = false;
    if (!ranges_.Own(kHome, was_lost)) return FailWith(ENOMEM);
    if (was_lost) home_shows_object_ = false;
    if (const auto moved = MovePages(vault(), home()); !moved) {
      const auto aftermath = ranges_.AfterFailure(kHome, false);
      if (aftermath != Reservation::Aftermath::kUntouched) home_shows_object_ = false;
      if (!home_shows_object_) return Fail(moved.error());
      // The area at home still shows the object, without page tables: they fill up by faults.
      BATON_CHECKED(Protect("mprotect", home(), kOpen));
    }
    home_shows_object_ = true;
    CloseVault();
    return {};
  }

  // Nobody has been told the address, so a failure takes nothing away from anybody.
  void CloseVault() { (void)Protect("mprotect(vault)", vault(), PROT_NONE).has_value(); }

  Reservation ranges_;
  std::size_t size_;
  std::size_t wide_;
  State state_ = State::kOpen;
  bool home_shows_object_ = true;  // though maybe inaccessible
};

// Two ranges of whole multiples of `span`, aligned to it, so that they move as so many entries. At
// least a page longer than what they are for, so that a touch of the next page faults.
Result<Reservation> ReserveRanges(std::size_t pages, std::size_t span) {
  return Reservation::Make("mmap(ranges)", RoundUp(pages + PageSize(), span), 2, span);
}

PagesResult MapIn(Reservation ranges, const Handle& object, std::uint64_t size, std::size_t wide) {
  auto mapped = std::make_unique<MovablePages>(std::move(ranges), WholePages(size), wide);
  BATON_CHECKED(MapOver(mapped->home(), object, size));
  return mapped;
}

// How many of WideRanges; 0: narrow ones will do, or have to.
std::size_t WideRangesFor(std::size_t pages) {
  if (pages + PageSize() <= TableSpan() || !CanUseWideRanges()) return 0;
  return 2 * (RoundUp(pages + PageSize(), WideSpan()) / WideSpan());
}

}  // namespace

PagesResult MapMovable(const Handle& object, std::uint64_t size) {
  const std::size_t pages = WholePages(size);
  const std::size_t wide = WideRangesFor(pages);
  if (wide > 0 && WideRanges::Take(wide)) {
    auto ranges = ReserveRanges(pages, WideSpan());
    if (ranges) return MapIn(*std::move(ranges), object, size, wide);
    WideRanges::Return(wide);
  }
  auto ranges = ReserveRanges(pages, TableSpan());
  if (ranges) return MapIn(*std::move(ranges), object, size, 0);
  return MapInPlace(object, size);
}

}  // namespace baton::platform
