#include "samples/decoder/thumbnail.h"

#include <catch2/catch.hpp>
#include <vector>

namespace samples {
namespace {

using Pixels = std::vector<std::byte>;

Pixels Rgba(std::initializer_list<int> samples) {
  Pixels pixels;
  for (const int sample : samples) pixels.push_back(static_cast<std::byte>(sample));
  return pixels;
}

Pixels Shrunk(const Pixels& picture, PictureSize from, PictureSize to) {
  Pixels thumbnail(to.rgba_bytes());
  Shrink(picture, from, thumbnail, to);
  return thumbnail;
}

TEST_CASE("a thumbnail keeps the proportions and is never larger than the picture") {
  REQUIRE(ThumbnailSize({1, 1}) == PictureSize{1, 1});
  REQUIRE(ThumbnailSize({256, 256}) == PictureSize{256, 256});
  REQUIRE(ThumbnailSize({512, 256}) == PictureSize{256, 128});
  REQUIRE(ThumbnailSize({100, 1000}) == PictureSize{26, 256});
  REQUIRE(ThumbnailSize({64'000'000, 1}) == PictureSize{256, 1});
  REQUIRE(ThumbnailSize({1, 4'294'967'295}) == PictureSize{1, 256});
}

TEST_CASE("a pixel of a thumbnail is the average of those it stands for") {
  const Pixels picture = Rgba({0, 10, 20, 255, 100, 30, 20, 255,  //
                               0, 10, 20, 255, 101, 30, 20, 255});
  REQUIRE(Shrunk(picture, {2, 2}, {1, 1}) == Rgba({50, 20, 20, 255}));
  REQUIRE(Shrunk(picture, {2, 2}, {2, 1}) == Rgba({0, 10, 20, 255, 101, 30, 20, 255}));
  REQUIRE(Shrunk(picture, {2, 2}, {2, 2}) == picture);
}

TEST_CASE("what cannot be seen has no colour") {
  const Pixels picture = Rgba({200, 0, 0, 255, 0, 200, 0, 0});
  REQUIRE(Shrunk(picture, {2, 1}, {1, 1}) == Rgba({200, 0, 0, 128}));
  REQUIRE(Shrunk(Rgba({9, 9, 9, 0}), {1, 1}, {1, 1}) == Rgba({0, 0, 0, 0}));
}

TEST_CASE("every pixel counts, also when the sides do not divide") {
  const PictureSize from = {257, 300};
  Pixels picture(from.rgba_bytes(), std::byte{77});
  const PictureSize to = ThumbnailSize(from);
  REQUIRE(Shrunk(picture, from, to) == Pixels(to.rgba_bytes(), std::byte{77}));
  picture.back() = std::byte{0};  // the last pixel's alpha
  REQUIRE(Shrunk(picture, from, to).back() != std::byte{77});
}

}  // namespace
}  // namespace samples
