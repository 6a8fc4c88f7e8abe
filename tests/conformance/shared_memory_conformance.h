// What every SharedMemory and its Mapping promise, whatever made them: the comments of
// <baton/platform/shared_memory.h>, executable. A new implementation is not done until it has its
// line in shared_memory_conformance_test.cc.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <span>
#include <sstream>
#include <string>
#include <utility>

#include <baton/platform/local_socket.h>
#include <baton/platform/shared_memory.h>
#include "tests/support/byte_content.h"
#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/toucher.h"

namespace baton::testing {

// The flags that /proc/self/smaps (proc(5)) shows for the area that begins at `start`.
inline std::string AreaFlags(const std::byte* start) {
  std::ostringstream wanted;
  wanted << std::hex << reinterpret_cast<std::uintptr_t>(start) << '-';
  std::ifstream areas("/proc/self/smaps");
  bool is_ours = false;
  for (std::string line; std::getline(areas, line);) {
    if (line.starts_with(wanted.str())) is_ours = true;
    if (is_ours && line.starts_with("VmFlags:")) return line + ' ';
  }
  return "no such area";
}

inline bool IsMapped(const std::byte* page) {
  unsigned char resident = 0;
  return ::mincore(const_cast<std::byte*>(page), 1, &resident) == 0;
}

inline std::size_t PagesOf(std::uint64_t size) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return (size + page - 1) / page * page;
}

inline std::byte* PageOf(std::byte* address) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return address - reinterpret_cast<std::uintptr_t>(address) % page;
}

// Where the next touch has to fault: behind the last page, or behind the last byte.
inline std::byte* Behind(std::span<std::byte> bytes, const platform::MapOptions& options) {
  const bool at_end = options.placement == platform::Placement::kAtEnd;
  return bytes.data() + (at_end ? bytes.size() : PagesOf(bytes.size()));
}

// Every way in which memory can be mapped.
struct WayToMap {
  const char* name;
  platform::MapOptions options;
};

inline WayToMap EachWayToMap() {
  using platform::Placement;
  using platform::Revocation;
  using platform::RevocationWay;
  return GENERATE(values<WayToMap>(
      {{"by size", {}},
       {"in place", {.way = RevocationWay::kInPlace}},
       {"moved", {.way = RevocationWay::kMoved}},
       {"unmapped", {.revocation = Revocation::kUnmap}},
       {"not at all", {.revocation = Revocation::kNone}},
       {"in place, at the end", {.way = RevocationWay::kInPlace, .placement = Placement::kAtEnd}},
       {"moved, at the end", {.way = RevocationWay::kMoved, .placement = Placement::kAtEnd}}}));
}

// What the object promises.
template <class Maker>
void CheckObjectPromises(std::uint64_t size) {
  const platform::SharedMemory memory = Maker::Make(size);
  const int fd = memory.handle().get();
  struct stat object = {};
  REQUIRE(::fstat(fd, &object) == 0);

  SECTION("it is as large as was asked for") {
    CHECK(memory.size() == size);
    CHECK(static_cast<std::uint64_t>(object.st_size) == size);
  }
  SECTION("nobody can change its size, where it is sealed") {
    CHECK(memory.is_sealed() == Maker::Capabilities().sealed);
    if (!memory.is_sealed()) return;
    for (const std::uint64_t other : {std::uint64_t{0}, size - 1, size + 1, size * 2}) {
      if (other == size) continue;
      CHECK(::ftruncate(fd, static_cast<off_t>(other)) == -1);
      CHECK(errno == EPERM);
    }
    CHECK(::fallocate(fd, 0, static_cast<off_t>(size), 1) == -1);
  }
  SECTION("its backing is reserved") {
    CHECK(static_cast<std::uint64_t>(object.st_blocks) * 512 >= size);
  }
  SECTION("it has no name in any file system") {
    CHECK(object.st_nlink == 0);
  }
  SECTION("nobody else but its user may open it") {
    // What never had a name cannot be opened by one; the mode of a memfd says nothing.
    if (!Maker::Capabilities().is_anonymous) CHECK((object.st_mode & (S_IRWXG | S_IRWXO)) == 0);
    CHECK(object.st_uid == ::geteuid());
  }
  SECTION("its handle is close-on-exec") {
    CHECK(::fcntl(fd, F_GETFD) == FD_CLOEXEC);
  }
  SECTION("it can be frozen later, where the kernel can prove that") {
    if (!Maker::Capabilities().freeze_is_proof) return;
    CHECK((::fcntl(fd, F_GET_SEALS) & (F_SEAL_SEAL | F_SEAL_WRITE)) == 0);
  }
}

