#include "platform/linux/page_move.h"

#include <sys/mman.h>

#include <atomic>
#include <cstdlib>
#include <string_view>

#include "platform/linux/reservation.h"
#include "platform/posix/syscall.h"

// There in every program with a sanitizer.
extern "C" void __sanitizer_print_stack_trace() __attribute__((weak));

namespace baton::platform {
namespace {

// linux/mman.h since 5.7, which older C libraries do not have.
constexpr int kDontUnmap = 4;
constexpr int kMove = MREMAP_MAYMOVE | MREMAP_FIXED | kDontUnmap;

enum class Answer : std::uint8_t { kUnknown, kYes, kNo };

// With shared memory that needs no handle, as sandboxes may forbid to make one. What fails for want
// of something, or because a test made it fail, decides nothing for the rest of the process.
Answer TryToMove() {
  const std::size_t page = PageSize();
  auto reserved = Reservation::Make("mmap(ranges)", page, 2, page);
  if (!reserved) return Answer::kUnknown;
  const auto from = reserved->range(0);
  const auto to = reserved->range(1);
  void* const mapped = ::mmap(from.data(), page, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (mapped == MAP_FAILED) return Answer::kUnknown;
  if (::mremap(from.data(), page, page, kMove, to.data()) != MAP_FAILED) return Answer::kYes;
  const int error = errno;
  reserved->AfterFailure(1, false);
  const bool is_final = error == EINVAL || error == ENOSYS || error == EPERM || error == EACCES;
  return is_final ? Answer::kNo : Answer::kUnknown;
}

MapOptions FromEnvironment() {
  const char* const text = ::secure_getenv("BATON_REVOKE");
  const std::string_view wish = text == nullptr ? "" : text;
  if (wish == "protect") return {.way = RevocationWay::kInPlace};
  if (wish == "move") return {.way = RevocationWay::kMoved};
  if (wish == "unmap") return {.revocation = Revocation::kUnmap};
  return {};
}

}  // namespace

Result<void> MovePages(std::span<std::byte> from, std::span<std::byte> to) {
  const auto move = [&] { return ::mremap(from.data(), from.size(), to.size(), kMove, to.data()); };
  BATON_CHECKED(Syscall("mremap", move, MAP_FAILED));
  return {};
}

bool CanMovePages() {
  static std::atomic<Answer> answer{Answer::kUnknown};
  Answer known = answer.load(std::memory_order_relaxed);
  if (known == Answer::kUnknown) {  // several threads may try at once, and find the same
    known = TryToMove();
    answer.store(known, std::memory_order_relaxed);
  }
  return known == Answer::kYes;
}

bool CanUseWideRanges() {
  constexpr std::size_t kMostBytes = std::size_t{1} << 30;
  return sizeof(void*) >= 8 && WideSpan() <= kMostBytes &&
         &__sanitizer_print_stack_trace == nullptr;
}

MapOptions Resolve(MapOptions wishes, std::uint64_t size) {
  static const MapOptions environment = FromEnvironment();
  const bool is_free =
      wishes.revocation == Revocation::kProtect && wishes.way == RevocationWay::kBySize;
  if (is_free) {
    wishes.revocation = environment.revocation;
    wishes.way = environment.way;
  }
  const bool moves = wishes.way == RevocationWay::kMoved ||
                     (wishes.way == RevocationWay::kBySize && size >= kMoveFromBytes);
  const bool asks = wishes.revocation == Revocation::kProtect && moves;
  wishes.way = asks && CanMovePages() ? RevocationWay::kMoved : RevocationWay::kInPlace;
  return wishes;
}

}  // namespace baton::platform
