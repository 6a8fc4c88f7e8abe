// What /proc/PID/fdinfo/N says of a descriptor. A pure function over its text; source: proc(5),
// Documentation/driver-api/dma-buf.rst, net/unix/af_unix.c (scm_fds).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace memtrack {

struct DescriptorInfo {
  std::uint64_t flags = 0;             // O_*, O_CLOEXEC among them
  std::optional<std::uint64_t> inode;  // since Linux 5.14
  std::uint32_t scm_fds = 0;           // of a Unix socket: descriptors that lie in its queue
  // Of a dma-buf.
  std::optional<std::uint64_t> dmabuf_size;
  std::string dmabuf_exporter;
  std::string dmabuf_name;

  bool is_close_on_exec() const;
  bool is_writable() const;
};

// Lines that are not known, or not as expected, are left out.
DescriptorInfo ParseDescriptorInfo(std::string_view text);

}  // namespace memtrack
