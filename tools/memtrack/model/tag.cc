#include "tools/memtrack/model/tag.h"

#include <string_view>

namespace memtrack {
namespace {

constexpr std::string_view kSeparators = "-_.:#/ ";
constexpr std::string_view kDigits = "0123456789";

// Up to the first part, not counting the first that has a letter, in which there is a digit.
std::string_view WithoutNumbers(std::string_view name) {
  const std::size_t begin = name.starts_with("/dev/shm/") ? sizeof("/dev/shm/") - 1 : 0;
  std::size_t at = name.find_first_of(kSeparators, name.find_first_not_of(kSeparators, begin));
  if (at == std::string_view::npos) {  // a single part
    const std::size_t last = name.find_last_not_of(kDigits);
    return last == std::string_view::npos || last < begin ? name : name.substr(0, last + 1);
  }
  while (at != std::string_view::npos) {
    const std::size_t part = name.find_first_not_of(kSeparators, at);
    if (part == std::string_view::npos) return name.substr(0, at);
    const std::size_t end = name.find_first_of(kSeparators, part);
    const std::string_view text = name.substr(part, end - part);
    if (text.find_first_of(kDigits) != std::string_view::npos) return name.substr(0, at);
    at = end;
  }
  return name;
}

}  // namespace

const char* WordOf(SegmentKind kind) {
  switch (kind) {
    case SegmentKind::kMemfd: return "memfd";
    case SegmentKind::kPosix: return "posix";
    case SegmentKind::kSysV: return "sysv";
    case SegmentKind::kAnonymous: return "anonymous";
    case SegmentKind::kDmabuf: return "dmabuf";
    case SegmentKind::kHugetlb: return "hugetlb";
  }
  return "unknown";
}

std::string TagOf(const Segment& segment, const std::optional<BatonFacts>& facts) {
  if (facts) return facts->is_ring ? facts->protocol + " ring" : facts->protocol;
  const bool is_numbered =
      segment.key.kind == SegmentKind::kSysV || segment.key.kind == SegmentKind::kAnonymous;
  // O_TMPFILE: the kernel says the inode where a name should be.
  const bool has_no_name = segment.name.empty() || segment.name.starts_with("/dev/shm/#");
  if (has_no_name || is_numbered) {
    return std::string("(") + WordOf(segment.key.kind) + ")";
  }
  return std::string(WithoutNumbers(segment.name));
}

}  // namespace memtrack
