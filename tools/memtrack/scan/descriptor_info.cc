#include "tools/memtrack/scan/descriptor_info.h"

#include <fcntl.h>

#include "tools/memtrack/scan/text_fields.h"

namespace memtrack {

bool DescriptorInfo::is_close_on_exec() const {
  return (flags & O_CLOEXEC) != 0;
}

bool DescriptorInfo::is_writable() const {
  return (flags & O_ACCMODE) == O_WRONLY || (flags & O_ACCMODE) == O_RDWR;
}

DescriptorInfo ParseDescriptorInfo(std::string_view text) {
  DescriptorInfo info;
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view key = line.substr(0, colon);
    TextFields value(line.substr(colon + 1));
    value.SkipBlanks();
    if (key == "flags") {
      info.flags = value.Number(8).value_or(0);
    } else if (key == "ino") {
      info.inode = value.Number();
    } else if (key == "scm_fds") {
      info.scm_fds = value.Number<std::uint32_t>().value_or(0);
    } else if (key == "size") {
      info.dmabuf_size = value.Number();
    } else if (key == "exp_name") {
      info.dmabuf_exporter = value.rest();
    } else if (key == "name") {
      info.dmabuf_name = value.rest();
    }
  }
  return info;
}

}  // namespace memtrack
