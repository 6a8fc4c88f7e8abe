// PNG through libpng: every colour type, depth and interlacing that it can read becomes RGBA8.
#pragma once

#include <png.h>

#include "samples/decoder/picture_reader.h"

namespace samples {

// libpng reports errors by longjmp. The jumps stay between a member function here and libpng, and
// cross no object that has a destructor.
class PngReader final : public PictureReader {
 public:
  explicit PngReader(std::span<const std::byte> file);
  ~PngReader() override;

  Format format() const override { return Format::kPng; }
  Outcome ReadHeader() override;
  Outcome ReadPixels(std::span<std::byte> rgba) override;

 private:
  static void Read(png_structp png, png_bytep to, std::size_t size);
  [[noreturn]] static void OnError(png_structp png, png_const_charp message);
  static void OnWarning(png_structp, png_const_charp) {}
  static png_voidp Allocate(png_structp png, png_alloc_size_t size);

  void AskForRgba();
  void ReadRows(png_bytep rgba);

  std::span<const std::byte> rest_;
  Outcome failure_ = Outcome::kCorrupt;  // what a jump from here on means
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

}  // namespace samples
