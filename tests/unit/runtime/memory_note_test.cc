#include "runtime/shmem/memory_note.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "runtime/shmem/fault_report.h"

namespace baton::internal {
namespace {

constexpr std::uintptr_t kPage = 4096;

// `size` bytes from `begin` on, with a page on either side of their pages.
NotedMemory Memory(std::uintptr_t begin, std::uint64_t size) {
  NotedMemory memory;
  memory.begin = begin;
  memory.size = size;
  memory.reach_begin = begin - kPage;
  memory.reach_size = (size + kPage - 1) / kPage * kPage + 2 * kPage;
  memory.id_high = 0x4f12ab0c77d1e900;
  memory.set_protocol("samples::PDecoder");
  return memory;
}

TEST_CASE("a note is found by every address of its reach, and by no other") {
  const std::uintptr_t begin = 0x10000000;
  const MemoryNote note(Memory(begin, 100));
  CHECK(FindNote(begin));
  CHECK(FindNote(begin + 99));
  CHECK(FindNote(begin - kPage));
  CHECK(FindNote(begin + 2 * kPage - 1));
  CHECK_FALSE(FindNote(begin - kPage - 1));
  CHECK_FALSE(FindNote(begin + 2 * kPage));
  CHECK_FALSE(FindNote(0));
  CHECK(FindNote(begin)->protocol_name() == "samples::PDecoder");
}

TEST_CASE("a note says what has become of the memory, until it ends") {
  const std::uintptr_t begin = 0x20000000;
  {
    MemoryNote note(Memory(begin, 100));
    CHECK(FindNote(begin)->access == NotedAccess::kOpen);
    note.HandedOver("samples::PDecoder_Decode_Parameters", 41);
    CHECK(FindNote(begin)->access == NotedAccess::kHandedOver);
    CHECK(FindNote(begin)->transfer == 41);
    note.CameBack();
    CHECK(FindNote(begin)->access == NotedAccess::kOpen);
    MemoryNote moved(std::move(note));
    CHECK(FindNote(begin));
    moved = MemoryNote(Memory(begin + 0x100000, 1));
    CHECK_FALSE(FindNote(begin));
    CHECK(FindNote(begin + 0x100000));
  }
  CHECK_FALSE(FindNote(begin + 0x100000));
}

TEST_CASE("thousands of notes are told apart, whichever of them end") {
  constexpr std::uint64_t kMany = 5'000;
  constexpr std::uintptr_t kApart = 0x100000;
  const std::uintptr_t first = 0x40000000;
  std::vector<MemoryNote> notes;
  for (std::uint64_t i = 0; i < kMany; ++i) {
    NotedMemory memory = Memory(first + i * kApart, 100);
    memory.id_high = i;
    notes.emplace_back(memory);
  }
  for (std::uint64_t i = 0; i < kMany; i += 3) notes[i] = MemoryNote();
  for (std::uint64_t i = 0; i < kMany; i += 7) {
    const auto found = FindNote(first + i * kApart + 50);
    REQUIRE(found.has_value() == (i % 3 != 0));
    if (found) REQUIRE(found->id_high == i);
  }
}

std::string Line(const NotedMemory& memory, std::uintptr_t address, std::size_t room = 512) {
  std::vector<char> line(room);
  return std::string(DescribeFault(memory, address, line));
}

TEST_CASE("what is said of a wrong address names memory, message, transfer and place") {
  NotedMemory memory = Memory(0x7f0000001000, 100);
  CHECK(Line(memory, memory.begin + 4098) ==
        "baton: ran 3999 bytes over the end of Shmem 4f12ab0c77d1e900 of samples::PDecoder "
        "(address 0x7f0000002002, 4098 bytes in)\n");
  CHECK(Line(memory, memory.begin + 100).find("ran 1 byte over the end") != std::string::npos);
  CHECK(Line(memory, memory.begin - 1) ==
        "baton: ran 1 byte before the beginning of Shmem 4f12ab0c77d1e900 of samples::PDecoder "
        "(address 0x7f0000000fff)\n");
  memory.access = NotedAccess::kHandedOver;
  memory.transfer = 41;
  memory.sent_with = "samples::PDecoder_Decode_Parameters";
  CHECK(Line(memory, memory.begin + 12) ==
        "baton: touched Shmem 4f12ab0c77d1e900 of samples::PDecoder, handed over by SendDecode, "
        "transfer 41 (address 0x7f000000100c, 12 bytes in)\n");
  memory.sent_with = "samples::PDecoder_Decode_Reply";
  CHECK(Line(memory, memory.begin).find("handed over by the answer to Decode, transfer 41") !=
        std::string::npos);
  memory.sent_with = "samples::PFrames_Show_Parameters";  // an actor of its tree
  CHECK(Line(memory, memory.begin).find("handed over by samples::PFrames_Show, transfer") !=
        std::string::npos);
  memory.sent_with = "";
  CHECK(Line(memory, memory.begin).find("PDecoder, handed over, transfer 41") != std::string::npos);
  memory.kind = NotedKind::kFrozen;
  memory.access = NotedAccess::kReadOnly;
  CHECK(Line(memory, memory.begin)
            .find("touched FrozenShmem 4f12ab0c77d1e900 of "
                  "samples::PDecoder, which nobody may write (address") != std::string::npos);
}

TEST_CASE("a line that is too long is cut, and ends as a line") {
  const NotedMemory memory = Memory(0x7f0000001000, 100);
  const std::string whole = Line(memory, memory.begin);
  for (std::size_t room = 1; room < whole.size(); ++room) {
    CHECK(Line(memory, memory.begin, room) == whole.substr(0, room - 1) + "\n");
  }
}

TEST_CASE("the name of a protocol that is too long is cut") {
  NotedMemory memory = Memory(0x1000, 1);
  memory.set_protocol(std::string(200, 'p'));
  CHECK(memory.protocol_name() == std::string(63, 'p'));
}

}  // namespace
}  // namespace baton::internal
