// RGBA8 pixels to a PNG file, in memory of the caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace samples {

// Writes into `png`, which should have PngSizeLimit bytes (png_size.h), and returns how many were
// used; 0 when there was too little memory, here or at libpng. `rgba` is width * height * 4 bytes,
// both positive.
std::uint64_t WritePng(std::span<const std::byte> rgba, std::uint32_t width, std::uint32_t height,
                       std::span<std::byte> png);

}  // namespace samples
