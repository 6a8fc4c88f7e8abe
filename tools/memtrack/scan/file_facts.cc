#include "tools/memtrack/scan/file_facts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "platform/posix/syscall.h"

namespace memtrack {
namespace {

using baton::platform::Handle;
using baton::platform::Syscall;

constexpr std::string_view kPrefix = "user.baton.";
constexpr std::size_t kMostAttributes = 64;
constexpr std::size_t kLongestValue = 1024;
constexpr std::size_t kLongestList = 16 << 10;
constexpr std::uint64_t kBlock = 512;  // the unit of stx_blocks, whatever the file system

// `list(buffer, size)` and `get(name, buffer, size)` are those of xattr(7) for one file.
template <class List, class Get>
std::map<std::string, std::string> ReadAttributes(List list, Get get) {
  std::map<std::string, std::string> attributes;
  std::array<char, kLongestList> names;
  const ssize_t length = list(names.data(), names.size());
  if (length <= 0) return attributes;  // there are none here, or they are somebody's nonsense
  std::string_view rest(names.data(), static_cast<std::size_t>(length));
  while (!rest.empty() && attributes.size() < kMostAttributes) {
    const std::string name(rest.substr(0, rest.find('\0')));
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    if (!name.starts_with(kPrefix)) continue;
    std::array<char, kLongestValue> value;
    const ssize_t size = get(name.c_str(), value.data(), value.size());
    if (size < 0) continue;
    attributes.emplace(name.substr(kPrefix.size()),
                       std::string(value.data(), static_cast<std::size_t>(size)));
  }
  return attributes;
}

// By this name the kernel leads to the very thing, whatever it was called.
std::string LinkTo(const Handle& pinned) {
  return fmt::format("/proc/thread-self/fd/{}", pinned.get());
}

// std::nullopt for a time that nanoseconds cannot say: a file system may claim any.
std::optional<std::int64_t> NanosOf(const statx_timestamp& time) {
  std::int64_t nanos = 0;
  if (__builtin_mul_overflow(std::int64_t{time.tv_sec}, std::int64_t{1'000'000'000}, &nanos) ||
      __builtin_add_overflow(nanos, std::int64_t{time.tv_nsec}, &nanos)) {
    return std::nullopt;
  }
  return nanos;
}

}  // namespace

Result<FileFacts> FactsOf(int folder, const std::string& name) {
  struct statx found = {};
  const auto ask = [&] {
    return ::statx(folder, name.c_str(), AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
                   STATX_BASIC_STATS | STATX_BTIME, &found);
  };
  BATON_CHECKED(Syscall("statx", ask));
  FileFacts facts = {.device = makedev(found.stx_dev_major, found.stx_dev_minor),
                     .inode = found.stx_ino,
                     .size = found.stx_size,
                     .allocated = found.stx_blocks * kBlock,
                     .born = std::nullopt,
                     .changed = NanosOf(found.stx_ctime),
                     .uid = found.stx_uid,
                     .is_regular = S_ISREG(found.stx_mode)};
  if ((found.stx_mask & STATX_BTIME) != 0) {
    facts.born = NanosOf(found.stx_btime);
  }
  return facts;
}

Result<Handle> OpenPinned(const Handle& pinned) {
  const std::string link = LinkTo(pinned);
  const auto open = [&] { return ::open(link.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC); };
  BATON_TRY(const int file, Syscall("open", open));
  return Handle(file);
}

std::optional<std::uint32_t> SealsOf(int file) {
  const auto seals = Syscall("fcntl(F_GET_SEALS)", [&] { return ::fcntl(file, F_GET_SEALS); });
  if (!seals) return std::nullopt;
  return static_cast<std::uint32_t>(*seals);
}

std::map<std::string, std::string> AttributesOf(int file) {
  return ReadAttributes(
      [&](char* names, std::size_t size) { return ::flistxattr(file, names, size); },
      [&](const char* name, char* value, std::size_t size) {
        return ::fgetxattr(file, name, value, size);
      });
}

std::map<std::string, std::string> AttributesOfPinned(const Handle& pinned) {
  const std::string link = LinkTo(pinned);
  return ReadAttributes(
      [&](char* names, std::size_t size) { return ::listxattr(link.c_str(), names, size); },
      [&](const char* name, char* value, std::size_t size) {
        return ::getxattr(link.c_str(), name, value, size);
      });
}

Result<std::string> TargetOfPinned(const Handle& pinned) {
  constexpr std::size_t kLongest = 4096;  // PATH_MAX; the kernel fails beyond it
  const std::string link = LinkTo(pinned);
  std::string target(kLongest, '\0');
  const auto read = [&] {
    return ::readlinkat(AT_FDCWD, link.c_str(), target.data(), target.size());
  };
  BATON_TRY(const ssize_t length, Syscall("readlinkat", read));
  target.resize(static_cast<std::size_t>(length));
  return target;
}

}  // namespace memtrack