// What a mapping of it promises.
template <class Maker>
void CheckMappingPromises(std::uint64_t size, const platform::MapOptions& options) {
  const platform::SharedMemory memory = Maker::Make(size);
  platform::Mapping mapping = Must(memory.Map(options));
  const std::span<std::byte> bytes = mapping.bytes();
  Toucher toucher;

  SECTION("all of it can be touched, and holds zeros at first") {
    REQUIRE(bytes.size() == size);
    CHECK(HoldsOnly(bytes, 0));
    FillWith(bytes, 0x11);
    CHECK(HoldsOnly(bytes, 0x11));
  }
  SECTION("two mappings show the same memory") {
    const platform::Mapping second = Must(memory.Map(options));
    CHECK(second.bytes().data() != bytes.data());
    bytes.back() = std::byte{0x22};
    CHECK(second.bytes().back() == std::byte{0x22});
    second.bytes().front() = std::byte{0x23};
    CHECK(bytes.front() == std::byte{0x23});
  }
  SECTION("a guard page lies on either side") {
    CHECK(toucher.TryRead(bytes.data()) == 0);
    CHECK(toucher.TryWrite(&bytes.back()) == 0);
    CHECK(toucher.TryRead(PageOf(bytes.data()) - 1) == EFAULT);
    CHECK(toucher.TryWrite(PageOf(bytes.data()) - 1) == EFAULT);
    CHECK(toucher.TryRead(Behind(bytes, options)) == EFAULT);
    CHECK(toucher.TryWrite(Behind(bytes, options)) == EFAULT);
  }
  SECTION("a forked child does not inherit the pages") {
    CHECK_THAT(AreaFlags(PageOf(bytes.data())), Catch::Contains(" dc "));
  }
  SECTION("it cannot be executed") {
    CHECK_THAT(AreaFlags(PageOf(bytes.data())), !Catch::Contains(" ex "));
  }
}

// Who may touch a mapping, and for how long.
template <class Maker>
void CheckRevocationPromises(std::uint64_t size, const platform::MapOptions& options) {
  platform::Mapping mapping = Must(Maker::Make(size).Map(options));
  const std::span<std::byte> bytes = mapping.bytes();
  const int when_revoked = options.revocation == platform::Revocation::kNone ? 0 : EFAULT;
  Toucher toucher;

  SECTION("it outlives the object that it was mapped from") {
    CHECK(toucher.TryWrite(&bytes.back()) == 0);
  }
  SECTION("revoked, it cannot be touched; the content stays; granted, all is as before") {
    FillWith(bytes, 0x33);
    for (int round = 0; round < 2; ++round) {
      Must(mapping.Revoke());
      for (std::byte* const byte : {&bytes.front(), &bytes.back()}) {
        CHECK(toucher.TryRead(byte) == when_revoked);
        if (when_revoked != 0) CHECK(toucher.TryWrite(byte) == when_revoked);
      }
      Must(mapping.Grant());
      CHECK(mapping.bytes().data() == bytes.data());
      CHECK(HoldsOnly(bytes, 0x33));
      CHECK(toucher.TryWrite(&bytes.back()) == 0);
      bytes.back() = std::byte{0x33};
    }
  }
  SECTION("revoking twice and granting twice are no errors") {
    Must(mapping.Revoke());
    Must(mapping.Revoke());
    CHECK(toucher.TryRead(bytes.data()) == when_revoked);
    Must(mapping.Grant());
    Must(mapping.Grant());
    CHECK(toucher.TryRead(bytes.data()) == 0);
  }
  SECTION(
      "revoked and granted, it is still kept from forked children, and its guards still guard") {
    for (const bool is_granted : {false, true}) {
      Must(is_granted ? mapping.Grant() : mapping.Revoke());
      CHECK(toucher.TryRead(PageOf(bytes.data()) - 1) == EFAULT);
      CHECK(toucher.TryRead(Behind(bytes, options)) == EFAULT);
    }
    CHECK_THAT(AreaFlags(PageOf(bytes.data())), Catch::Contains(" dc "));
  }
  SECTION("moving it moves the duty to unmap") {
    std::byte* const pages = PageOf(bytes.data());
    const bool was_revoked = GENERATE(false, true);
    if (was_revoked) Must(mapping.Revoke());
    platform::Mapping moved = std::move(mapping);
    CHECK_FALSE(mapping);
    CHECK(moved.bytes().data() == bytes.data());
    CHECK(IsMapped(pages));
    moved = platform::Mapping();
    CHECK_FALSE(IsMapped(pages));
    CHECK_FALSE(IsMapped(pages - PagesOf(1)));
    CHECK_FALSE(IsMapped(pages + PagesOf(size)));
  }
}

