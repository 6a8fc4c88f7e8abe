#include "samples/decoder/thumbnail.h"

#include <algorithm>
#include <array>
#include <vector>

namespace samples {
namespace {

// Sums over one rectangle. The colours are multiplied by alpha. Even a billion pixels fit.
struct Sum {
  std::array<std::uint64_t, 3> colors = {};
  std::uint64_t alpha = 0;
  std::uint64_t pixels = 0;
};

void Add(Sum& sum, const std::byte* pixel) {
  const auto alpha = std::to_integer<std::uint64_t>(pixel[3]);
  for (std::size_t i = 0; i < 3; ++i) {
    sum.colors[i] += std::to_integer<std::uint64_t>(pixel[i]) * alpha;
  }
  sum.alpha += alpha;
  ++sum.pixels;
}

// Rounded to the nearest; 0 of 0 is 0.
std::byte Ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? std::byte{0} : static_cast<std::byte>((part + whole / 2) / whole);
}

void Write(const Sum& sum, std::byte* pixel) {
  for (std::size_t i = 0; i < 3; ++i) pixel[i] = Ratio(sum.colors[i], sum.alpha);
  pixel[3] = Ratio(sum.alpha, sum.pixels);
}

// Where the box number `index` of `count` begins on a side of `length` pixels.
std::size_t BoxBegin(std::size_t index, std::size_t count, std::size_t length) {
  return index * length / count;
}

void AddRow(std::vector<Sum>& sums, const std::byte* row, std::size_t width) {
  for (std::size_t box = 0; box < sums.size(); ++box) {
    const std::size_t end = BoxBegin(box + 1, sums.size(), width);
    for (std::size_t x = BoxBegin(box, sums.size(), width); x < end; ++x) {
      Add(sums[box], row + x * 4);
    }
  }
}

std::uint32_t Scaled(std::uint32_t side, std::uint32_t longer) {
  const std::uint64_t scaled = (std::uint64_t{side} * kThumbnailSide + longer / 2) / longer;
  return std::max(static_cast<std::uint32_t>(scaled), 1U);
}

}  // namespace

PictureSize ThumbnailSize(PictureSize picture) {
  const std::uint32_t longer = std::max(picture.width, picture.height);
  if (longer <= kThumbnailSide) return picture;
  return {Scaled(picture.width, longer), Scaled(picture.height, longer)};
}

void Shrink(std::span<const std::byte> picture, PictureSize picture_size,
            std::span<std::byte> thumbnail, PictureSize thumbnail_size) {
  const std::size_t width = picture_size.width;
  std::byte* pixel = thumbnail.data();
  std::vector<Sum> sums(thumbnail_size.width);
  for (std::size_t box = 0; box < thumbnail_size.height; ++box) {
    std::ranges::fill(sums, Sum());
    const std::size_t end = BoxBegin(box + 1, thumbnail_size.height, picture_size.height);
    for (std::size_t y = BoxBegin(box, thumbnail_size.height, picture_size.height); y < end; ++y) {
      AddRow(sums, picture.data() + y * width * 4, width);
    }
    for (const Sum& sum : sums) {
      Write(sum, pixel);
      pixel += 4;
    }
  }
}

}  // namespace samples
