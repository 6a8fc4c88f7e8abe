#include "samples/decoder/picture_reader.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <span>

#include "samples/decoder/png_size.h"
#include "samples/decoder/png_writer.h"
#include "tests/samples/make_pictures.h"

namespace samples::testing {
namespace {

struct Decoded {
  Outcome outcome = Outcome::kUnknownFormat;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  Bytes pixels;
};

Decoded Decode(std::span<const std::byte> file) {
  const auto reader = OpenPicture(file);
  if (reader == nullptr) return {};
  Decoded decoded;
  decoded.outcome = reader->ReadHeader();
  if (decoded.outcome != Outcome::kDecoded) return decoded;
  decoded.width = reader->width();
  decoded.height = reader->height();
  REQUIRE(std::uint64_t{decoded.width} * decoded.height < 100'000);
  decoded.pixels.resize(std::size_t{decoded.width} * decoded.height * 4);
  decoded.outcome = reader->ReadPixels(decoded.pixels);
  return decoded;
}

// The first pixel, after a check that all pixels are like it, give or take what JPEG loses.
std::array<int, 4> OnlyColor(const Decoded& decoded) {
  std::array<int, 4> first = {};
  for (std::size_t i = 0; i < 4; ++i) first[i] = std::to_integer<int>(decoded.pixels[i]);
  for (std::size_t i = 0; i < decoded.pixels.size(); ++i) {
    REQUIRE(std::abs(std::to_integer<int>(decoded.pixels[i]) - first[i % 4]) <= 2);
  }
  return first;
}

void RequireNear(const std::array<int, 4>& seen, const std::array<int, 4>& wanted) {
  for (std::size_t i = 0; i < 4; ++i) {
    INFO("channel " << i << ": " << seen[i] << ", wanted " << wanted[i]);
    REQUIRE(std::abs(seen[i] - wanted[i]) <= 2);
  }
}

void RequirePixels(const PngShape& shape) {
  CAPTURE(shape.color_type, shape.depth, shape.has_transparency, shape.is_interlaced, shape.width);
  const Bytes file = MakePng(shape);
  const Decoded decoded = Decode(file);
  REQUIRE(decoded.outcome == Outcome::kDecoded);
  REQUIRE(decoded.width == shape.width);
  REQUIRE(decoded.height == shape.height);
  REQUIRE(decoded.pixels == PixelsOf(shape));
}

TEST_CASE("every type of PNG becomes RGBA") {
  PngShape shape;
  shape.is_interlaced = GENERATE(false, true);
  shape.width = GENERATE(13U, 1U);
  shape.height = shape.width == 1 ? 1 : 9;

  SECTION("grey") {
    shape.color_type = PNG_COLOR_TYPE_GRAY;
    shape.has_transparency = GENERATE(false, true);
    shape.depth = GENERATE(1, 2, 4, 8, 16);
    RequirePixels(shape);
  }
  SECTION("palette") {
    shape.color_type = PNG_COLOR_TYPE_PALETTE;
    shape.has_transparency = GENERATE(false, true);
    shape.depth = GENERATE(1, 2, 4, 8);
    RequirePixels(shape);
  }
  SECTION("colour") {
    shape.color_type = PNG_COLOR_TYPE_RGB;
    shape.has_transparency = GENERATE(false, true);
    shape.depth = GENERATE(8, 16);
    RequirePixels(shape);
  }
  SECTION("with alpha") {
    shape.color_type = GENERATE(PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB_ALPHA);
    shape.depth = GENERATE(8, 16);
    RequirePixels(shape);
  }
}

TEST_CASE("every type of JPEG becomes RGBA") {
  JpegShape shape;
  shape.is_progressive = GENERATE(false, true);
  std::array<int, 4> wanted = {200, 100, 50, 255};

  SECTION("YCbCr") {}
  SECTION("RGB") {
    shape.stored = JCS_RGB;
    shape.has_adobe_marker = true;
  }
  SECTION("grey") {
    shape.space = shape.stored = JCS_GRAYSCALE;
    shape.color = {77};
    wanted = {77, 77, 77, 255};
  }
  SECTION("one pixel") {
    shape.width = shape.height = 1;
  }
  SECTION("ink") {
    shape.space = JCS_CMYK;
    shape.color = {10, 120, 240, 128};
    SECTION("CMYK as Adobe stores it") {
      shape.stored = JCS_CMYK;
      shape.has_adobe_marker = true;
      wanted = {10 * 128 / 255, 120 * 128 / 255, 240 * 128 / 255, 255};
    }
    SECTION("YCCK, which only Adobe has") {
      shape.stored = JCS_YCCK;
      shape.has_adobe_marker = true;
      wanted = {10 * 128 / 255, 120 * 128 / 255, 240 * 128 / 255, 255};
    }
    SECTION("CMYK as everybody else stores it") {
      shape.stored = JCS_CMYK;
      wanted = {245 * 127 / 255, 135 * 127 / 255, 15 * 127 / 255, 255};
    }
  }

  const Decoded decoded = Decode(MakeJpeg(shape));
  REQUIRE(decoded.outcome == Outcome::kDecoded);
  REQUIRE(decoded.width == shape.width);
  REQUIRE(decoded.height == shape.height);
  RequireNear(OnlyColor(decoded), wanted);
}

Bytes SmallPicture() {
  PngShape png;
  JpegShape jpeg;
  switch (GENERATE(0, 1, 2, 3)) {
    case 0: return MakePng(png);
    case 1: png.is_interlaced = true; return MakePng(png);
    case 2: return MakeJpeg(jpeg);
    default: jpeg.is_progressive = true; return MakeJpeg(jpeg);
  }
}

TEST_CASE("a JPEG whose scan header is odd is decoded as libjpeg decodes it: whole") {
  Bytes file = MakeJpeg({});
  const Decoded sound = Decode(file);
  const std::array kStartOfScan = {std::byte{0xff}, std::byte{0xda}};
  const auto scan = std::search(file.begin(), file.end(), kStartOfScan.begin(), kStartOfScan.end());
  REQUIRE(scan != file.end());
  // Behind the marker: 2 bytes of length, then a count and as many components of 2 bytes, then the
  // first and last coefficient, which only a progressive picture may choose.
  const std::ptrdiff_t components = std::to_integer<int>(scan[4]);
  scan[5 + components * 2 + 1] = std::byte{0};
  const Decoded odd = Decode(file);
  REQUIRE(odd.outcome == Outcome::kDecoded);
  REQUIRE(odd.pixels == sound.pixels);
}

TEST_CASE("a picture that ends too early is an error, wherever it ends") {
  const Bytes file = SmallPicture();
  REQUIRE(Decode(file).outcome == Outcome::kDecoded);
  for (std::size_t size = 0; size < file.size(); ++size) {
    CAPTURE(size, file.size());
    const Bytes beginning(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    REQUIRE(Decode(beginning).outcome != Outcome::kDecoded);
  }
}

TEST_CASE("what is cut off at the end is called truncated") {
  const Bytes file = SmallPicture();
  const Bytes beginning(file.begin(), file.end() - 2);
  REQUIRE(Decode(beginning).outcome == Outcome::kTruncated);
}

TEST_CASE("one changed byte anywhere in a PNG is found by its checksums") {
  Bytes file = MakePng({});
  for (std::byte& byte : file) {
    byte ^= std::byte{0x10};
    REQUIRE(Decode(file).outcome != Outcome::kDecoded);
    byte ^= std::byte{0x10};
  }
  REQUIRE(Decode(file).outcome == Outcome::kDecoded);
}

TEST_CASE("a JPEG with a changed byte is decoded or refused") {
  JpegShape shape;
  shape.is_progressive = GENERATE(false, true);
  const std::byte flip = GENERATE(std::byte{0x01}, std::byte{0x80}, std::byte{0xff});
  Bytes file = MakeJpeg(shape);
  std::size_t refused = 0;
  for (std::byte& byte : file) {
    byte ^= flip;
    const auto reader = OpenPicture(file);
    const bool is_small = reader != nullptr && reader->ReadHeader() == Outcome::kDecoded &&
                          reader->width() * reader->height() < 100'000;
    refused += is_small && Decode(file).outcome == Outcome::kDecoded ? 0 : 1;
    byte ^= flip;
  }
  REQUIRE(refused > 0);
  REQUIRE(refused < file.size());
}

TEST_CASE("the header tells the size of a picture that would not fit into memory") {
  const Bytes file = MakePngHeader(PNG_UINT_31_MAX, 1'000'000);
  const auto reader = OpenPicture(file);
  REQUIRE(reader->ReadHeader() == Outcome::kDecoded);
  REQUIRE(reader->width() == PNG_UINT_31_MAX);
  REQUIRE(reader->height() == 1'000'000);
}

TEST_CASE("what is neither PNG nor JPEG has no reader") {
  const Bytes text(100, std::byte{'a'});
  REQUIRE(OpenPicture(text) == nullptr);
  REQUIRE(OpenPicture({}) == nullptr);
}

TEST_CASE("a written PNG reads back the same") {
  PngShape shape;
  shape.color_type = PNG_COLOR_TYPE_RGB_ALPHA;
  shape.width = GENERATE(1U, 13U, 256U);
  shape.height = GENERATE(1U, 9U, 256U);
  const Bytes pixels = PixelsOf(shape);
  Bytes file(PngSizeLimit(shape.width, shape.height));

  const std::uint64_t size = WritePng(pixels, shape.width, shape.height, file);
  REQUIRE(size > 0);
  file.resize(size);
  REQUIRE(Decode(file).pixels == pixels);

  file.resize(size - 1);
  REQUIRE(WritePng(pixels, shape.width, shape.height, file) == 0);
}

}  // namespace
}  // namespace samples::testing