// What happens when somebody shrinks it, who has a handle of it.
template <class Maker>
void CheckTruncationPromises(std::uint64_t size, const platform::MapOptions& options) {
  const platform::SharedMemory memory = Maker::Make(size);
  platform::Mapping mapping = Must(memory.Map(options));
  const platform::Mapping second = Must(memory.Map(options));
  FillWith(mapping.bytes(), 0x44);
  const bool was_shrunk = ::ftruncate(memory.handle().get(), 0) == 0;
  REQUIRE(was_shrunk == !memory.is_sealed());

  SECTION("sealed memory is as before") {
    if (was_shrunk) return;
    CHECK(HoldsOnly(mapping.bytes(), 0x44));
    CHECK_FALSE(mapping.is_damaged());
    CHECK(memory.CheckSize());
  }
  SECTION("other memory holds zeros from the first touch on, and says so") {
    if (!was_shrunk) return;
    CHECK(memory.CheckSize().error() == Rule::kHandleSize);
    CHECK_FALSE(mapping.is_damaged());
    CHECK(mapping.bytes().back() == std::byte{0});
    CHECK(mapping.is_damaged());
    CHECK(HoldsOnly(mapping.bytes(), 0));
    FillWith(mapping.bytes(), 0x45);
    CHECK(HoldsOnly(mapping.bytes(), 0x45));
    CHECK(mapping.Revoke().error() == Rule::kHandleSize);
    CHECK(mapping.Grant().error() == Rule::kHandleSize);
  }
  SECTION("each mapping by itself, also when it is written first") {
    if (!was_shrunk) return;
    second.bytes().front() = std::byte{0x46};
    CHECK(second.is_damaged());
    CHECK_FALSE(mapping.is_damaged());
    CHECK(mapping.bytes().front() == std::byte{0});
    CHECK(second.bytes().front() == std::byte{0x46});
  }
  SECTION("the guard pages still guard") {
    if (!was_shrunk) return;
    mapping.bytes().front() = std::byte{1};
    Toucher toucher;
    CHECK(toucher.TryRead(PageOf(mapping.bytes().data()) - 1) == EFAULT);
  }
  SECTION("a mapping that was shrunk is unmapped as any other") {
    std::byte* const pages = PageOf(mapping.bytes().data());
    mapping.bytes().front() = std::byte{1};
    mapping = platform::Mapping();
    CHECK_FALSE(IsMapped(pages));
    CHECK_FALSE(IsMapped(pages + PagesOf(size)));
  }
}

template <class Maker>
void CheckSharedMemoryPromises() {
  const LeakCheck leak_check;
  // Pages in one table, in the next one already, and in ranges of their own.
  const auto size = GENERATE(std::uint64_t{1}, 4095, 4096, 4097, (1 << 20) + 1, 2 << 20);
  CAPTURE(size);
  SECTION("the object") {
    CheckObjectPromises<Maker>(size);
  }
  SECTION("a mapping") {
    const WayToMap way = EachWayToMap();
    CAPTURE(way.name);
    CheckMappingPromises<Maker>(size, way.options);
  }
  SECTION("revocation") {
    const WayToMap way = EachWayToMap();
    CAPTURE(way.name);
    CheckRevocationPromises<Maker>(size, way.options);
  }
  SECTION("truncation") {
    const WayToMap way = EachWayToMap();
    CAPTURE(way.name);
    CheckTruncationPromises<Maker>(size, way.options);
  }
}

}  // namespace baton::testing
