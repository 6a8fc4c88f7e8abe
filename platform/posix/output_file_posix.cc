#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include <baton/platform/output_file.h>

#include "platform/posix/syscall.h"

namespace baton::platform {

Result<OutputFile> OutputFile::Open(const std::string& path, Content content) {
  const int how = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY |
                  (content == Content::kDiscard ? O_TRUNC : 0);
  BATON_TRY(const int fd, Syscall("open", [&] { return ::open(path.c_str(), how, 0600); }));
  return OutputFile(Handle(fd), fd);
}

Result<void> OutputFile::Write(std::string_view text) const {
  const auto write = [&] { return ::write(native_, text.data(), text.size()); };
  BATON_TRY(const ssize_t written, Syscall("write", write));
  if (static_cast<std::size_t>(written) == text.size()) return {};
  return Fail(std::make_error_code(std::errc::no_space_on_device));
}

}  // namespace baton::platform
