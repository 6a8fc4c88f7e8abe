// JPEG through libjpeg-turbo: grey, RGB, YCbCr, CMYK and YCCK become RGBA8.
#pragma once

#include <csetjmp>
#include <cstdio>

#include <jpeglib.h>

#include "samples/decoder/picture_reader.h"

namespace samples {

// libjpeg reports errors by calling back, and the call must not return: it jumps. The jumps stay
// between a member function here and libjpeg, and cross no object that has a destructor.
class JpegReader final : public PictureReader {
 public:
  explicit JpegReader(std::span<const std::byte> file);
  ~JpegReader() override;

  Format format() const override { return Format::kJpeg; }
  Outcome ReadHeader() override;
  Outcome ReadPixels(std::span<std::byte> rgba) override;

 private:
  [[noreturn]] static void OnError(j_common_ptr jpeg);
  // libjpeg goes on after damage with a warning and grey pixels. Here damage ends the picture.
  static void OnMessage(j_common_ptr jpeg, int level);

  void ReadRows(JSAMPROW rgba);

  std::span<const std::byte> file_;
  jpeg_error_mgr errors_ = {};
  jpeg_decompress_struct jpeg_ = {};
  std::jmp_buf jump_ = {};
};

}  // namespace samples
