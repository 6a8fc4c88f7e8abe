#include "tools/memtrack/scan/link_target.h"

#include <sys/sysmacros.h>

#include "tools/memtrack/scan/text_fields.h"

namespace memtrack {
namespace {

constexpr std::string_view kDeleted = " (deleted)";

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Once only: a memfd may be called "x (deleted)".
bool TakeDeleted(std::string_view& text) {
  if (!text.ends_with(kDeleted)) return false;
  text.remove_suffix(kDeleted.size());
  return true;
}

std::optional<NamedSegment> ClassifyDeleted(std::string_view name) {
  if (TakePrefix(name, "/memfd:"))
    return NamedSegment{SegmentKind::kMemfd, std::string(name), true};
  if (name.starts_with("/SYSV"))
    return NamedSegment{SegmentKind::kSysV, std::string(name.substr(1))};
  if (name == "/dev/zero") return NamedSegment{SegmentKind::kAnonymous, ""};
  if (name == "/anon_hugepage") return NamedSegment{SegmentKind::kHugetlb, ""};
  if (name == "/secretmem")
    return NamedSegment{.kind = SegmentKind::kMemfd, .name = "secretmem", .is_secret = true};
  return std::nullopt;
}

}  // namespace

std::optional<NamedSegment> ClassifyTarget(std::string_view target, const MountTable& mounts) {
  if (!target.starts_with('/')) return std::nullopt;
  std::string_view name = target;
  const bool is_deleted = TakeDeleted(name);
  if (is_deleted) {
    if (auto named = ClassifyDeleted(name)) return named;
  }
  if (std::string_view rest = target; TakePrefix(rest, "/dmabuf:")) {
    return NamedSegment{SegmentKind::kDmabuf, std::string(rest)};
  }
  if (target == "/secretmem")
    return NamedSegment{.kind = SegmentKind::kMemfd, .name = "secretmem", .is_secret = true};
  if (mounts.IsBelowHugetlbfs(name)) return NamedSegment{SegmentKind::kHugetlb, std::string(name)};
  if (mounts.IsBelowTmpfs(name)) return NamedSegment{SegmentKind::kPosix, std::string(name)};
  return std::nullopt;
}

bool DeviceFits(const NamedSegment& named, std::uint64_t device, const MountTable& mounts) {
  if (named.name.starts_with('/')) return mounts.MayHoldMemory(device);
  if (named.kind == SegmentKind::kAnonymous) return device == kKernelMount;
  // What only the kernel mounts is in nobody's table, and has no driver behind it.
  const bool is_unmounted = major(device) == 0 && !mounts.IsMounted(device);
  if (named.kind == SegmentKind::kDmabuf || named.is_secret) return is_unmounted;
  if (device == kKernelMount) return true;
  return mounts.huge_devices ? mounts.huge_devices->contains(device) : is_unmounted;
}

SegmentKind KindOnDevice(const NamedSegment& named, std::uint64_t device) {
  return named.may_be_huge && device != kKernelMount ? SegmentKind::kHugetlb : named.kind;
}

std::optional<std::uint64_t> ParseSocket(std::string_view target) {
  if (!TakePrefix(target, "socket:[")) return std::nullopt;
  TextFields fields(target);
  const auto inode = fields.Number();
  if (!inode || fields.rest() != "]") return std::nullopt;
  return inode;
}

std::string UnescapedPath(std::string_view text) {
  constexpr std::string_view kLineFeed = "\\012";
  std::string path;
  for (std::size_t at = text.find(kLineFeed); at != std::string_view::npos;
       at = text.find(kLineFeed)) {
    path.append(text.substr(0, at)).push_back('\n');
    text.remove_prefix(at + kLineFeed.size());
  }
  return path.append(text);
}

}  // namespace memtrack
