// Compressed pictures, read in two steps: first what the header declares, then the pixels, straight
// into memory of the caller. Between the two the caller decides whether the size is acceptable.
//
// The readers trust nothing in the bytes: every malformed input ends in an Outcome. They may be
// slow on malicious input (a deadline is the caller's affair), and they do not limit the size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "decoder.h"

namespace samples {

// One picture in one format. Use once: ReadHeader, then ReadPixels.
class PictureReader {
 public:
  PictureReader() = default;
  PictureReader(const PictureReader&) = delete;
  PictureReader& operator=(const PictureReader&) = delete;
  virtual ~PictureReader() = default;

  virtual Format format() const = 0;

  // Reads up to where the pixels begin. After kDecoded, width() and height() are positive.
  virtual Outcome ReadHeader() = 0;

  // Reads the pixels and all that follows them. `rgba` is width() * height() * 4 bytes; after
  // anything but kDecoded its content is arbitrary.
  virtual Outcome ReadPixels(std::span<std::byte> rgba) = 0;

  std::uint32_t width() const { return width_; }
  std::uint32_t height() const { return height_; }

 protected:
  std::uint32_t width_ = 0;
  std::uint32_t height_ = 0;
};

// The reader for what `file` begins with, or null when it is neither a PNG nor a JPEG. The bytes
// must outlive the reader.
std::unique_ptr<PictureReader> OpenPicture(std::span<const std::byte> file);

}  // namespace samples
