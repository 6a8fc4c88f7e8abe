// What the name of an open file or a mapping says about it.
#include "tools/memtrack/scan/link_target.h"

#include <sys/sysmacros.h>

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

using namespace memtrack;

namespace {

const std::uint64_t kShm = makedev(0, 23), kRoot = makedev(254, 0), kOverlay = makedev(0, 40);

const MountTable& Mounts() {
  static const MountTable mounts = ParseMountInfo(
      "25 24 0:23 / /dev/shm rw - tmpfs tmpfs rw\n"
      "26 24 0:24 / /run rw shared:5 master:1 - tmpfs tmpfs rw\n"
      "27 1 254:0 / / rw - ext4 /dev/vda rw\n"
      "28 1 0:40 / /box rw - overlay overlay rw\n"
      "29 24 0:50 / /dev/hugepages rw - hugetlbfs hugetlbfs rw\n");
  return mounts;
}

}  // namespace

TEST_CASE("memtrack: shared memory is known by its name") {
  const struct {
    std::string target;
    SegmentKind kind;
    std::string name;
  } kNames[] = {
      {"/memfd:baton:7 (deleted)", SegmentKind::kMemfd, "baton:7"},
      {"/memfd: (deleted)", SegmentKind::kMemfd, ""},
      {"/memfd:x (deleted) (deleted)", SegmentKind::kMemfd, "x (deleted)"},
      {"/memfd:with blank\nand line (deleted)", SegmentKind::kMemfd, "with blank\nand line"},
      {"/SYSV0000002a (deleted)", SegmentKind::kSysV, "SYSV0000002a"},
      {"/dev/zero (deleted)", SegmentKind::kAnonymous, ""},
      {"/anon_hugepage (deleted)", SegmentKind::kHugetlb, ""},
      {"/dmabuf:camera", SegmentKind::kDmabuf, "camera"},
      {"/dmabuf:", SegmentKind::kDmabuf, ""},
      {"/secretmem (deleted)", SegmentKind::kMemfd, "secretmem"},
      {"/dev/shm/sem.x", SegmentKind::kPosix, "/dev/shm/sem.x"},
      {"/dev/shm/gone (deleted)", SegmentKind::kPosix, "/dev/shm/gone"},
      {"/run/app/pool", SegmentKind::kPosix, "/run/app/pool"},
      {"/dev/hugepages/big", SegmentKind::kHugetlb, "/dev/hugepages/big"},
  };
  for (const auto& one : kNames) {
    INFO(one.target);
    const auto named = ClassifyTarget(one.target, Mounts());
    REQUIRE(named.has_value());
    CHECK(named->kind == one.kind);
    CHECK(named->name == one.name);
  }
}

TEST_CASE("memtrack: what is no shared memory has no such name") {
  for (const char* const target :
       {"", "/", "/dev/shm", "/dev/null", "/dev/zero", "/memfd:x", "/SYSV00000000",
        "/home/memfd:x (deleted)", "socket:[17]", "pipe:[17]", "anon_inode:[eventfd]", "/devshm/x",
        "/dev/shmx", "/runner/x", "/usr/lib/libc.so.6", "[heap]", "/dev/zeros (deleted)"}) {
    INFO(target);
    CHECK_FALSE(ClassifyTarget(target, Mounts()).has_value());
  }
}

TEST_CASE("memtrack: a name counts only where the memory can lie") {
  const auto fits = [](const char* target, std::uint64_t device) {
    return DeviceFits(*ClassifyTarget(target, Mounts()), device, Mounts());
  };
  CHECK(fits("/memfd:x (deleted)", kKernelMount));
  CHECK_FALSE(fits("/memfd:x (deleted)", kRoot));     // a file that somebody has called so
  CHECK_FALSE(fits("/memfd:x (deleted)", kOverlay));  // the same in a container
  CHECK_FALSE(fits("/memfd:x (deleted)", kShm));
  CHECK(fits("/dev/shm/x", kShm));
  CHECK(fits("/dev/shm/x", makedev(0, 77)));  // of another mount namespace
  CHECK_FALSE(fits("/dev/shm/x", kRoot));
}

TEST_CASE("memtrack: where huge pages lie is known, so a file of that name elsewhere is none") {
  MountTable mounts = Mounts();
  const auto memfd = *ClassifyTarget("/memfd:x (deleted)", mounts);
  const std::uint64_t huge = makedev(0, 15), file_server = makedev(0, 90);
  CHECK(DeviceFits(memfd, file_server, mounts));  // as long as that is not known
  mounts.huge_devices = {huge};
  CHECK(DeviceFits(memfd, kKernelMount, mounts));
  CHECK(DeviceFits(memfd, huge, mounts));
  CHECK_FALSE(DeviceFits(memfd, file_server, mounts));
  CHECK_FALSE(DeviceFits(*ClassifyTarget("/dev/zero (deleted)", mounts), huge, mounts));
  CHECK(DeviceFits(*ClassifyTarget("/dmabuf:x", mounts), makedev(0, 9), mounts));
}

TEST_CASE("memtrack: a memfd on another mount of the kernel is made of huge pages") {
  const auto named = *ClassifyTarget("/memfd:x (deleted)", Mounts());
  CHECK(KindOnDevice(named, kKernelMount) == SegmentKind::kMemfd);
  CHECK(KindOnDevice(named, makedev(0, 15)) == SegmentKind::kHugetlb);
  const auto sysv = *ClassifyTarget("/SYSV00000001 (deleted)", Mounts());
  CHECK(KindOnDevice(sysv, makedev(0, 15)) == SegmentKind::kSysV);
}

TEST_CASE("memtrack: sockets, and the one escape of maps") {
  CHECK(ParseSocket("socket:[4711]") == 4711U);
  for (const char* const target : {"socket:[]", "socket:[1", "socket:[1]x", "socket", "pipe:[1]"}) {
    CHECK_FALSE(ParseSocket(target).has_value());
  }
  CHECK(UnescapedPath("a\\012b\\012") == "a\nb\n");
  CHECK(UnescapedPath("a\\01") == "a\\01");
  CHECK(UnescapedPath("a\\040b") == "a\\040b");
}
