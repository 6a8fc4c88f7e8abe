#include <sys/mman.h>
#include <unistd.h>

#include <baton/platform/shared_memory.h>

#include "platform/linux/syscall.h"

namespace baton::platform {
namespace {

std::size_t PageSize() {
  static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

std::size_t WholePages(std::size_t size) {
  return (size + PageSize() - 1) / PageSize() * PageSize();
}

// Address space nobody can touch: the pages with a guard page on either side.
class Reservation {
 public:
  static Result<Reservation> Make(std::size_t size) {
    const std::size_t length = WholePages(size) + 2 * PageSize();
    const auto reserve = [&] {
      return ::mmap(nullptr, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    };
    BATON_TRY(void* const start, Syscall("mmap(reserve)", reserve, MAP_FAILED));
    return Reservation({static_cast<std::byte*>(start), length});
  }

  // The reservation that `bytes` was mapped into.
  static Reservation Around(std::span<std::byte> bytes) {
    return Reservation({bytes.data() - PageSize(), WholePages(bytes.size()) + 2 * PageSize()});
  }

  Reservation(Reservation&& other) noexcept : all_(std::exchange(other.all_, {})) {}
  Reservation& operator=(Reservation&&) = delete;
  ~Reservation() {
    if (!all_.empty()) ::munmap(all_.data(), all_.size());
  }

  std::span<std::byte> pages() const {
    return all_.subspan(PageSize(), all_.size() - 2 * PageSize());
  }

  // Whoever holds the bytes unmaps from here on.
  std::span<std::byte> Release(std::size_t size) && {
    return std::exchange(all_, {}).subspan(PageSize(), size);
  }

 private:
  explicit Reservation(std::span<std::byte> all) : all_(all) {}

  std::span<std::byte> all_;
};

// All of the pages at once: they stay one area for the kernel, so this happens wholly or not at
// all.
Result<void> Protect(std::span<std::byte> bytes, int protection) {
  const auto protect = [&] {
    return ::mprotect(bytes.data(), WholePages(bytes.size()), protection);
  };
  BATON_CHECKED(Syscall("mprotect", protect));
  return {};
}

}  // namespace

Result<Mapping> SharedMemory::Map() const {
  BATON_TRY(Reservation reservation, Reservation::Make(size_));
  const std::span<std::byte> pages = reservation.pages();
  const auto map = [&] {
    return ::mmap(pages.data(), pages.size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                  handle_.get(), 0);
  };
  BATON_CHECKED(Syscall("mmap", map, MAP_FAILED));
  const auto keep_from_fork = [&] { return ::madvise(pages.data(), pages.size(), MADV_DONTFORK); };
  BATON_CHECKED(Syscall("madvise(MADV_DONTFORK)", keep_from_fork));
  return Mapping(std::move(reservation).Release(size_));
}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  if (this != &other) {
    const Mapping unmapped_now(std::move(*this));
    bytes_ = std::exchange(other.bytes_, {});
  }
  return *this;
}

Mapping::~Mapping() {
  if (bytes_.empty()) return;
  const Reservation unmapped_now = Reservation::Around(bytes_);
}

Result<void> Mapping::Revoke() {
  return Protect(bytes_, PROT_NONE);
}

Result<void> Mapping::Grant() {
  return Protect(bytes_, PROT_READ | PROT_WRITE);
}

}  // namespace baton::platform
