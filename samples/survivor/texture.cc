#include "texture.h"

#include <cstring>

namespace samples {
namespace {

constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
constexpr std::uint64_t kPrime = 0x100000001b3;  // of FNV-1a, here over words

}  // namespace

void Paint(std::span<std::byte> pixels, std::uint64_t pattern) {
  std::uint64_t word = pattern * kOdd;
  for (std::size_t at = 0; at + sizeof(word) <= pixels.size(); at += sizeof(word)) {
    std::memcpy(pixels.data() + at, &word, sizeof(word));
    word += kOdd;
  }
}

std::uint64_t HashOf(std::span<const std::byte> pixels) {
  std::uint64_t hash = 0xcbf29ce484222325;
  std::uint64_t word = 0;
  for (std::size_t at = 0; at + sizeof(word) <= pixels.size(); at += sizeof(word)) {
    std::memcpy(&word, pixels.data() + at, sizeof(word));
    hash = (hash ^ word) * kPrime;
  }
  return hash;
}

}  // namespace samples
