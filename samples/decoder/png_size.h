// How long the PNG of so many pixels can be. The child allocates by it, and the parent believes no
// more than it, without knowing libpng.
#pragma once

#include <cstdint>

namespace samples {

// No PNG that WritePng (png_writer.h) makes of so many pixels is longer. Bytes.
//
// deflate stores what it cannot compress, for far less than a 64th more; a row has one byte for its
// filter, and the chunks around the pixels take less than 1000.
constexpr std::uint64_t PngSizeLimit(std::uint32_t width, std::uint32_t height) {
  const std::uint64_t raw = (std::uint64_t{width} * 4 + 1) * height;
  return raw + raw / 64 + 1000;
}

}  // namespace samples
