#include "bench/soak/content.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace soak {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;

}  // namespace

void Fill(std::span<std::byte> bytes, std::uint64_t salt) {
  for (std::uint64_t word = salt * kOdd + 1; !bytes.empty(); word = word * kOdd + salt) {
    const std::size_t size = std::min(kWord, bytes.size());
    std::memcpy(bytes.data(), &word, size);
    bytes = bytes.subspan(size);
  }
}

std::uint64_t Hash(std::span<const std::byte> bytes) {
  std::uint64_t hash = bytes.size();
  while (!bytes.empty()) {
    const std::size_t size = std::min(kWord, bytes.size());
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), size);
    hash = std::rotl((hash ^ word) * kOdd, 29);
    bytes = bytes.subspan(size);
  }
  return hash;
}

std::vector<std::byte> Content(std::size_t size, std::uint64_t salt) {
  std::vector<std::byte> bytes(size);
  Fill(bytes, salt);
  return bytes;
}

}  // namespace soak
