// Large pictures made small by a box filter: every pixel of the thumbnail is the average of the
// rectangle of pixels it stands for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace samples {

// In pixels, both positive.
struct PictureSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;

  std::uint64_t pixels() const { return std::uint64_t{width} * height; }
  std::uint64_t rgba_bytes() const { return pixels() * 4; }
  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

// The longer side of a thumbnail is at most this. Pixels.
inline constexpr std::uint32_t kThumbnailSide = 256;

// As large as fits, with the proportions of `picture`; never larger than the picture itself.
PictureSize ThumbnailSize(PictureSize picture);

// `picture` and `thumbnail` are RGBA8, as many bytes as their sizes say; the thumbnail is no larger
// than the picture in either direction. Colours weigh by their alpha, so what cannot be seen does
// not bleed into what can. The picture may be changed by somebody else meanwhile: the result is
// then arbitrary, and nothing worse.
void Shrink(std::span<const std::byte> picture, PictureSize picture_size,
            std::span<std::byte> thumbnail, PictureSize thumbnail_size);

}  // namespace samples
