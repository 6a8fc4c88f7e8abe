// Bytes that can be told apart: made of a salt, and known again by their hash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace soak {

void Fill(std::span<std::byte> bytes, std::uint64_t salt);
std::uint64_t Hash(std::span<const std::byte> bytes);

std::vector<std::byte> Content(std::size_t size, std::uint64_t salt);

}  // namespace soak
