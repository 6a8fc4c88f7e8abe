// What is painted: any pattern that differs each time, and a hash that shows every lost byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace samples {

// Fills all of `pixels`, whose size is a multiple of 8, with the pattern of that number.
void Paint(std::span<std::byte> pixels, std::uint64_t pattern);

std::uint64_t HashOf(std::span<const std::byte> pixels);

}  // namespace samples
