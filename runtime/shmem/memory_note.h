// Which addresses of this process are shared memory of ours, and what has become of it: written by
// whoever maps memory and hands it over, read by a signal handler (fault_report.h).
//
//   ShmemTable ──MemoryNote──▶ slots of the process ──FindNote──▶ a handler, on any thread
//
// Writing is a lock at the beginning and the end of a note, and a few plain stores for each
// hand-over (`./dev bench Note`). Reading takes no lock and allocates nothing.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace baton::internal {

class NoteSlot;

enum class NotedKind : std::uint32_t { kSafe, kUnsafe, kFrozen };
enum class NotedAccess : std::uint32_t {
  kOpen,        // this process may touch it
  kHandedOver,  // it may not any more
  kReadOnly,
};

// Plain data, as it is copied word by word.
struct NotedMemory {
  std::uintptr_t begin = 0;  // of its bytes
  std::uint64_t size = 0;
  // The bytes, and what lies around them that faults on their account.
  std::uintptr_t reach_begin = 0;
  std::uint64_t reach_size = 0;
  std::uint64_t id_high = 0;  // of its ShmemId: what its name in /proc shows
  std::uint64_t transfer = 0;
  const char* sent_with = "";  // name of the table of values it was handed over with; static
  NotedKind kind = NotedKind::kSafe;
  NotedAccess access = NotedAccess::kOpen;
  std::array<char, 64> protocol = {};  // cut, and ends with a zero

  void set_protocol(std::string_view name);
  std::string_view protocol_name() const { return protocol.data(); }
  void set_bytes(std::span<const std::byte> bytes);
  void set_reach(std::span<const std::byte> reach);
  bool Reaches(std::uintptr_t address) const { return address - reach_begin < reach_size; }
};
static_assert(std::is_trivially_copyable_v<NotedMemory>);

// One entry, for as long as this lives; it has to end before the memory is unmapped. Without memory
// for it there is none, and nobody minds. One thread at a time.
class MemoryNote {
 public:
  MemoryNote() = default;
  explicit MemoryNote(const NotedMemory& memory);
  MemoryNote(MemoryNote&& other) noexcept;
  MemoryNote& operator=(MemoryNote&& other) noexcept;
  ~MemoryNote();

  // `sent_with` lives as long as the process. To be called before access is taken away.
  void HandedOver(const char* sent_with, std::uint64_t transfer);
  // After access was given back.
  void CameBack();

 private:
  NoteSlot* slot_ = nullptr;  // null: there was no memory for it, or it was moved from
};

// Whose reach `address` lies in, as it was at some moment of the call. Any thread, also in a signal
// handler; takes a time that grows with the number of notes.
std::optional<NotedMemory> FindNote(std::uintptr_t address);

}  // namespace baton::internal
