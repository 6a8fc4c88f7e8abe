// What every SharedMemory and its Mapping promise, whatever made them: the comments of
// <baton/platform/shared_memory.h>, executable. A new implementation is not done until it has its
// line in shared_memory_conformance_test.cc.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
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
#include "tests/support/leak_check.h"
#include "tests/support/must.h"

namespace baton::testing {

// Asks the kernel to read or write one byte of ours, and gives its answer: 0, or EFAULT. Lets a
// test look at a forbidden page without dying.
class Toucher {
 public:
  int TryRead(const std::byte* address) {
    return ::send(ends_.first.get(), address, 1, 0) == 1 ? Drain() : errno;
  }

  int TryWrite(std::byte* address) {
    const std::byte sent{0x5a};
    REQUIRE(::send(ends_.first.get(), &sent, 1, 0) == 1);
    if (::recv(ends_.second.get(), address, 1, 0) == 1) return 0;
    const int error = errno;
    Drain();
    return error;
  }

 private:
  int Drain() {
    std::byte taken{};
    REQUIRE(::recv(ends_.second.get(), &taken, 1, 0) == 1);
    return 0;
  }

  std::pair<platform::Handle, platform::Handle> ends_ = Must(platform::CreateSocketPair());
};

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

inline bool HoldsOnly(std::span<const std::byte> bytes, std::byte value) {
  return std::ranges::all_of(bytes, [value](std::byte byte) { return byte == value; });
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
  SECTION("nobody can change its size") {
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
  SECTION("its handle is close-on-exec") {
    CHECK(::fcntl(fd, F_GETFD) == FD_CLOEXEC);
  }
  SECTION("it can be frozen later") {
    CHECK((::fcntl(fd, F_GET_SEALS) & (F_SEAL_SEAL | F_SEAL_WRITE)) == 0);
  }
}

// What a mapping of it promises.
template <class Maker>
void CheckMappingPromises(std::uint64_t size) {
  const platform::SharedMemory memory = Maker::Make(size);
  platform::Mapping mapping = Must(memory.Map());
  const std::span<std::byte> bytes = mapping.bytes();
  Toucher toucher;

  SECTION("all of it can be touched, and holds zeros at first") {
    REQUIRE(bytes.size() == size);
    CHECK(HoldsOnly(bytes, std::byte{0}));
    std::ranges::fill(bytes, std::byte{0x11});
    CHECK(HoldsOnly(bytes, std::byte{0x11}));
  }
  SECTION("two mappings show the same memory") {
    const platform::Mapping second = Must(memory.Map());
    CHECK(second.bytes().data() != bytes.data());
    bytes.back() = std::byte{0x22};
    CHECK(second.bytes().back() == std::byte{0x22});
  }
  SECTION("a guard page lies on either side") {
    CHECK(toucher.TryRead(bytes.data()) == 0);
    CHECK(toucher.TryRead(bytes.data() - 1) == EFAULT);
    CHECK(toucher.TryWrite(bytes.data() - 1) == EFAULT);
    CHECK(toucher.TryRead(bytes.data() + PagesOf(size)) == EFAULT);
    CHECK(toucher.TryWrite(bytes.data() + PagesOf(size)) == EFAULT);
  }
  SECTION("a forked child does not inherit the pages") {
    CHECK_THAT(AreaFlags(bytes.data()), Catch::Contains(" dc "));
  }
  SECTION("it cannot be executed") {
    CHECK_THAT(AreaFlags(bytes.data()), !Catch::Contains(" ex "));
  }
}

// Who may touch a mapping, and for how long.
template <class Maker>
void CheckRevocationPromises(std::uint64_t size) {
  platform::Mapping mapping = Must(Maker::Make(size).Map());
  const std::span<std::byte> bytes = mapping.bytes();
  Toucher toucher;

  SECTION("it outlives the object that it was mapped from") {
    CHECK(toucher.TryWrite(&bytes.back()) == 0);
  }
  SECTION("revoked, it cannot be touched; the content stays; granted, all is as before") {
    std::ranges::fill(bytes, std::byte{0x33});
    for (int round = 0; round < 2; ++round) {
      Must(mapping.Revoke());
      for (std::byte* const byte : {&bytes.front(), &bytes.back()}) {
        CHECK(toucher.TryRead(byte) == EFAULT);
        CHECK(toucher.TryWrite(byte) == EFAULT);
      }
      Must(mapping.Grant());
      CHECK(HoldsOnly(bytes, std::byte{0x33}));
      CHECK(toucher.TryWrite(&bytes.back()) == 0);
      bytes.back() = std::byte{0x33};
    }
  }
  SECTION("revoking twice and granting twice are no errors") {
    Must(mapping.Revoke());
    Must(mapping.Revoke());
    CHECK(toucher.TryRead(bytes.data()) == EFAULT);
    Must(mapping.Grant());
    Must(mapping.Grant());
    CHECK(toucher.TryRead(bytes.data()) == 0);
  }
  SECTION("revoked, it is still kept from forked children, and its guards still guard") {
    Must(mapping.Revoke());
    Must(mapping.Grant());
    CHECK_THAT(AreaFlags(bytes.data()), Catch::Contains(" dc "));
    CHECK(toucher.TryRead(bytes.data() - 1) == EFAULT);
    CHECK(toucher.TryRead(bytes.data() + PagesOf(size)) == EFAULT);
  }
  SECTION("moving it moves the duty to unmap") {
    platform::Mapping moved = std::move(mapping);
    CHECK_FALSE(mapping);
    CHECK(moved.bytes().data() == bytes.data());
    CHECK(IsMapped(bytes.data()));
    moved = platform::Mapping();
    CHECK_FALSE(IsMapped(bytes.data()));
    CHECK_FALSE(IsMapped(bytes.data() - PagesOf(1)));
    CHECK_FALSE(IsMapped(bytes.data() + PagesOf(size)));
  }
}

template <class Maker>
void CheckSharedMemoryPromises() {
  const LeakCheck leak_check;
  const auto size = GENERATE(std::uint64_t{1}, 4095, 4096, 4097, (1 << 20) + 1);
  CAPTURE(size);
  SECTION("the object") {
    CheckObjectPromises<Maker>(size);
  }
  SECTION("a mapping") {
    CheckMappingPromises<Maker>(size);
  }
  SECTION("revocation") {
    CheckRevocationPromises<Maker>(size);
  }
}

}  // namespace baton::testing
