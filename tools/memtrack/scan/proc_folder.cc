#include "tools/memtrack/scan/proc_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "platform/posix/syscall.h"
#include "tools/memtrack/scan/text_fields.h"

namespace memtrack {
namespace {

using baton::platform::Syscall;

constexpr std::size_t kFirstRead = 4096;
constexpr std::size_t kMostText = 16 << 20;
constexpr std::size_t kLongestLink = 4096;  // PATH_MAX; the kernel fails beyond it
constexpr std::size_t kEntriesAtOnce = 32 << 10;

Result<Handle> OpenAt(int folder, const std::string& name, int flags) {
  const auto open = [&] { return ::openat(folder, name.c_str(), flags | O_CLOEXEC); };
  BATON_TRY(const int file, Syscall("openat", open));
  return Handle(file);
}

void AddNumbers(const std::byte* entries, std::size_t size, std::vector<int>& numbers) {
  for (std::size_t at = 0; at < size;) {
    const auto* const entry = reinterpret_cast<const dirent64*>(entries + at);
    TextFields name(entry->d_name);
    if (const auto number = name.Number<int>(); number && *number >= 0 && name.rest().empty()) {
      numbers.push_back(*number);
    }
    at += entry->d_reclen;
  }
}

}  // namespace

Failing WhyFailing(const std::error_code& error) {
  if (error.category() != std::system_category()) return Failing::kOther;
  switch (error.value()) {
    case ENOENT:
    case ESRCH:
    case ENOTDIR: return Failing::kGone;
    case EACCES:
    case EPERM: return Failing::kDenied;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS: return Failing::kShort;
    default: return Failing::kOther;
  }
}

Result<ProcFolder> ProcFolder::Open(const std::string& path) {
  BATON_TRY(Handle handle, OpenAt(AT_FDCWD, path, O_RDONLY | O_DIRECTORY));
  return ProcFolder(std::move(handle));
}

Result<ProcFolder> ProcFolder::Duplicate() const {
  BATON_TRY(Handle handle, handle_.Duplicate());
  return ProcFolder(std::move(handle));
}

Result<ProcFolder> ProcFolder::Folder(const std::string& name) const {
  BATON_TRY(Handle handle, OpenAt(native(), name, O_RDONLY | O_DIRECTORY));
  return ProcFolder(std::move(handle));
}

Result<Handle> ProcFolder::File(const std::string& name) const {
  return OpenAt(native(), name, O_RDONLY | O_NONBLOCK);
}

Result<Handle> ProcFolder::Pin(const std::string& name) const {
  return OpenAt(native(), name, O_PATH);
}

Result<void> ProcFolder::Read(const std::string& name, std::string& text) const {
  BATON_TRY(const Handle file, File(name));
  return ReadText(file, text);
}

Result<void> ProcFolder::ReadLink(const std::string& name, std::string& target) const {
  target.resize(kLongestLink);
  const auto read = [&] {
    return ::readlinkat(native(), name.c_str(), target.data(), target.size());
  };
  BATON_TRY(const ssize_t length, Syscall("readlinkat", read));
  target.resize(static_cast<std::size_t>(length));
  return {};
}

Result<std::vector<int>> ProcFolder::Numbers() const {
  alignas(dirent64) std::array<std::byte, kEntriesAtOnce> entries;
  std::vector<int> numbers;
  BATON_CHECKED(Syscall("lseek", [&] { return ::lseek(native(), 0, SEEK_SET); }));
  for (;;) {
    const auto get = [&] { return ::getdents64(native(), entries.data(), entries.size()); };
    BATON_TRY(const ssize_t size, Syscall("getdents64", get));
    if (size == 0) break;
    AddNumbers(entries.data(), static_cast<std::size_t>(size), numbers);
  }
  std::ranges::sort(numbers);
  return numbers;
}

bool IsProc(const ProcFolder& folder) {
  struct statfs found = {};
  const auto asked = Syscall("fstatfs", [&] { return ::fstatfs(folder.native(), &found); });
  return asked && found.f_type == PROC_SUPER_MAGIC;
}

Result<void> ReadText(const Handle& file, std::string& text) {
  std::size_t length = 0;
  text.resize(std::max(text.capacity(), kFirstRead));
  for (;;) {
    const auto read = [&] {
      return ::pread(file.get(), text.data() + length, text.size() - length,
                     static_cast<off_t>(length));
    };
    BATON_TRY(const ssize_t got, Syscall("pread", read));
    length += static_cast<std::size_t>(got);
    if (got == 0 || length == kMostText) break;
    if (length == text.size()) text.resize(std::min(2 * length, kMostText));
  }
  text.resize(length);
  return {};
}

Result<void> ReadRecord(const Handle& file, std::string& text) {
  text.resize(kFirstRead);
  const auto read = [&] { return ::pread(file.get(), text.data(), text.size(), 0); };
  BATON_TRY(const ssize_t got, Syscall("pread", read));
  text.resize(static_cast<std::size_t>(got));
  return {};
}

}  // namespace memtrack
