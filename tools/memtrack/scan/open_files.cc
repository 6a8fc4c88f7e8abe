#include "tools/memtrack/scan/open_files.h"

#include <linux/kcmp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

#include "platform/posix/syscall.h"

namespace memtrack {
namespace {

using baton::platform::Syscall;

enum class Order { kEqual = 0, kLess = 1, kGreater = 2 };

int ThreadOf(const DescriptorHold& hold) {
  return hold.thread == 0 ? hold.process.pid : hold.thread;
}

std::optional<Order> Compare(const DescriptorHold& one, const DescriptorHold& other) {
  const auto compare = [&] {
    return ::syscall(SYS_kcmp, ThreadOf(one), ThreadOf(other), KCMP_FILE, one.descriptor,
                     other.descriptor);
  };
  const auto order = Syscall("kcmp", compare);
  if (!order || *order > 2) return std::nullopt;
  return static_cast<Order>(*order);
}

// The open files of one segment, each by one of its descriptors, in the kernel's order. Searched by
// hand: descriptors that are closed meanwhile may give answers that contradict each other, and no
// algorithm that relies on an order may meet those.
class OpenFiles {
 public:
  explicit OpenFiles(std::uint64_t& last_number) : last_number_(last_number) {}

  void Number(DescriptorHold& hold) {
    std::size_t begin = 0, end = files_.size();
    while (begin < end) {
      const std::size_t middle = begin + (end - begin) / 2;
      const auto order = Compare(hold, *files_[middle]);
      if (!order) return;
      if (*order == Order::kEqual) {
        hold.open_file = files_[middle]->open_file;
        return;
      }
      if (*order == Order::kLess) {
        end = middle;
      } else {
        begin = middle + 1;
      }
    }
    // Compared with itself, it says whether we may ask at all.
    if (files_.empty() && Compare(hold, hold) != Order::kEqual) return;
    hold.open_file = ++last_number_;
    files_.insert(files_.begin() + static_cast<std::ptrdiff_t>(begin), &hold);
  }

 private:
  std::uint64_t& last_number_;
  std::vector<const DescriptorHold*> files_;
};

}  // namespace

void NumberOpenFiles(std::vector<DescriptorHold>& holds) {
  std::map<SegmentKey, std::vector<DescriptorHold*>> by_segment;
  for (DescriptorHold& hold : holds) {
    hold.open_file = 0;
    by_segment[hold.segment].push_back(&hold);
  }
  std::uint64_t last_number = 0;
  for (const auto& [segment, descriptors] : by_segment) {
    if (descriptors.size() == 1) {
      descriptors[0]->open_file = ++last_number;
      continue;
    }
    OpenFiles files(last_number);
    for (DescriptorHold* const hold : descriptors) files.Number(*hold);
  }
}

}  // namespace memtrack
