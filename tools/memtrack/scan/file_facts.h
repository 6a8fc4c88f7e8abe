// What the kernel says about a piece of memory as a file: statx(2), its seals, and its extended
// attributes (xattr(7)). Asks only; nothing here changes it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

namespace memtrack {

using baton::Result;

struct FileFacts {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;               // bytes
  std::uint64_t allocated = 0;          // bytes
  std::optional<std::int64_t> born;     // nanoseconds since 1970
  std::optional<std::int64_t> changed;  // ctime, the same
  std::uint32_t uid = 0;
  bool is_regular = false;  // no folder, device, socket
};

// Asks no file server, which might never answer: memory has none, and of the rest nobody wants to
// know. Of what `name` in the open folder `folder` leads to; of `folder` itself where it is empty.
Result<FileFacts> FactsOf(int folder, const std::string& name);

// A file that FactsOf has found to be memory, pinned (ProcFolder::Pin), opened for reading.
Result<baton::platform::Handle> OpenPinned(const baton::platform::Handle& pinned);

// F_SEAL_*; std::nullopt for what cannot be sealed.
std::optional<std::uint32_t> SealsOf(int file);

// Those called user.baton.*, without that prefix: at most 64, of at most 1 KiB each, so that nobody
// makes a scan large.
std::map<std::string, std::string> AttributesOf(int file);
std::map<std::string, std::string> AttributesOfPinned(const baton::platform::Handle& pinned);

// Its name, raw, as /proc/PID/fd has it.
Result<std::string> TargetOfPinned(const baton::platform::Handle& pinned);

}  // namespace memtrack
