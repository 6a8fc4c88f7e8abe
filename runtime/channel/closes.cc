#include "runtime/channel/closes.h"

#include <map>
#include <mutex>

#include <baton/actor.h>

namespace baton {
namespace {

struct Closes {
  std::mutex mutex;
  std::map<std::error_code, std::uint64_t> counts;
};

Closes& AllCloses() {
  static Closes closes;
  return closes;
}

}  // namespace

namespace internal {

void CountClose(std::error_code error) {
  Closes& closes = AllCloses();
  const std::lock_guard lock(closes.mutex);
  ++closes.counts[error];
}

}  // namespace internal

std::vector<std::pair<std::error_code, std::uint64_t>> ClosedChannels() {
  Closes& closes = AllCloses();
  const std::lock_guard lock(closes.mutex);
  return {closes.counts.begin(), closes.counts.end()};
}

}  // namespace baton
