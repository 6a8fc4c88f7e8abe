#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "platform/linux/reservation.h"
#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

constexpr int kReserve = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

// linux/mman.h since 5.14, which older C libraries do not have.
constexpr int kPopulateRead = 22;

std::uintptr_t Number(const std::byte* address) {
  return reinterpret_cast<std::uintptr_t>(address);
}

void Unmap(const std::byte* from, const std::byte* to) {
  if (from != to) ::munmap(const_cast<std::byte*>(from), static_cast<std::size_t>(to - from));
}

// False when somebody has anything there.
bool ReserveIfFree(std::span<std::byte> range) {
  void* const start =
      ::mmap(range.data(), range.size(), PROT_NONE, kReserve | MAP_FIXED_NOREPLACE, -1, 0);
  if (start == range.data()) return true;
  // A kernel that does not know the flag takes the address for a wish.
  if (start != MAP_FAILED) ::munmap(start, range.size());
  return false;
}

// Whether something is mapped everywhere in it. The advice is what holds by default.
bool IsCovered(std::span<std::byte> range) {
  return ::madvise(range.data(), range.size(), MADV_NORMAL) == 0;
}

bool IsReadable(std::span<std::byte> range) {
  return ::madvise(range.data(), PageSize(), kPopulateRead) == 0;
}

}  // namespace

std::size_t PageSize() {
  static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

std::size_t WholePages(std::uint64_t size) {
  return (static_cast<std::size_t>(size) + PageSize() - 1) / PageSize() * PageSize();
}

std::size_t TableSpan() {
  return PageSize() * (PageSize() / sizeof(std::uint64_t));
}

std::size_t WideSpan() {
  return TableSpan() * (PageSize() / sizeof(std::uint64_t));
}

Result<Reservation> Reservation::Make(const char* name, std::size_t length, std::size_t count,
                                      std::size_t alignment) {
  const std::size_t wanted = count * length + 2 * PageSize();
  const std::size_t slack = alignment - PageSize();
  const auto reserve = [&] { return ::mmap(nullptr, wanted + slack, PROT_NONE, kReserve, -1, 0); };
  BATON_TRY(void* const start, Syscall(name, reserve, MAP_FAILED));
  auto* const first = static_cast<std::byte*>(start);
  const std::size_t unaligned = Number(first + PageSize()) % alignment;
  std::byte* const all = unaligned == 0 ? first : first + (alignment - unaligned);
  Unmap(first, all);
  Unmap(all + wanted, first + wanted + slack);
  return Reservation({all, wanted}, length);
}

Reservation::Reservation(Reservation&& other) noexcept
    : all_(std::exchange(other.all_, {})), length_(other.length_), lost_(other.lost_) {}

Reservation::~Reservation() {
  if (all_.empty()) return;
  const std::byte* from = all_.data();
  for (std::size_t index = 0; index < lost_.size(); ++index) {
    if (!lost_[index]) continue;
    Unmap(from, range(index).data());
    from = range(index).data() + length_;
  }
  Unmap(from, all_.data() + all_.size());
}

bool Reservation::Own(std::size_t index, bool& was_lost) {
  was_lost = lost_[index];
  if (was_lost) lost_[index] = !ReserveIfFree(range(index));
  return !lost_[index];
}

Reservation::Aftermath Reservation::AfterFailure(std::size_t index, bool is_open) {
  const std::span<std::byte> here = range(index);
  if (ReserveIfFree(here)) return Aftermath::kEmpty;
  // Something is there: what was, or, if that had been unmapped, a mapping of another thread's that
  // was faster. The latter would have to be of exactly this length and inaccessible as well to be
  // taken for ours.
  if (IsCovered(here) && (is_open || !IsReadable(here))) return Aftermath::kUntouched;
  lost_[index] = true;
  return Aftermath::kLost;
}

}  // namespace baton::platform
