#include "tests/samples/make_pictures.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace samples::testing {
namespace {

// tRNS makes this grey or colour, and the lower half of the palette, see-through.
constexpr std::uint16_t kTransparentSample = 1;

int ChannelsOf(int color_type) {
  switch (color_type) {
    case PNG_COLOR_TYPE_GRAY_ALPHA: return 2;
    case PNG_COLOR_TYPE_RGB: return 3;
    case PNG_COLOR_TYPE_RGB_ALPHA: return 4;
  }
  return 1;
}

std::uint32_t SampleAt(const PngShape& shape, std::uint32_t x, std::uint32_t y, int channel) {
  const std::uint32_t mixed =
      (x * 7 + y * 31 + static_cast<std::uint32_t>(channel) * 101) * 2654435;
  const bool is_key = shape.has_transparency && (x + y) % 3 == 0;
  return is_key ? kTransparentSample : mixed % (1U << shape.depth);
}

std::uint8_t To8Bits(std::uint32_t sample, int depth) {
  const std::uint32_t maximum = (1U << depth) - 1;
  return static_cast<std::uint8_t>((sample * 255 + maximum / 2) / maximum);
}

png_color PaletteColor(std::uint32_t index) {
  const auto level = static_cast<png_byte>(index);
  return {level, static_cast<png_byte>(255 - level), static_cast<png_byte>(level / 2)};
}
png_byte PaletteAlpha(std::uint32_t index) {
  return static_cast<png_byte>(index * 16);
}

void Append(png_structp png, png_bytep bytes, std::size_t size) {
  auto& file = *static_cast<Bytes*>(png_get_io_ptr(png));
  const auto* begin = reinterpret_cast<const std::byte*>(bytes);
  file.insert(file.end(), begin, begin + size);
}

void SetPalette(png_structp png, png_infop info, const PngShape& shape) {
  std::vector<png_color> palette(std::size_t{1} << shape.depth);
  std::vector<png_byte> alphas(std::min<std::size_t>(palette.size(), 8));
  for (std::uint32_t i = 0; i < palette.size(); ++i) palette[i] = PaletteColor(i);
  for (std::uint32_t i = 0; i < alphas.size(); ++i) alphas[i] = PaletteAlpha(i);
  png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
  if (shape.has_transparency) {
    png_set_tRNS(png, info, alphas.data(), static_cast<int>(alphas.size()), nullptr);
  }
}

// One byte per sample, which libpng packs; two, big end first, for 16 bits.
std::vector<png_byte> RowOf(const PngShape& shape, std::uint32_t y) {
  std::vector<png_byte> row;
  for (std::uint32_t x = 0; x < shape.width; ++x) {
    for (int channel = 0; channel < ChannelsOf(shape.color_type); ++channel) {
      const std::uint32_t sample = SampleAt(shape, x, y, channel);
      if (shape.depth == 16) row.push_back(static_cast<png_byte>(sample >> 8));
      row.push_back(static_cast<png_byte>(sample));
    }
  }
  return row;
}

void WriteRows(png_structp png, const PngShape& shape) {
  png_set_packing(png);
  std::vector<std::vector<png_byte>> rows;
  for (std::uint32_t y = 0; y < shape.height; ++y) rows.push_back(RowOf(shape, y));
  std::vector<png_bytep> begins;
  for (auto& row : rows) begins.push_back(row.data());
  png_write_image(png, begins.data());
}

std::array<std::uint8_t, 4> PixelOf(const PngShape& shape, std::uint32_t x, std::uint32_t y) {
  std::array<std::uint8_t, 4> samples = {};
  bool is_key = shape.has_transparency;
  for (int channel = 0; channel < ChannelsOf(shape.color_type); ++channel) {
    const std::uint32_t sample = SampleAt(shape, x, y, channel);
    is_key = is_key && sample == kTransparentSample;
    samples[static_cast<std::size_t>(channel)] = To8Bits(sample, shape.depth);
  }
  const std::uint8_t alpha = is_key ? 0 : 255;
  switch (shape.color_type) {
    case PNG_COLOR_TYPE_GRAY: return {samples[0], samples[0], samples[0], alpha};
    case PNG_COLOR_TYPE_GRAY_ALPHA: return {samples[0], samples[0], samples[0], samples[1]};
    case PNG_COLOR_TYPE_RGB: return {samples[0], samples[1], samples[2], alpha};
    case PNG_COLOR_TYPE_RGB_ALPHA: return samples;
  }
  const std::uint32_t index = SampleAt(shape, x, y, 0);
  const png_color color = PaletteColor(index);
  const bool is_listed = shape.has_transparency && index < 8;
  return {color.red, color.green, color.blue, is_listed ? PaletteAlpha(index) : png_byte{255}};
}

}  // namespace

Bytes MakePng(const PngShape& shape) {
  Bytes file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &file, Append, [](png_structp) {});
  png_set_IHDR(png, info, shape.width, shape.height, shape.depth, shape.color_type,
               shape.is_interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (shape.color_type == PNG_COLOR_TYPE_PALETTE) {
    SetPalette(png, info, shape);
  } else if (shape.has_transparency) {
    const png_color_16 key = {0, kTransparentSample, kTransparentSample, kTransparentSample,
                              kTransparentSample};
    png_set_tRNS(png, info, nullptr, 0, &key);
  }
  png_write_info(png, info);
  WriteRows(png, shape);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return file;
}

Bytes PixelsOf(const PngShape& shape) {
  Bytes pixels;
  for (std::uint32_t y = 0; y < shape.height; ++y) {
    for (std::uint32_t x = 0; x < shape.width; ++x) {
      for (const std::uint8_t sample : PixelOf(shape, x, y)) pixels.push_back(std::byte{sample});
    }
  }
  return pixels;
}

Bytes MakePngHeader(std::uint32_t width, std::uint32_t height) {
  Bytes file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &file, Append, [](png_structp) {});
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_IHDR(png, info, width, height, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  constexpr std::array<png_byte, 4> kChunk = {'I', 'D', 'A', 'T'};
  png_write_chunk(png, kChunk.data(), nullptr, 0);
  png_destroy_write_struct(&png, &info);
  return file;
}

Bytes MakeJpeg(const JpegShape& shape) {
  jpeg_error_mgr errors;
  jpeg_compress_struct jpeg = {};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &memory, &size);
  jpeg.image_width = shape.width;
  jpeg.image_height = shape.height;
  jpeg.input_components = static_cast<int>(shape.color.size());
  jpeg.in_color_space = shape.space;
  jpeg_set_defaults(&jpeg);
  jpeg_set_colorspace(&jpeg, shape.stored);
  jpeg_set_quality(&jpeg, 100, TRUE);
  jpeg.write_Adobe_marker = shape.has_adobe_marker;
  if (shape.is_progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  std::vector<JSAMPLE> row;
  for (std::uint32_t x = 0; x < shape.width; ++x) {
    row.insert(row.end(), shape.color.begin(), shape.color.end());
  }
  JSAMPROW begin = row.data();
  while (jpeg.next_scanline < jpeg.image_height) jpeg_write_scanlines(&jpeg, &begin, 1);
  jpeg_finish_compress(&jpeg);
  const auto* bytes = reinterpret_cast<const std::byte*>(memory);
  Bytes file(bytes, bytes + size);
  jpeg_destroy_compress(&jpeg);
  std::free(memory);
  return file;
}

}  // namespace samples::testing
