// The other texts of /proc: fdinfo, maps, mountinfo, meminfo, sysvipc/shm.
#include <fcntl.h>
#include <sys/sysmacros.h>

#include <catch2/catch.hpp>
#include <string>

#include "tools/memtrack/scan/descriptor_info.h"
#include "tools/memtrack/scan/machine.h"
#include "tools/memtrack/scan/mapped_range.h"
#include "tools/memtrack/scan/mount_table.h"
#include "tools/memtrack/scan/sysv_table.h"

using namespace memtrack;

TEST_CASE("memtrack: fdinfo of a file, of a socket, of a dma-buf") {
  const DescriptorInfo file =
      ParseDescriptorInfo("pos:\t0\nflags:\t02100002\nmnt_id:\t15\nino:\t1028\n");
  CHECK(file.is_close_on_exec());
  CHECK(file.is_writable());
  CHECK(file.inode == 1028U);
  CHECK(file.scm_fds == 0);
  const DescriptorInfo reader = ParseDescriptorInfo("flags:\t0100000\n");
  CHECK_FALSE(reader.is_close_on_exec());
  CHECK_FALSE(reader.is_writable());
  CHECK_FALSE(reader.inode.has_value());
  CHECK(ParseDescriptorInfo("flags:\t0100001\n").is_writable());
  CHECK(ParseDescriptorInfo("flags:\t02\nscm_fds: 253\n").scm_fds == 253);

  const DescriptorInfo dmabuf = ParseDescriptorInfo(
      "flags:\t02\nsize:\t8294400\ncount:\t3\nexp_name:\tsystem\nname:\tcamera 1\n");
  CHECK(dmabuf.dmabuf_size == 8294400U);
  CHECK(dmabuf.dmabuf_exporter == "system");
  CHECK(dmabuf.dmabuf_name == "camera 1");
  CHECK(ParseDescriptorInfo("flags\n:\nscm_fds:\tmany\nino:\t-1\n").scm_fds == 0);
}

TEST_CASE("memtrack: a line of maps") {
  const auto line = ParseMappingLine(
      "7f0000001000-7f0000003000 rw-s 00002000 00:01 1028                       /memfd:a b "
      "(deleted)");
  REQUIRE(line.has_value());
  CHECK(line->range.begin == 0x7f0000001000);
  CHECK(line->range.end == 0x7f0000003000);
  CHECK(line->range.offset == 0x2000);
  CHECK(line->range.device == kKernelMount);
  CHECK(line->range.inode == 1028);
  CHECK(line->range.is_readable);
  CHECK(line->range.is_writable);
  CHECK_FALSE(line->range.is_executable);
  CHECK_FALSE(line->range.is_private);
  CHECK(line->path == "/memfd:a b (deleted)");

  const auto revoked = ParseMappingLine("1000-2000 ---s 00000000 00:01 7 /memfd:x (deleted)");
  REQUIRE(revoked.has_value());
  CHECK_FALSE(revoked->range.is_readable);
  const auto code = ParseMappingLine("1000-2000 r-xp 00000000 fe:00 99 /usr/bin/x");
  REQUIRE(code.has_value());
  CHECK(code->range.is_executable);
  CHECK(code->range.is_private);
  CHECK(code->range.device == makedev(254, 0));
  CHECK(ParseMappingLine("1000-2000 rw-p 00000000 00:00 0")->path.empty());
}

TEST_CASE("memtrack: what is no line of maps is none, wherever it ends") {
  const std::string whole = "7f00-7f01 rw-s 00002000 00:01 1028 /memfd:x (deleted)";
  for (std::size_t length = 0; length <= whole.find("1028"); ++length) {
    CHECK_FALSE(ParseMappingLine(whole.substr(0, length)).has_value());
  }
  CHECK_FALSE(ParseMappingLine("2000-1000 rw-s 0 00:01 1 x").has_value());
  CHECK_FALSE(ParseMappingLine("1000-2000 rws 0 00:01 1 x").has_value());
  CHECK_FALSE(ParseMappingLine("1ffffffffffffffff-2 rw-s 0 00:01 1 x").has_value());
}

TEST_CASE("memtrack: mounts, with what is stacked and what is hidden") {
  const MountTable mounts = ParseMountInfo(
      "25 24 0:23 / /dev/shm rw,relatime - tmpfs tmpfs rw\n"
      "30 25 0:27 / /dev/shm rw,relatime shared:1 - tmpfs tmpfs rw\n"
      "31 25 0:6 / /dev rw - devtmpfs devtmpfs rw\n"
      "32 25 0:60 / /a\\040b\\134c rw - tmpfs x rw\n"
      "33 25 0:21 / /proc rw - proc proc rw\n"
      "garbage\n34 1\n35 1 9\n36 1 0:99 / /cut rw\n");
  REQUIRE(mounts.tmpfs.size() == 4);
  CHECK(mounts.tmpfs[0].device == makedev(0, 23));
  CHECK(mounts.tmpfs[1].device == makedev(0, 27));
  CHECK(mounts.tmpfs[3].point == "/a b\\c");
  CHECK(mounts.DeviceOf("/dev/shm/x") == makedev(0, 27));
  CHECK(mounts.DeviceOf("/dev/x") == makedev(0, 6));
  CHECK(mounts.DeviceOf("/home/x") == 0);
  CHECK(mounts.IsMounted(makedev(0, 21)));
  CHECK_FALSE(mounts.MayHoldMemory(makedev(0, 21)));
  CHECK_FALSE(mounts.MayHoldMemory(makedev(254, 0)));
  CHECK(mounts.MayHoldMemory(makedev(0, 99)));  // nobody knows it
  CHECK(mounts.MayHoldMemory(kKernelMount));
}

TEST_CASE("memtrack: Shmem of the machine") {
  CHECK(ParseShmem("MemTotal: 100 kB\nShmem:            8872 kB\nShmemHugePages: 7 kB\n") ==
        8872U * 1024);
  CHECK_FALSE(ParseShmem("MemTotal: 1 kB\n").has_value());
  CHECK_FALSE(ParseShmem("Shmem: many kB\n").has_value());
  CHECK_FALSE(ParseShmem("Shmem: 1 MB\n").has_value());
}

TEST_CASE("memtrack: SysV memory, negative keys included") {
  const auto segments = ParseSysVTable(
      "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  "
      "cgid  "
      "    atime      dtime      ctime                   rss                  swap\n"
      "         0          0   600                  4096    17    17      1  1000  1000  1001  "
      "1001 "
      "0 0 1700000000 4096 8192\n"
      "        -1          5   600                   100     1     1      0     0     0     0     "
      "0 0 0 0 0 0\n"
      "1 2 3\n");
  REQUIRE(segments.size() == 2);
  CHECK(segments[0].id == 0);
  CHECK(segments[0].size == 4096);
  CHECK(segments[0].allocated == 4096 + 8192);
  CHECK(segments[0].creator_uid == 1001);
  CHECK(segments[1].key == -1);
  CHECK(segments[1].id == 5);
}
