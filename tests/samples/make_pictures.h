// Pictures for the tests of samples/decoder, made on the spot by libpng and libjpeg.
#pragma once

#include <png.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include <cstdio>

#include <jpeglib.h>

namespace samples::testing {

using Bytes = std::vector<std::byte>;

// A PNG whose sample values differ from pixel to pixel and from channel to channel.
struct PngShape {
  std::uint32_t width = 13;
  std::uint32_t height = 9;
  int color_type = PNG_COLOR_TYPE_RGB;
  int depth = 8;                  // bits per sample, or per palette index
  bool has_transparency = false;  // a tRNS chunk; only for types without an alpha channel
  bool is_interlaced = false;
};
Bytes MakePng(const PngShape& shape);

// The RGBA pixels that MakePng(shape) stands for, by arithmetic of our own.
Bytes PixelsOf(const PngShape& shape);

// A sound header with a sound checksum, and then nothing.
Bytes MakePngHeader(std::uint32_t width, std::uint32_t height);

// A JPEG of one colour, given as it goes into libjpeg.
struct JpegShape {
  std::uint32_t width = 21;
  std::uint32_t height = 10;
  J_COLOR_SPACE space = JCS_RGB;     // of `color`: grey, RGB or CMYK
  J_COLOR_SPACE stored = JCS_YCbCr;  // in the file
  std::vector<std::uint8_t> color = {200, 100, 50};
  bool has_adobe_marker = false;
  bool is_progressive = false;
};
Bytes MakeJpeg(const JpegShape& shape);

}  // namespace samples::testing
