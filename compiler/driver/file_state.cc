#include "compiler/driver/file_state.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstring>

namespace batonc {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kTick = 20'000'000;  // more than a tick of any kernel's clock

std::int64_t Nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * kSecond + time.tv_nsec;
}

std::int64_t Now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

bool IsSettled(std::int64_t changed_ns, std::int64_t now) {
  const bool has_whole_seconds = changed_ns % kSecond == 0;
  return changed_ns < now - (has_whole_seconds ? 2 * kSecond : kTick);
}

}  // namespace

FileState StateOf(const std::string& path) {
  const std::int64_t now = Now();
  struct ::stat found {};
  if (::stat(path.c_str(), &found) != 0) return {};
  FileState state;
  state.device = found.st_dev;
  state.inode = found.st_ino;
  state.kind = S_ISDIR(found.st_mode) ? FileState::Kind::kFolder : FileState::Kind::kFile;
  if (state.kind == FileState::Kind::kFolder) return state;
  state.size = static_cast<std::uint64_t>(found.st_size);
  state.modified_ns = Nanoseconds(found.st_mtim);
  state.changed_ns = Nanoseconds(found.st_ctim);
  state.is_settled = IsSettled(state.changed_ns, now);
  return state;
}

std::uint64_t ContentHash(std::string_view content) {
  constexpr std::uint64_t kPrime = 0x9e3779b97f4a7c15;
  std::uint64_t hash = content.size() * kPrime;
  const auto mix = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * kPrime;
    hash ^= hash >> 32;
  };
  while (!content.empty()) {
    std::uint64_t word = 0;
    const std::size_t count = std::min(content.size(), sizeof(word));
    std::memcpy(&word, content.data(), count);
    mix(word);
    content.remove_prefix(count);
  }
  return hash;
}

}  // namespace batonc
