#include "samples/decoder/picture_reader.h"

#include <algorithm>
#include <array>

#include "samples/decoder/jpeg_reader.h"
#include "samples/decoder/png_reader.h"

namespace samples {
namespace {

bool StartsWith(std::span<const std::byte> file, std::span<const std::uint8_t> signature) {
  return file.size() >= signature.size() &&
         std::equal(signature.begin(), signature.end(), file.begin(),
                    [](std::uint8_t wanted, std::byte seen) { return std::byte{wanted} == seen; });
}

constexpr std::array<std::uint8_t, 8> kPngSignature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
constexpr std::array<std::uint8_t, 2> kJpegSignature = {0xff, 0xd8};

}  // namespace

std::unique_ptr<PictureReader> OpenPicture(std::span<const std::byte> file) {
  if (StartsWith(file, kPngSignature)) return std::make_unique<PngReader>(file);
  if (StartsWith(file, kJpegSignature)) return std::make_unique<JpegReader>(file);
  return nullptr;
}

}  // namespace samples
